"""Questions within a session, with a model and a manifest that a test writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from askbucket.answer.conversing import Conversing
from askbucket.answer.question import Caller, Question, Scope, Traced
from askbucket.answer.records import Records
from askbucket.answer.rewriting import Rewriting
from askbucket.answer.sessions import Sessions
from askbucket.models import Usage
from askbucket.tracing import Tracer, Untraced
from tests.unit.answer.parts import NOW, ReadOnlyManifest, entry
from tests.unit.answer.scripted import (
    LEASE,
    RENT_REPLY,
    USAGE,
    ScriptedChat,
    answering,
)
from tests.unit.caught_spans import Caught
from tests.unit.lambdas.parts import made_answers_table

FIRST = "How much is the rent?"
FOLLOW_UP, STANDING = "When is it due?", "When is the rent due?"


class Stack:
    """A session's parts; `rewriter` and `retriever` remember what they were asked."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self.manifest = ReadOnlyManifest(entry())
        self.rewriter = ScriptedChat(STANDING)
        self.sessions = Sessions(Records(made_answers_table(), lambda: NOW), hours=24)
        self.answering = answering(ScriptedChat(RENT_REPLY), [LEASE], tracer=tracer)
        self.retriever: Any = self.answering._sourcing._retriever
        manifest: Any = self.manifest
        self.conversing = Conversing(
            self.answering,
            self.sessions,
            Rewriting(self.rewriter, tracer or Untraced()),
            manifest=manifest,
            tracer=tracer or Untraced(),
            clock=lambda: NOW,
        )

    def ask(self, text: str) -> Traced:
        return self.conversing.answer(question(text))

    @property
    def shown_to_the_rewriter(self) -> str:
        return self.rewriter.prompts[-1][1]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture
def stack() -> Stack:
    return Stack()


def question(text: str) -> Question:
    return Question(text, "default", 5, Scope(), "s", "anna")


def test_the_first_question_is_asked_as_it_is_and_costs_nothing_more(stack: Stack) -> None:
    traced = stack.ask(FIRST)

    assert stack.rewriter.prompts == []
    assert (traced.rewritten, traced.answer.usage) == (None, USAGE)
    (turn,) = stack.sessions.get(Caller("default", "anna"), "s").turns
    assert (turn.question, turn.answer) == (FIRST, "You pay 1,577 euros. [1]")
    assert [(c.chunk_id, c.document_id, c.generation) for c in turn.cited] == [
        (LEASE.chunk_id, LEASE.document_id, LEASE.generation)
    ]


def test_a_follow_up_is_searched_for_as_rewritten_and_pays_for_it(stack: Stack) -> None:
    stack.ask(FIRST)

    traced = stack.ask(FOLLOW_UP)

    assert stack.retriever.asked[-1]["question"] == STANDING
    assert traced.rewritten == STANDING
    assert traced.answer.usage == USAGE + USAGE
    assert FIRST in stack.shown_to_the_rewriter
    assert "You pay 1,577 euros." in stack.shown_to_the_rewriter


def test_what_the_model_makes_no_question_of_is_asked_as_it_came(stack: Stack) -> None:
    stack.ask(FIRST)
    stack.rewriter.text = "On the third working day."

    traced = stack.ask(FOLLOW_UP)

    assert stack.retriever.asked[-1]["question"] == FOLLOW_UP
    assert traced.rewritten is None
    assert traced.answer.usage.usd == pytest.approx((USAGE + USAGE).usd)


def test_a_stream_is_a_turn_too(stack: Stack) -> None:
    stack.ask(FIRST)

    *tokens, last = stack.conversing.stream(question(FOLLOW_UP))

    assert tokens
    assert isinstance(last, Traced)
    assert last.rewritten == STANDING
    turns = stack.sessions.get(Caller("default", "anna"), "s").turns
    assert [turn.question for turn in turns] == [FIRST, FOLLOW_UP]


@pytest.mark.parametrize(
    "now",
    [
        entry(active=None),
        entry(active=9),
        entry(tenant="another"),
    ],
    ids=["deleted", "overwritten", "another tenant's"],
)
def test_an_answer_from_a_document_that_changed_is_not_shown_again(stack: Stack, now: Any) -> None:
    stack.ask(FIRST)
    stack.manifest.put(now)

    stack.ask(FOLLOW_UP)

    assert FIRST in stack.shown_to_the_rewriter
    assert "1,577" not in stack.shown_to_the_rewriter


def test_nor_is_a_question_that_was_rewritten_with_it_in_sight(stack: Stack) -> None:
    stack.ask(FIRST)
    stack.rewriter.text = "When are the 1,577 euros due?"
    stack.ask(FOLLOW_UP)
    stack.manifest.put(entry(active=None))
    stack.retriever.hits = []

    stack.ask("And then?")

    assert FOLLOW_UP in stack.shown_to_the_rewriter
    assert "1,577" not in stack.shown_to_the_rewriter


def test_rewriting_is_a_span_of_its_own_in_one_trace() -> None:
    caught = Caught()
    stack = Stack(caught.tracer)
    stack.ask(FIRST)
    caught.spans()
    caught.forget()

    traced = stack.ask(FOLLOW_UP)

    spans = caught.spans()
    caught.close()
    assert {"follow-up", "rewriting", "question"} <= set(spans)
    assert len({span.context.trace_id for span in spans.values()}) == 1
    assert f"{spans['rewriting'].context.trace_id:032x}" == traced.trace_id
    assert spans["rewriting"].parent.span_id == spans["follow-up"].context.span_id


def test_usage_without_tokens_is_counted_too(stack: Stack) -> None:
    stack.retriever.hits = []

    traced = stack.ask(FIRST)

    assert (traced.answer.answered, traced.answer.usage) == (False, Usage())
