"""The prompts of rewriting and of summaries read back as exactly what went into them."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from askbucket.answer import rewriting
from askbucket.answer.rewriting import ANSWER_CHARS, Past
from askbucket.answer.summary import prompt as summary
from askbucket.answer.summary.claims import Claim
from askbucket.models import Citation, Hit
from askbucket.visible import visible
from tests.injection.prompts import HOSTILE, Element, parsed
from tests.unit.answer.parts import hit

LONG = HOSTILE.map(lambda text: text * 40)
PAST = st.builds(Past, HOSTILE, st.one_of(st.none(), HOSTILE, LONG))


def _hit(text: str, context: str, key: str, page: int | None) -> Hit:
    found = hit(text, key=key, page=page)
    object.__setattr__(found, "context", context)
    return found


HITS = st.lists(
    st.builds(_hit, HOSTILE, HOSTILE, HOSTILE, st.one_of(st.none(), st.integers(1, 999))),
    max_size=3,
)
CLAIMS = HITS.map(
    lambda hits: [Claim(each.text, (Citation(0, each.text, (), each),)) for each in hits]
)


def conversation_reads_back(question: str, history: Sequence[Past]) -> bool:
    told, asked = _blocks(parsed(rewriting.user_message(question, history)))
    turns = [[(each.tag, _text(each)) for each in _blocks(turn)] for turn in _blocks(told)]
    return (_text(asked), turns) == (visible(question), [_turn(past) for past in history])


def _turn(past: Past) -> list[tuple[str, str]]:
    answer = past.answer
    if answer is None:
        return [("asked", visible(past.question))]
    cut = answer if len(answer) <= ANSWER_CHARS else f"{answer[:ANSWER_CHARS]}…"
    return [("asked", visible(past.question)), ("answered", visible(cut))]


def group_reads_back(hits: Sequence[Hit]) -> bool:
    told, task = _blocks(parsed(summary.group_message(hits)))
    sources = [(each.attributes, *_source(each)) for each in _blocks(told)]
    wanted = [
        ({"id": str(n)}, visible(each.context), visible(each.text))
        for n, each in enumerate(hits, 1)
    ]
    return (_text(task), sources) == ("summary", wanted)


def _source(source: Element) -> tuple[str, str]:
    """Context and text."""
    contexts = _blocks(source)
    text = "".join(each for each in source.inside if isinstance(each, str))
    return "".join(map(_text, contexts)), text[1 + bool(contexts) : -1]


def claims_read_back(question: str, claims: Sequence[Claim]) -> bool:
    told, asked = _blocks(parsed(summary.claims_message(question, claims)))
    read = [(dict(each.attributes), _text(each)) for each in _blocks(told)]
    return (_text(asked), read) == (
        visible(question),
        [(_about(n, each), visible(each.text)) for n, each in enumerate(claims, 1)],
    )


def _about(number: int, claim: Claim) -> dict[str, str]:
    found = claim.citations[0].hit
    page = {"page": str(found.page)} if found.page is not None else {}
    return {"id": str(number), "document": visible(found.document), **page}


def _blocks(element: Element) -> list[Element]:
    return [each for each in element.inside if isinstance(each, Element)]


def _text(element: Element) -> str:
    assert not _blocks(element)
    return "".join(map(str, element.inside))


@settings(max_examples=60, deadline=None)
@given(question=HOSTILE, history=st.lists(PAST, max_size=4))
def test_a_conversation_reads_back(question: str, history: Sequence[Past]) -> None:
    assert conversation_reads_back(question, history)


@settings(max_examples=60, deadline=None)
@given(hits=HITS)
def test_a_group_of_sources_reads_back(hits: Sequence[Hit]) -> None:
    assert group_reads_back(hits)


@settings(max_examples=60, deadline=None)
@given(question=HOSTILE, claims=CLAIMS)
def test_claims_read_back(question: str, claims: Sequence[Claim]) -> None:
    assert claims_read_back(question, claims)


def bare_block(tag: str, text: str) -> str:
    return f"<{tag}>{visible(text)}</{tag}>"


def with_ends_taken_out(tag: str, text: str) -> str:
    return f"<{tag}>{visible(text).replace(f'</{tag}>', '')}</{tag}>"


def with_unseen(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>"


def without_marks(text: str) -> str:
    """Nothing can end a block, and what was said is another thing."""
    return visible(text).translate(dict.fromkeys(map(ord, "<>&")))


def half_quoted(text: str) -> str:
    return '"' + escape(visible(text)) + '"'


CONVERSATION = st.tuples(HOSTILE, st.lists(PAST, min_size=1, max_size=2)), conversation_reads_back
GROUP = st.tuples(HITS), group_reads_back
ASKED_CLAIMS = st.tuples(HOSTILE, CLAIMS), claims_read_back


@pytest.mark.parametrize(
    ("module", "name", "broken", "kind"),
    [
        (rewriting, "block", bare_block, CONVERSATION),
        (rewriting, "block", with_ends_taken_out, CONVERSATION),
        (rewriting, "block", with_unseen, CONVERSATION),
        (summary, "block", bare_block, GROUP),
        (summary, "sealed", visible, GROUP),
        (summary, "sealed", without_marks, GROUP),
        (summary, "sealed", visible, ASKED_CLAIMS),
        (summary, "attribute", half_quoted, ASKED_CLAIMS),
        (summary, "block", bare_block, ASKED_CLAIMS),
    ],
)
def test_a_prompt_that_seals_less_is_caught(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, broken: Any, kind: Any
) -> None:
    given_, reads_back = kind
    monkeypatch.setattr(module, name, broken)

    def is_broken(parts: Any) -> bool:
        try:
            return not reads_back(*parts)
        except (ValueError, AssertionError):
            return True

    find(
        given_,
        is_broken,
        settings=settings(max_examples=1000, database=None, phases=[Phase.generate]),
    )
