"""A question's way: retrieve, ask the model, keep what can be found again, trace it all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from askbucket.answer.chat import Chat, Reply
from askbucket.answer.citations import cited
from askbucket.answer.prompt import SYSTEM, abstains, user_message, within_budget
from askbucket.answer.question import Question, Traced
from askbucket.answer.rerank import Reranker, judged_text, reranked
from askbucket.answer.retrieval import Retriever
from askbucket.errors import TryAgain
from askbucket.log import event as log
from askbucket.models import Answer, Hit, Usage
from askbucket.tracing import Tracer

NO_ANSWER = "The documents do not hold an answer to this question."


class Answering:
    """Answers questions from the documents. Raises CallerError and TryAgain."""

    def __init__(
        self,
        retriever: Retriever,
        chat: Chat,
        tracer: Tracer,
        context_tokens: int,
        reranker: Reranker | None = None,
    ) -> None:
        self._retriever = retriever
        self._chat = chat
        self._tracer = tracer
        self._context_tokens = context_tokens
        self._reranker = reranker

    def hits(self, question: Question) -> list[Hit]:
        """What /search shows: the chunks alone, no model asked."""
        with self._tracer.span("search", "chain", input={"query": question.text}) as span:
            hits, _ = self._retrieved(question)
            span.end({"hits": len(hits)})
        return hits

    def answer(self, question: Question) -> Traced:
        with (
            self._tracer.session(question.session_id),
            self._tracer.span("question", "chain", input={"question": question.text}) as span,
        ):
            retrieved, reranking = self._retrieved(question)
            hits = within_budget(retrieved, self._context_tokens)
            reply = self._replied(question.text, hits) if hits else Reply("", Usage())
            answer = self._verified(Reply(reply.text, reply.usage + reranking), hits)
            span.end(answer.text)
        return Traced(answer, span.trace_id)

    def stream(self, question: Question) -> Iterator[str | Traced]:
        """The model's words as they come, unverified, and the verified answer last."""
        with (
            self._tracer.session(question.session_id),
            self._tracer.span("question", "chain", input={"question": question.text}) as span,
        ):
            retrieved, reranking = self._retrieved(question)
            hits = within_budget(retrieved, self._context_tokens)
            text, usage = "", Usage()
            for piece in self._streamed(question.text, hits) if hits else ():
                if isinstance(piece, Usage):
                    usage = piece
                else:
                    text += piece
                    yield piece
            answer = self._verified(Reply(text, usage + reranking), hits)
            span.end(answer.text)
        yield Traced(answer, span.trace_id)

    def _retrieved(self, question: Question) -> tuple[list[Hit], Usage]:
        """At most top_k hits, reranked where there is a model for it, and what that took."""
        if self._reranker is None:
            return self._found(question), Usage()
        most = max(question.top_k, self._reranker.candidates)
        found = self._found(replace(question, top_k=most))
        hits, usage = self._reranked(question.text, found, self._reranker)
        return hits[: question.top_k], usage

    def _reranked(self, question: str, hits: list[Hit], model: Reranker) -> tuple[list[Hit], Usage]:
        """By the model's scores; as they were found where it fails: that is answer enough."""
        with self._tracer.span("rerank", "span", metadata={"model": model.model_id}) as span:
            try:
                judged = model.judge(question, [judged_text(hit) for hit in hits])
            except TryAgain as error:
                log("rerank_failed", error=str(error), trace_id=span.trace_id)
                span.end({"error": str(error)})
                return hits, Usage()
            span.end(list(judged.scores), usage=judged.usage)
        return reranked(hits, judged.scores), judged.usage

    def _found(self, question: Question) -> list[Hit]:
        about = {"input": question.text, "metadata": {"top_k": question.top_k}}
        with self._tracer.span("retrieval", "retriever", **about) as span:
            hits = self._retriever(
                question.text, scope=question.scope, tenant=question.tenant, top_k=question.top_k
            )
            span.end([{"chunk": hit.chunk_id, "score": hit.score} for hit in hits])
        return hits

    def _replied(self, question: str, hits: Sequence[Hit]) -> Reply:
        with self._tracer.span("generation", "generation", model=self._chat.model_id) as span:
            reply = self._chat.reply(SYSTEM, user_message(question, hits))
            span.end(reply.text, usage=reply.usage)
        return reply

    def _streamed(self, question: str, hits: Sequence[Hit]) -> Iterator[str | Usage]:
        with self._tracer.span("generation", "generation", model=self._chat.model_id) as span:
            text, usage = "", Usage()
            for piece in self._chat.stream(SYSTEM, user_message(question, hits)):
                if isinstance(piece, Usage):
                    usage = piece
                else:
                    text += piece
                yield piece
            span.end(text, usage=usage)

    def _verified(self, reply: Reply, hits: Sequence[Hit]) -> Answer:
        """Only sentences whose quotes stand in the sources; none of them: not answered."""
        kept = cited("" if abstains(reply.text) else reply.text, hits)
        answered = bool(kept.citations)
        return Answer(
            text=kept.text if answered else NO_ANSWER,
            answered=answered,
            citations=kept.citations,
            model=self._chat.model_id,
            usage=reply.usage,
        )
