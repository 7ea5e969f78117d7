"""A retriever and a chat model that say what a test tells them to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from askbucket.answer.answering import Answering
from askbucket.answer.chat import Reply, Stop
from askbucket.answer.prompts import Prompts, as_written
from askbucket.answer.question import Question, Scope
from askbucket.answer.rerank import Reranker
from askbucket.answer.sourcing import Sourcing
from askbucket.models import Hit, Usage
from askbucket.tracing import Tracer, Untraced
from tests.unit.answer.parts import hit

LEASE = hit("The monthly rent is 1,577 euros.", chunk="rent")
PETS = hit("Small pets may be kept.", chunk="pets", key="pets.pdf", page=4)
USAGE = Usage(100, 20, 0.0125)
RENT_REPLY = 'You pay 1,577 euros. [1: "monthly rent is 1,577 euros"]'


class ScriptedChat:
    """Replies with one text, or raises one error; remembers what it was asked."""

    model_id = "us.scripted-v1:0"

    def __init__(
        self, text: str = "", error: Exception | None = None, stop: Stop = Stop.END
    ) -> None:
        self.text = text
        self.error = error
        self.stop = stop
        self.prompts: list[tuple[str, str]] = []
        self.max_tokens: list[int | None] = []

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        self.prompts.append((system, user))
        self.max_tokens.append(max_tokens)
        if self.error:
            raise self.error
        return Reply(self.text, USAGE, self.stop)

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Reply]:
        self.prompts.append((system, user))
        self.max_tokens.append(max_tokens)
        for piece in self.text.split(" "):
            yield f"{piece} "
        if self.error:
            raise self.error
        yield Reply(self.text, USAGE, self.stop)


class ScriptedRetriever:
    """Finds the hits it was given."""

    def __init__(self, *hits: Hit, error: Exception | None = None) -> None:
        self.hits = list(hits)
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def __call__(self, question: str, **how: Any) -> list[Hit]:
        self.asked.append({"question": question, **how})
        if self.error:
            raise self.error
        return self.hits


def answering(
    chat: ScriptedChat,
    hits: Sequence[Hit] = (LEASE, PETS),
    *,
    tracer: Tracer | None = None,
    context_tokens: int = 1000,
    prompts: Prompts = as_written,
    reranker: Reranker | None = None,
) -> Answering:
    retriever: Any = ScriptedRetriever(*hits)
    model: Any = chat
    spans = tracer or Untraced()
    sourcing = Sourcing(retriever, spans, reranker)
    return Answering(sourcing, model, spans, context_tokens, prompts)


def question(text: str = "How much is the rent?", session_id: str | None = None) -> Question:
    return Question(text, "default", 5, Scope(), session_id)
