"""Answering, measured and told of in the log: how long, how much, and from what.

It stands around what answers, and changes none of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing, contextmanager

from askbucket.answer.chat import Chat, Reply
from askbucket.answer.question import Answerer, Question, Retrieve, Scope, Traced
from askbucket.errors import Unfinished
from askbucket.log import event as log
from askbucket.metrics import DOLLARS, QUESTION_SECONDS, QUESTIONS, TOKENS, Metrics
from askbucket.models import Answer, Hit

Seconds = Callable[[], float]


class Gauged:
    """The same answers; each is counted, and told of with the documents it cites."""

    def __init__(
        self, answers: Answerer, metrics: Metrics, seconds: Seconds = time.perf_counter
    ) -> None:
        self._answers = answers
        self._metrics = metrics
        self._seconds = seconds

    def answer(self, question: Question) -> Traced:
        began = self._seconds()
        with _parts_paid(self._metrics):
            traced = self._answers.answer(question)
        self._tell(traced, began)
        return traced

    def stream(self, question: Question) -> Generator[str | Traced, None, None]:
        began = self._seconds()
        with _parts_paid(self._metrics), closing(self._answers.stream(question)) as pieces:
            for piece in pieces:
                if isinstance(piece, Traced):
                    self._tell(piece, began)
                yield piece

    def _tell(self, traced: Traced, began: float) -> None:
        answer = traced.answer
        count_answer(self._metrics, answer)
        log(
            "question_answered",
            trace_id=traced.trace_id,
            answered=answer.answered,
            model=answer.model,
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            usd=answer.usage.usd,
            duration_ms=self._since(began),
            documents=_used([each.hit for each in answer.citations]),
        )

    def _since(self, began: float) -> int:
        return round((self._seconds() - began) * 1000)


class GaugedChat:
    """The same model; the seconds of each reply are counted."""

    def __init__(self, chat: Chat, metrics: Metrics, seconds: Seconds = time.perf_counter) -> None:
        self.model_id = chat.model_id
        self._chat = chat
        self._metrics = metrics
        self._seconds = seconds

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        with _timed(self._metrics, "generation", self._seconds):
            return self._chat.reply(system, user, max_tokens=max_tokens)

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Reply]:
        with _timed(self._metrics, "generation", self._seconds):
            yield from self._chat.stream(system, user, max_tokens=max_tokens)


class GaugedRetriever:
    """The same search; its seconds are counted."""

    def __init__(
        self, retrieve: Retrieve, metrics: Metrics, seconds: Seconds = time.perf_counter
    ) -> None:
        self._retrieve = retrieve
        self._metrics = metrics
        self._seconds = seconds

    def __call__(
        self,
        question: str,
        *,
        scope: Scope,
        tenant: str,
        top_k: int,
        groups: Collection[str] = (),
    ) -> list[Hit]:
        with _timed(self._metrics, "retrieval", self._seconds):
            return self._retrieve(question, scope=scope, tenant=tenant, top_k=top_k, groups=groups)


def count_answer(metrics: Metrics, answer: Answer) -> None:
    """One question, with what its answer took."""
    metrics.count(QUESTIONS, outcome="answered" if answer.answered else "abstained")
    metrics.count(TOKENS, answer.usage.input_tokens, direction="in")
    metrics.count(TOKENS, answer.usage.output_tokens, direction="out")
    _count_dollars(metrics, answer.usage.usd)


def _count_dollars(metrics: Metrics, usd: float | None) -> None:
    if usd is not None:  # the price of the model is known
        metrics.count(DOLLARS, usd, part="answer")


@contextmanager
def _parts_paid(metrics: Metrics) -> Iterator[None]:
    """Counts the parts of a summary that no reply tells of: a repeat has them for nothing."""
    try:
        yield
    except Unfinished as error:
        _count_dollars(metrics, error.usd)
        raise


@contextmanager
def _timed(metrics: Metrics, part: str, seconds: Seconds) -> Iterator[None]:
    """Counts what ends well: a refusal's few milliseconds say nothing of an answer's."""
    began = seconds()
    yield
    metrics.count(QUESTION_SECONDS, seconds() - began, part=part)


def _used(hits: list[Hit]) -> list[dict[str, object]]:
    """Document ids and the generations that were read, each once."""
    used = dict.fromkeys((hit.document_id, hit.generation) for hit in hits)
    return [{"document": document, "generation": generation} for document, generation in used]
