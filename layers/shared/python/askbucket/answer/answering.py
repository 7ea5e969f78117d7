"""A question's way: retrieve, ask the model, keep what can be found again, trace it all."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from askbucket.answer.cache import Replies
from askbucket.answer.chat import Chat, Reply
from askbucket.answer.citations import cited
from askbucket.answer.evidence import speak_of
from askbucket.answer.no_answer import no_answer
from askbucket.answer.plain import HarmlessStream
from askbucket.answer.prompt import abstains, user_message, within_budget
from askbucket.answer.prompts import ANSWER, Prompt, Prompts, as_written
from askbucket.answer.question import Question, Traced
from askbucket.answer.seen import messages, seen_verification
from askbucket.answer.sourcing import Sources, Sourcing
from askbucket.answer.stops import HELD_BACK, kept_text
from askbucket.models import Answer, Hit, Usage
from askbucket.tracing import Span, Tracer


class Answering:
    """Answers questions from the documents. Raises CallerError and TryAgain."""

    def __init__(
        self,
        sourcing: Sourcing,
        chat: Chat,
        tracer: Tracer,
        context_tokens: int,
        prompts: Prompts = as_written,
        replies: Replies | None = None,
    ) -> None:
        self._sourcing = sourcing
        self._chat = chat
        self._tracer = tracer
        self._context_tokens = context_tokens
        self._prompts = prompts
        self._replies = replies

    def hits(self, question: Question) -> list[Hit]:
        """What /search shows: the chunks alone, no model asked."""
        with (
            self._session(question, "search"),
            self._tracer.span("search", "chain", input={"query": question.text}) as span,
        ):
            hits = self._sourcing(question).hits
            span.end({"hits": len(hits)})
        return hits

    def answer(self, question: Question) -> Traced:
        with (
            self._session(question, "query"),
            self._tracer.span("question", "chain", input={"question": question.text}) as span,
        ):
            sources = self._sources(question)
            prompt = self._prompt(sources)
            reply = self._replied(question, sources.hits, prompt)
            answer = self._verified(question, reply, sources, prompt)
            span.end(answer.text)
        return Traced(answer, span.trace_id)

    def stream(self, question: Question) -> Generator[str | Traced, None, None]:
        """The model's words as they come, unverified but without links, and the verified answer
        last.

        To close it is to stop the model.
        """
        with (
            self._session(question, "stream"),
            self._tracer.span("question", "chain", input={"question": question.text}) as span,
        ):
            sources = self._sources(question)
            prompt = self._prompt(sources)
            reply, tokens = Reply("", Usage()), HarmlessStream()
            for piece in self._streamed(question, sources.hits, prompt):
                if isinstance(piece, Reply):
                    reply = piece
                else:
                    yield from tokens.add(piece)
            yield from tokens.end()
            answer = self._verified(question, reply, sources, prompt)
            span.end(answer.text)
        yield Traced(answer, span.trace_id)

    def _session(self, question: Question, route: str) -> AbstractContextManager[Any]:
        return self._tracer.session(
            question.session_id, tenant=question.tenant, user=question.subject, tags=(route,)
        )

    def _sources(self, question: Question) -> Sources:
        """What the model is shown; no hits where none speaks of what is asked."""
        found = self._sourcing(question)
        hits = within_budget(found.hits, self._context_tokens)
        return Sources(hits if speak_of(hits, question.text) else [], found.usage)

    def _prompt(self, sources: Sources) -> Prompt:
        """Not asked for where no model will be."""
        return self._prompts(ANSWER) if sources.hits else ANSWER

    def _replied(self, question: Question, hits: Sequence[Hit], prompt: Prompt) -> Reply:
        """The model's; a blank one where there is nothing to answer from."""
        if not hits:
            return Reply("", Usage())
        user = user_message(question.text, hits)
        with self._generation(prompt, user) as span:
            reply = self._asked(question).reply(prompt.text, user)
            span.end(reply.text, usage=reply.usage, metadata={"cached": reply.cached})
        return reply

    def _streamed(
        self, question: Question, hits: Sequence[Hit], prompt: Prompt
    ) -> Iterator[str | Reply]:
        if not hits:
            return
        user = user_message(question.text, hits)
        with self._generation(prompt, user) as span:
            begun = False
            for piece in self._asked(question).stream(prompt.text, user):
                if isinstance(piece, Reply):
                    span.end(piece.text, usage=piece.usage, metadata={"cached": piece.cached})
                elif not begun:
                    span.began()
                    begun = True
                yield piece

    def _asked(self, question: Question) -> Chat:
        """The model, or what it replied to the same prompt of this tenant before."""
        return self._replies.of(question.tenant, self._chat) if self._replies else self._chat

    def _generation(self, prompt: Prompt, user: str) -> AbstractContextManager[Span]:
        return self._tracer.span(
            "generation",
            "generation",
            model=self._chat.model_id,
            prompt=prompt,
            input=messages(prompt.text, user),
        )

    def _verified(
        self, question: Question, reply: Reply, sources: Sources, prompt: Prompt
    ) -> Answer:
        """Only sentences whose quotes stand in the sources; none of them: not answered."""
        text = kept_text(reply)
        with self._tracer.span("verification", "guardrail", input=text) as span:
            kept = cited("" if abstains(text) else text, sources.hits, prompt.text)
            span.end(lambda: seen_verification(text, kept, sources.hits))
        answered = bool(kept.citations)
        nothing = HELD_BACK.get(reply.stop) or no_answer(question.text, sources.hits)
        return Answer(
            text=kept.text if answered else nothing,
            answered=answered,
            citations=kept.citations,
            model=self._chat.model_id,
            usage=reply.usage + sources.usage,
            stop=reply.stop,
            cached=reply.cached,
        )
