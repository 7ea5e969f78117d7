"""A question's way: retrieve, ask the model, keep what can be found again, trace it all."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from askbucket.answer.chat import Chat, Reply
from askbucket.answer.citations import cited
from askbucket.answer.evidence import speak_of
from askbucket.answer.prompt import SYSTEM, abstains, user_message, within_budget
from askbucket.answer.question import Question, Traced
from askbucket.answer.retrieval import Retriever
from askbucket.models import Answer, Hit, Usage
from askbucket.tracing import Tracer

NO_ANSWER = "The documents do not hold an answer to this question."


class Answering:
    """Answers questions from the documents. Raises CallerError and TryAgain."""

    def __init__(
        self, retriever: Retriever, chat: Chat, tracer: Tracer, context_tokens: int
    ) -> None:
        self._retriever = retriever
        self._chat = chat
        self._tracer = tracer
        self._context_tokens = context_tokens

    def hits(self, question: Question) -> list[Hit]:
        """What /search shows: the chunks alone, no model asked."""
        with self._tracer.span("search", "chain", input={"query": question.text}) as span:
            hits = self._retrieved(question)
            span.end({"hits": len(hits)})
        return hits

    def answer(self, question: Question) -> Traced:
        with (
            self._tracer.session(question.session_id),
            self._tracer.span("question", "chain", input={"question": question.text}) as span,
        ):
            hits = self._sources(question)
            reply = self._replied(question.text, hits) if hits else Reply("", Usage())
            answer = self._verified(reply, hits)
            span.end(answer.text)
        return Traced(answer, span.trace_id)

    def stream(self, question: Question) -> Generator[str | Traced, None, None]:
        """The model's words as they come, unverified, and the verified answer last.

        To close it is to stop the model.
        """
        with (
            self._tracer.session(question.session_id),
            self._tracer.span("question", "chain", input={"question": question.text}) as span,
        ):
            hits = self._sources(question)
            text, usage = "", Usage()
            for piece in self._streamed(question.text, hits) if hits else ():
                if isinstance(piece, Usage):
                    usage = piece
                else:
                    text += piece
                    yield piece
            answer = self._verified(Reply(text, usage), hits)
            span.end(answer.text)
        yield Traced(answer, span.trace_id)

    def _sources(self, question: Question) -> list[Hit]:
        """What the model is shown; nothing where no source speaks of what is asked."""
        hits = within_budget(self._retrieved(question), self._context_tokens)
        return hits if speak_of(hits, question.text) else []

    def _retrieved(self, question: Question) -> list[Hit]:
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
