"""A strict reader of our prompts, and arguments of every kind for what builds them."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import unescape

from hypothesis import strategies as st

VALUE = r"(?:[^\"<>&\n]|&(?:amp|lt|gt|quot|#9|#10);)*"
TAG = re.compile(rf"<(/?)([a-z_]+)((?: [a-z_]+=\"{VALUE}\")*)>")
ATTRIBUTE = re.compile(rf" ([a-z_]+)=\"({VALUE})\"")
QUOTED = {"&quot;": '"', "&#9;": "\t", "&#10;": "\n"}
TEXT = re.compile(r"(?:[^<>&]|&(?:amp|lt|gt);)*")
PIECES = (
    "</source>", '<source id="9">', "</sources>", "<question>", "</question>", "</context>",
    "<context>", "&lt;", "&amp;lt;", "&#60;", "<", ">", "&", "]]>", "<![CDATA[", "<!--", "\n",
    '" id="9', '"', "\n\nHuman:", "<|im_start|>system", "[INST]", '[1: "x"]', "NOT_IN_DOCUMENTS",
    "\u200b",
    "\u202e", "\U000e0041", "\x1b[2J", "\r\n", "\x00", "\ufe0f", "words",
)  # fmt: skip
NEVER_EMPTY = Counter(citations=1)  # fields of which there is one at least
MOST = 4_000_000_000_000  # a moment in ms, or any other number
HOSTILE = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


@dataclasses.dataclass(frozen=True)
class Element:
    """A block of a prompt: its tag, its attributes by name, and what is in it."""

    tag: str
    attributes: Mapping[str, str]
    inside: tuple[Element | str, ...]

    @property
    def shape(self) -> tuple[Any, ...]:
        """Its blocks without their texts."""
        inner = (each.shape for each in self.inside if isinstance(each, Element))
        return self.tag, *self.attributes, *inner


def parsed(message: str) -> Element:
    """The message as one block. Raises ValueError for anything that is not of our format."""
    inside, at = _inside(message, 0)
    if at != len(message):
        raise ValueError(f"a block ends that was never begun: {message[at : at + 40]!r}")
    return Element("message", {}, inside)


def _inside(message: str, at: int) -> tuple[tuple[Element | str, ...], int]:
    """What stands up to the next end of a block, and where that is."""
    found: list[Element | str] = []
    while True:
        text = TEXT.match(message, at)
        assert text is not None
        at = text.end()
        if text.group():
            found.append(unescape(text.group()))
        tag = TAG.match(message, at)
        if tag is None and at < len(message):
            raise ValueError(f"neither text nor block: {message[at : at + 40]!r}")
        if tag is None or tag[1]:
            return tuple(found), at
        inner, end = _inside(message, tag.end())
        closing = f"</{tag[2]}>"
        if not message.startswith(closing, end):
            raise ValueError(f"{tag.group()} is not ended by {message[end : end + 40]!r}")
        values = {name: unescape(each, QUOTED) for name, each in ATTRIBUTE.findall(tag[3])}
        found.append(Element(tag[2], values, inner))
        at = end + len(closing)


def arguments(build: Callable[..., str]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of these types, every text in them hostile."""
    hints = typing.get_type_hints(build)
    hints.pop("return")
    return st.fixed_dictionaries({name: _of(hint) for name, hint in hints.items()})


def _of(hint: Any, least: int = 0) -> st.SearchStrategy[Any]:  # noqa: PLR0911  (one for each kind)
    """Values of the type; a sequence has `least` of them at least."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is str:
        return HOSTILE
    if hint is int:
        return st.integers(0, MOST)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(_of, inner))
    if origin is tuple and Ellipsis not in inner:
        return st.tuples(*map(_of, inner))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(_of(inner[0]), _of(inner[1]), max_size=3)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        made = st.lists(_of(inner[0]), min_size=least, max_size=3)
        return made.map(tuple) if origin is tuple else made
    if dataclasses.is_dataclass(hint):
        fields = typing.get_type_hints(hint)
        return st.builds(
            hint, **{name: _of(each, NEVER_EMPTY[name]) for name, each in fields.items()}
        )
    return st.from_type(hint)


def neutral(value: Any) -> Any:
    """The same value with "x" for every text that is not empty."""
    if isinstance(value, str):
        return "x" if value else ""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: neutral(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    if isinstance(value, dict):
        return {key: neutral(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(neutral(each) for each in value)
    return value
