"""Dollars of an answer: every model that worked for it is in them, in Langfuse too."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest

from askbucket.answer.answering import Answering
from askbucket.answer.cache import Replies
from askbucket.answer.gauged import Gauged
from askbucket.answer.question import Question
from askbucket.answer.question_embedder import TracedEmbedder
from askbucket.answer.rerank import Judged
from askbucket.answer.sourcing import Sourcing
from askbucket.bill import billed, charge
from askbucket.embedders import EMBEDDERS, TITAN, BedrockEmbedder
from askbucket.errors import Unfinished
from askbucket.models import Hit, Usage
from askbucket.prices import embedding_usd
from askbucket.tracing import Tracer, Untraced
from tests.unit.answer.scripted import (
    LEASE,
    PETS,
    RENT_REPLY,
    USAGE,
    ScriptedChat,
    ScriptedRetriever,
    question,
)
from tests.unit.caught_spans import Caught
from tests.unit.counted import Counted

QUESTION_TOKENS = 50_000  # so that its dollars show beside the others
EMBEDDING_USD = embedding_usd(TITAN, QUESTION_TOKENS) or 0.0
RERANK_USD = 0.002


class Embedding:
    """One vector for every question, at Titan's price."""

    spec = EMBEDDERS[TITAN]
    tokens = 0

    def embed_all(self, texts: Sequence[str]) -> list[None]:
        return [None] * len(texts)

    def embed_question(self, text: str) -> list[float]:  # noqa: ARG002
        charge(Usage(QUESTION_TOKENS, usd=embedding_usd(TITAN, QUESTION_TOKENS)))
        return [1.0]


class Searching(ScriptedRetriever):
    """Embeds the question before it finds what it was given."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__(LEASE, PETS)
        self._embedder = TracedEmbedder(Embedding(), tracer)

    def __call__(self, question: str, **how: Any) -> list[Hit]:
        self._embedder.embed_question(question)
        return super().__call__(question, **how)


class Reranking:
    model_id = "amazon.rerank-v1:0"
    candidates = 10

    def judge(self, question: str, texts: Sequence[str]) -> Judged:  # noqa: ARG002
        return Judged((0.9,) * len(texts), Usage(usd=RERANK_USD))


class Kept(dict[tuple[str, str], str]):
    """A cache in memory."""

    def get(self, tenant: str, name: str) -> str | None:  # type: ignore[override]
        return super().get((tenant, name))

    def put(self, tenant: str, name: str, text: str) -> None:
        self[tenant, name] = text


@pytest.fixture
def caught() -> Iterator[Caught]:
    caught = Caught()
    yield caught
    caught.close()


def asked(tracer: Tracer, replies: Replies | None = None) -> Answering:
    chat: Any = ScriptedChat(RENT_REPLY)
    sourcing = Sourcing(Searching(tracer), tracer, Reranking())
    return Answering(sourcing, chat, tracer, 1000, replies=replies)


def told(caught: Caught) -> float:
    """The sum of a trace's dollars, as Langfuse adds them up."""
    costs = (
        span.attributes.get("langfuse.observation.cost_details") for span in caught.spans().values()
    )
    return sum(json.loads(cost)["total"] for cost in costs if cost)


@pytest.mark.parametrize("by_stream", [False, True])
def test_the_question_s_embedding_the_reranking_and_the_reply_are_paid_and_traced(
    caught: Caught, by_stream: bool
) -> None:
    answering = asked(caught.tracer)
    traced: Any = (
        list(answering.stream(question()))[-1] if by_stream else answering.answer(question())
    )

    usage = traced.answer.usage
    assert usage.usd == pytest.approx(EMBEDDING_USD + RERANK_USD + (USAGE.usd or 0))
    assert (usage.input_tokens, usage.output_tokens) == (100, 20)  # of prompt and reply alone
    assert told(caught) == pytest.approx(usage.usd)


def test_a_reply_from_the_cache_costs_what_finding_its_sources_did(caught: Caught) -> None:
    answering = asked(caught.tracer, Replies(Kept(), "800"))
    answering.answer(question())
    caught.forget()

    answer = answering.answer(question()).answer

    assert answer.cached
    assert answer.usage == Usage(0, 0, pytest.approx(EMBEDDING_USD + RERANK_USD))
    assert told(caught) == pytest.approx(answer.usage.usd)


class Together:
    """A Bedrock client that answers two calls at once, each with as many tokens as letters."""

    def __init__(self) -> None:
        self._both = Barrier(2)

    def invoke_model(self, *, body: str, **_: Any) -> Any:
        self._both.wait()
        tokens = len(json.loads(body)["inputText"])
        headers = {"x-amzn-bedrock-input-token-count": str(tokens)}
        return {
            "body": io.BytesIO(b'{"embedding": [1.0]}'),
            "ResponseMetadata": {"HTTPHeaders": headers},
        }


def test_questions_asked_at_the_same_time_pay_for_their_own_tokens() -> None:
    embedder = BedrockEmbedder(Together(), EMBEDDERS[TITAN], 1)

    def tokens(text: str) -> int:
        with billed() as bill:
            embedder.embed_question(text)
        return bill.usage.input_tokens

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(tokens, ("abc", "x" * 40))) == [3, 40]
    assert embedder.tokens == 43


def test_a_bill_has_what_was_spent_inside_and_none_from_before_or_after() -> None:
    charge(Usage(1, 1, 1.0))
    with billed() as outer:
        with suppress(ValueError), billed() as inner:
            charge(Usage(2, 0, 0.5))
            raise ValueError
        charge(Usage(1, 0, 0.25))
    charge(Usage(1, 1, 1.0))
    assert inner.usage == Usage(2, 0, 0.5)
    assert outer.usage == Usage(3, 0, 0.75)


class Cut:
    """A summary whose time is over after so many dollars."""

    def __init__(self, usd: float | None) -> None:
        self._usd = usd

    def answer(self, question: Question) -> Any:  # noqa: ARG002
        raise Unfinished(2, 9, self._usd)

    def stream(self, question: Question) -> Any:
        yield self.answer(question)


@pytest.mark.parametrize("by_stream", [False, True])
def test_parts_of_a_summary_that_no_reply_tells_of_are_counted(by_stream: bool) -> None:
    metrics = Counted()
    gauged = Gauged(Cut(0.02), metrics)
    with pytest.raises(Unfinished):
        list(gauged.stream(question())) if by_stream else gauged.answer(question())
    assert metrics.sums == {"dollars answer": 0.02}


def test_what_has_no_price_is_not_counted_as_nothing() -> None:
    metrics = Counted()
    with pytest.raises(Unfinished):
        Gauged(Cut(None), metrics).answer(question())
    assert metrics.sums == {}
    assert asked(Untraced()).answer(question()).answer.usage.usd
