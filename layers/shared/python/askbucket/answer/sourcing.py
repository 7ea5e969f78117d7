"""From a question to the hits it may be answered from: retrieval and reranking, traced."""

from __future__ import annotations

from dataclasses import dataclass, replace

from askbucket.answer.question import Question, Retrieve
from askbucket.answer.rerank import Reranker, judged_text, reranked
from askbucket.answer.seen import retrieval_about, seen_hit
from askbucket.bill import billed
from askbucket.errors import TryAgain
from askbucket.log import event as log
from askbucket.log import fault_of
from askbucket.models import Hit, Usage
from askbucket.tracing import Tracer


@dataclass(frozen=True, slots=True)
class Sources:
    """Hits, best first, and what it took to find and rerank them."""

    hits: list[Hit]
    usage: Usage


class Sourcing:
    """At most top_k hits, reranked where there is a model for it. Raises CallerError, TryAgain."""

    def __init__(
        self, retriever: Retrieve, tracer: Tracer, reranker: Reranker | None = None
    ) -> None:
        self._retriever = retriever
        self._tracer = tracer
        self._reranker = reranker

    def __call__(self, question: Question) -> Sources:
        with billed() as bill:
            found = self._found(question)
        # Dollars alone: tokens of an answer are those of its prompts and replies.
        return replace(found, usage=found.usage + Usage(usd=bill.usage.usd))

    def _found(self, question: Question) -> Sources:
        if self._reranker is None:
            return Sources(self._retrieved(question), Usage())
        most = max(question.top_k, self._reranker.candidates)
        found = self._retrieved(replace(question, top_k=most))
        judged = self._reranked(question.text, found, self._reranker)
        return Sources(judged.hits[: question.top_k], judged.usage)

    def _retrieved(self, question: Question) -> list[Hit]:
        about = retrieval_about(question)
        with self._tracer.span(
            "retrieval", "retriever", input=question.text, metadata=about
        ) as span:
            hits = self._retriever(
                question.text,
                scope=question.scope,
                tenant=question.tenant,
                top_k=question.top_k,
                groups=question.groups,
            )
            span.end(lambda: [seen_hit(hit, self._tracer) for hit in hits])
        return hits

    def _reranked(self, question: str, hits: list[Hit], model: Reranker) -> Sources:
        """By the model's scores; as they were found where it fails: that is answer enough."""
        with self._tracer.span("rerank", "generation", model=model.model_id) as span:
            try:
                judged = model.judge(question, [judged_text(hit) for hit in hits])
            except TryAgain as error:
                log("rerank_failed", level="warning", **fault_of(error), trace_id=span.trace_id)
                span.end({"error": str(error)})
                return Sources(hits, Usage())
            span.end(list(judged.scores), usage=judged.usage)
        return Sources(reranked(hits, judged.scores), judged.usage)
