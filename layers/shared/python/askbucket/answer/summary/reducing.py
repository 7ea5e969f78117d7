"""Many claims made into one answer; more than fit into a prompt are condensed part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from askbucket.answer.chat import Chat, Reply
from askbucket.answer.citations import CitedText
from askbucket.answer.prompt import abstains, tokens_of
from askbucket.answer.prompts import Prompt, Prompts, as_written
from askbucket.answer.seen import messages
from askbucket.answer.stops import kept_text
from askbucket.answer.summary.claims import Claim, condensed, written
from askbucket.answer.summary.prompt import CLAIMS, claim_line, claims_message
from askbucket.answer.summary.seen import seen_reduction
from askbucket.models import Usage
from askbucket.tracing import Span, Tracer

ROUNDS = 3  # of condensing, before claims are left out


class Reducing:
    """Answers questions from claims. Raises TryAgain where the model does not answer."""

    def __init__(
        self, chat: Chat, tracer: Tracer, context_tokens: int, prompts: Prompts = as_written
    ) -> None:
        self._chat = chat
        self._tracer = tracer
        self._tokens = context_tokens
        self._prompts = prompts
        self.model_id = chat.model_id

    def fitting(self, question: str, claims: Sequence[Claim]) -> tuple[list[Claim], Usage]:
        """Claims that fit into one prompt, in order, and what it took to condense them."""
        usage = Usage()
        for _ in range(ROUNDS):
            parts = list(self._parts(claims))
            if len(parts) <= 1:
                break
            shorter: list[Claim] = []
            for part in parts:
                fewer, took = self._condensed(question, part)
                usage += took
                shorter += fewer
            claims = shorter
        return self._thinned(claims), usage

    def stream(self, question: str, claims: Sequence[Claim]) -> Iterator[str | Reply]:
        """The model's answer from claims that fit: pieces as they come, the whole reply last."""
        prompt, user = self._prompts(CLAIMS), claims_message(question, claims)
        with self._generation("reduction", prompt, user) as span:
            begun = False
            for piece in self._chat.stream(prompt.text, user):
                if isinstance(piece, Reply):
                    span.end(piece.text, usage=piece.usage)
                elif not begun:
                    span.began()
                    begun = True
                yield piece

    def verified(self, reply: Reply, claims: Sequence[Claim]) -> CitedText:
        """The sentences of the last reply whose quotes stand in the documents."""
        with self._tracer.span("verification", "guardrail", input=reply.text) as span:
            kept = written(answered(reply, claims, self._prompts(CLAIMS).text))
            span.end(lambda: seen_reduction(reply.text, kept, claims))
        return kept

    def _condensed(self, question: str, claims: Sequence[Claim]) -> tuple[Sequence[Claim], Usage]:
        prompt, user = self._prompts(CLAIMS), claims_message(question, claims)
        with self._generation("condensing", prompt, user) as span:
            reply = self._chat.reply(prompt.text, user)
            span.end(reply.text, usage=reply.usage)
        return answered(reply, claims, prompt.text), reply.usage

    def _generation(self, name: str, prompt: Prompt, user: str) -> AbstractContextManager[Span]:
        return self._tracer.span(
            name,
            "generation",
            model=self.model_id,
            prompt=prompt,
            input=messages(prompt.text, user),
        )

    def _parts(self, claims: Sequence[Claim]) -> Iterator[list[Claim]]:
        """The claims in order, as many in a part as fit into a prompt, but always one."""
        part: list[Claim] = []
        left = self._tokens
        for claim in claims:
            size = tokens_of(claim_line(len(claims), claim))
            if part and size > left:
                yield part
                part, left = [], self._tokens
            part.append(claim)
            left -= size
        if part:
            yield part

    def _thinned(self, claims: Sequence[Claim]) -> list[Claim]:
        """Claims from everywhere, where no condensing made them few enough."""
        kept = list(claims)
        while len(list(self._parts(kept))) > 1:
            kept = kept[::2]
        return kept


def answered(reply: Reply, claims: Sequence[Claim], instructions: str = "") -> tuple[Claim, ...]:
    """The sentences of the model's reply that rest on claims; none where it says that they do not
    hold the answer."""
    text = kept_text(reply)
    return () if abstains(text) else condensed(text, claims, instructions)
