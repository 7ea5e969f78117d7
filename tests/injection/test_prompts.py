"""Every prompt: no text in it can end its block, begin another, or hide in it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import askbucket.answer
from askbucket.answer.prompt import user_message
from askbucket.answer.sealing import PROMPT_BUILDERS
from askbucket.models import Hit
from askbucket.visible import visible
from tests.injection.prompts import HOSTILE, Element, arguments, neutral, parsed
from tests.unit.answer.parts import hit

PACKAGE = Path(askbucket.answer.__path__[0]).parent
Build = Callable[..., str]
ASKING = ("reply", "stream")

for _module in pkgutil.walk_packages(askbucket.answer.__path__, "askbucket.answer."):
    importlib.import_module(_module.name)


def is_sealed(build: Build, given_: dict[str, Any]) -> bool:
    """Whether the prompt's blocks are those it has with harmless texts, and nothing is unseen."""
    message = build(**given_)
    try:
        shape = parsed(message).shape
    except ValueError:
        return False
    return shape == parsed(build(**neutral(given_))).shape and visible(message) == message


@pytest.mark.parametrize("build", PROMPT_BUILDERS, ids=lambda build: build.__name__)
def test_no_text_changes_the_blocks_of_a_prompt(build: Build) -> None:
    @settings(max_examples=60, deadline=None)
    @given(given_=arguments(build))
    def holds(given_: dict[str, Any]) -> None:
        assert is_sealed(build, given_)

    holds()


def _hit(text: str, context: str, key: str) -> Hit:
    found = hit(text)
    object.__setattr__(found, "document", key)
    object.__setattr__(found, "context", context)
    return found


HITS = st.lists(st.builds(_hit, HOSTILE, HOSTILE, HOSTILE), max_size=4)


@settings(max_examples=60, deadline=None)
@given(hits=HITS, question=HOSTILE)
def test_the_prompt_of_an_answer_reads_back_as_what_went_in(
    hits: Sequence[Hit], question: str
) -> None:
    sources, asked = (e for e in parsed(user_message(question, hits)).inside if e != "\n")

    assert isinstance(sources, Element)
    assert asked == Element("question", {}, _texts(visible(question)))
    blocks = [each for each in sources.inside if isinstance(each, Element)]
    assert [each.attributes["id"] for each in blocks] == [str(n + 1) for n in range(len(hits))]
    assert [each.attributes.get("document", "") for each in blocks] == [
        visible(each.document) for each in hits
    ]
    assert [_read(each) for each in blocks] == [(visible(h.context), visible(h.text)) for h in hits]


def _read(source: Element) -> tuple[str, str]:
    """Context and text of a source."""
    contexts = [each for each in source.inside if isinstance(each, Element)]
    context = "".join(map(str, contexts[0].inside)) if contexts else ""
    text = "".join(each for each in source.inside if isinstance(each, str))
    return context, text[2 if contexts else 1 : -1]


def _texts(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _joined(question: str, hits: Sequence[Hit], seal: Build, seal_context: Build) -> str:
    sources = "\n".join(
        f'<source id="{n}">\n<context>{seal_context(each.context)}</context>\n{seal(each.text)}\n'
        "</source>"
        for n, each in enumerate(hits, 1)
    )
    return f"<sources>\n{sources}\n</sources>\n<question>{seal(question)}</question>"


def without_escaping(question: str, hits: Sequence[Hit]) -> str:
    return _joined(question, hits, visible, visible)


def with_bare_contexts(question: str, hits: Sequence[Hit]) -> str:
    return _joined(question, hits, lambda text: escape(visible(text)), visible)


def with_bare_names(question: str, hits: Sequence[Hit]) -> str:
    sources = "".join(f'<source document="{escape(visible(h.document))}">x</source>' for h in hits)
    return f"<sources>{sources}</sources>"


def with_unseen_letters(question: str, hits: Sequence[Hit]) -> str:
    return _joined(question, hits, escape, escape)


def with_half_an_escape(question: str, hits: Sequence[Hit]) -> str:
    def seal(text: str) -> str:
        return visible(text).replace("</source>", "")

    return _joined(question, hits, seal, seal)


@pytest.mark.parametrize(
    "build",
    [
        without_escaping,
        with_bare_contexts,
        with_bare_names,
        with_unseen_letters,
        with_half_an_escape,
    ],
)
def test_a_prompt_that_seals_less_is_caught(build: Build) -> None:
    find(
        arguments(build),
        lambda given_: not is_sealed(build, given_),
        settings=settings(max_examples=1000, database=None, phases=[Phase.generate]),
    )


def test_every_message_to_a_chat_model_is_made_by_a_prompt_builder() -> None:
    builders = {build.__name__ for build in PROMPT_BUILDERS}
    modules = [path.relative_to(PACKAGE).as_posix() for path in sorted(PACKAGE.rglob("*.py"))]

    sent = [
        (module, call.lineno, made)
        for module in modules
        for call, made in _sent(ast.parse((PACKAGE / module).read_text("utf-8")))
    ]

    assert {module for module, _, _ in sent} >= {"answer/answering.py"}
    assert [each for each in sent if each[2] not in builders] == []


def test_a_message_that_is_written_in_place_is_caught() -> None:
    written = 'def ask(self, text):\n    return self._chat.reply(SYSTEM, f"<q>{text}</q>")'

    assert [made for _, made in _sent(ast.parse(written))] == [None]


def _sent(tree: ast.Module) -> Iterator[tuple[ast.Call, str | None]]:
    """Every call of a chat model's `reply` and `stream`, and what made its message. Functions of
    these names are chat models themselves, and hand on what they were given."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name in ASKING:
            continue
        made = dict(_made(function))
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _asks_a_model(node):
                message = node.args[1]
                name = made.get(message.id) if isinstance(message, ast.Name) else _called(message)
                yield node, name


def _made(function: ast.FunctionDef) -> Iterator[tuple[str, str | None]]:
    """The function's names, each with what its value was called from."""
    for node in ast.walk(function):
        for target in node.targets if isinstance(node, ast.Assign) else ():
            several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            names = target.elts if several else [target]
            values = node.value.elts if several else [node.value]
            for name, value in zip(names, values, strict=True):
                yield ast.unparse(name), _called(value)


def _asks_a_model(call: ast.Call) -> bool:
    """By method and arguments, whatever the model goes by: system prompt, message."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in ASKING and len(call.args) > 1


def _called(value: ast.expr | None) -> str | None:
    if not isinstance(value, ast.Call):
        return None
    return ast.unparse(value.func).rpartition(".")[2]
