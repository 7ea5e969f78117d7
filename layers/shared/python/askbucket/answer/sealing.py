"""How text gets into a prompt: as data that cannot end its block, open another or hide in it.

Every message to a chat model is made by a function marked `prompt_builder`, out of `block`,
`attribute` and `sealed`; tests hold every such function to it, so that no prompt is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from askbucket.visible import visible

_Builder = TypeVar("_Builder", bound=Callable[..., str])
PROMPT_BUILDERS: list[Callable[..., Any]] = []


def prompt_builder(build: _Builder) -> _Builder:
    """Marks a function whose result is sent to a chat model as a user's message."""
    PROMPT_BUILDERS.append(build)
    return build


def sealed(text: str) -> str:
    """The text as a person sees it, with `&`, `<` and `>` escaped."""
    return escape(visible(text))


def attribute(text: str) -> str:
    """The text in double quotation marks, sealed, line ends and all of it on one line."""
    return '"' + escape(visible(text), {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}) + '"'


def block(tag: str, text: str) -> str:
    """`<tag>text</tag>` with the text sealed; the tag is ours."""
    return f"<{tag}>{sealed(text)}</{tag}>"
