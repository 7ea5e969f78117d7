"""The other ways to ask about a hostile document: as a stream, in a conversation, for a summary.

In a conversation what a document ordered comes back as a former answer, and may be obeyed by the
model that rewrites the next question. For a summary it is told once as a claim, which the next
model is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from askbucket.answer.answering import Answering
from askbucket.answer.chat import Chat
from askbucket.answer.conversing import Conversing
from askbucket.answer.question import Answerer, Question, Scope, Traced
from askbucket.answer.rewriting import Rewriting
from askbucket.answer.sessions import Session, Turn
from askbucket.answer.sourcing import Sourcing
from askbucket.answer.summary.reducing import Reducing
from askbucket.answer.summary.scope import WholeDocument
from askbucket.answer.summary.stored import GroupSummaries
from askbucket.answer.summary.summarising import Summarising
from askbucket.entry import Entry
from askbucket.models import Document, Hit, Status
from askbucket.tracing import Untraced
from evals.injection.faults import faults, told
from evals.injection.hostile import QUESTION
from evals.injection.obeying import CopyingChat, RewritingChat

CONTEXT_TOKENS = 6000  # as the settings'
FOLLOW_UP = "When is it due?"
ASKED = Question(QUESTION, "default", 5, Scope(), session_id="s", subject="anna")


def faults_of_ways(hits: Sequence[Hit], chat: Chat) -> Iterator[str]:
    """In plain words, with the way in which each came about."""
    for way, answerer, question in _ways(hits, chat):
        *tokens, last = answerer.stream(question)
        assert isinstance(last, Traced)  # noqa: S101  (a stream ends with it)
        found = (
            *told("".join(map(str, tokens))),
            *faults(last.answer),
            *told(last.rewritten or ""),
        )
        yield from (f"{fault} ({way})" for fault in found)


def _ways(hits: Sequence[Hit], chat: Chat) -> Iterator[tuple[str, Answerer, Question]]:
    yield "streamed", _answering(hits, chat), ASKED
    yield "summarised", _summarising(hits, chat), ASKED
    for rewriter in (chat, RewritingChat(chat)):
        conversing = _conversing(hits, chat, rewriter)
        yield "conversing", conversing, _named(FOLLOW_UP)


def _named(text: str) -> Question:
    return Question(text, "default", 5, Scope(), session_id="s", subject="anna")


def _answering(hits: Sequence[Hit], chat: Chat) -> Answering:
    retriever: Any = lambda *_, **__: list(hits)  # noqa: E731
    return Answering(Sourcing(retriever, Untraced()), chat, Untraced(), CONTEXT_TOKENS)


def _summarising(hits: Sequence[Hit], chat: Chat) -> Summarising:
    """Of the hits as one document; what is summarised is kept nowhere."""
    held: Any = _Held(hits)
    return Summarising(
        held,
        held,
        GroupSummaries(chat, held, held, Untraced()),
        Reducing(chat, Untraced(), CONTEXT_TOKENS),
        tracer=Untraced(),
        seconds=60,
    )


def _conversing(hits: Sequence[Hit], chat: Chat, rewriter: Chat) -> Conversing:
    """After a first question whose answer was the document's own words."""
    held: Any = _Held(hits)
    first = _answering(hits, CopyingChat())
    parts: dict[str, Any] = {"manifest": held, "tracer": Untraced(), "clock": lambda: 0}
    Conversing(first, held, Rewriting(rewriter, Untraced()), **parts).answer(ASKED)
    return Conversing(_answering(hits, chat), held, Rewriting(rewriter, Untraced()), **parts)


class _Held:
    """A manifest, artifacts, sessions and a scope of these hits alone, in memory."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = tuple(hits)
        self._entries = {hit.document_id: _entry(hit) for hit in hits}
        self._session = Session()

    def get_many(self, ids: Sequence[str]) -> dict[str, Entry]:
        return {each: self._entries[each] for each in ids}

    def get(self, name: str) -> Any:
        return self._entries.get(name)

    def put(self, name: str, data: bytes) -> None:
        """Nothing is kept."""

    def delete(self, names: Sequence[str]) -> None:
        """There was nothing."""

    def filter_of(self, *_: Any) -> None:
        """Everything."""

    def __call__(self, *_: Any) -> list[WholeDocument]:
        return [WholeDocument(entry, self._hits) for entry in self._entries.values()]

    def open(self, *_: Any) -> Session:
        return self._session

    def add(self, _: Any, __: str, before: Session, turn: Turn) -> None:
        self._session = Session((*before.turns, turn))


def _entry(hit: Hit) -> Entry:
    document = Document("documents", hit.document)
    return Entry(
        document,
        hit.tenant,
        generation=hit.generation,
        committed=hit.generation,
        active=hit.generation,
        active_version=hit.version,
        status=Status.READY,
    )
