"""A question's way within a session: what went before, the question that stands alone, the turn."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from askbucket.answer.history import shown
from askbucket.answer.question import Answerer, Question, Traced
from askbucket.answer.rewriting import Past, Rewriting, Rewritten
from askbucket.answer.sessions import Cited, Session, Sessions, Turn
from askbucket.clock import Clock
from askbucket.manifest import Manifest
from askbucket.models import Usage
from askbucket.ownership import ONE_TENANT, Ownership, Rights
from askbucket.tracing import Span, Tracer, Unseen


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the id of its session, how that stood, the question to be answered, and the
    span that waits for the answer."""

    question: Question
    session_id: str
    session: Session
    rewritten: Rewritten
    span: Span

    @property
    def standing(self) -> Question:
        return replace(self.question, text=self.rewritten.text or self.question.text)


class Conversing:
    """Answers questions that name a session, and keeps them as its turns."""

    def __init__(
        self,
        answerer: Answerer,
        sessions: Sessions,
        rewriting: Rewriting,
        *,
        manifest: Manifest,
        tracer: Tracer,
        clock: Clock,
        ownership: Ownership = ONE_TENANT,
    ) -> None:
        self._answerer = answerer
        self._sessions = sessions
        self._rewriting = rewriting
        self._manifest = manifest
        self._tracer = tracer
        self._clock = clock
        self._ownership = ownership

    def answer(self, question: Question) -> Traced:
        """Raises CallerError and TryAgain."""
        with self._asked(question) as asked:
            return self._kept(asked, self._answerer.answer(asked.standing))

    def stream(self, question: Question) -> Generator[str | Traced, None, None]:
        """The model's words as they come, unverified, and the verified answer last.

        What is closed before is no turn.
        """
        with (
            self._asked(question) as asked,
            closing(self._answerer.stream(asked.standing)) as pieces,
        ):
            for piece in pieces:
                yield self._kept(asked, piece) if isinstance(piece, Traced) else piece

    @contextmanager
    def _asked(self, question: Question) -> Iterator[_Asked]:
        """The question as it stands alone. A first one does already, and costs nothing."""
        session_id = question.session_id or ""
        session = self._sessions.open(question.caller, session_id)
        if not session.turns:
            yield _Asked(question, session_id, session, Rewritten(None, Usage()), Unseen())
            return
        past = [
            Past(turn.rewritten or turn.question, turn.answer)
            for turn in shown(session, self._manifest, self._rights(question))
        ]
        with (
            self._tracer.session(
                session_id, tenant=question.tenant, user=question.subject, tags=("follow-up",)
            ),
            self._tracer.span("follow-up", "chain", input={"question": question.text}) as span,
        ):
            rewritten = self._rewriting(question.text, past)
            yield _Asked(question, session_id, session, rewritten, span)

    def _rights(self, question: Question) -> Rights:
        return self._ownership.rights(question.tenant, question.groups)

    def _kept(self, asked: _Asked, traced: Traced) -> Traced:
        """The answer with what rewriting took, once it is a turn of the session."""
        turn = Turn(
            id=uuid.uuid4().hex,
            question=asked.question.text,
            answer=traced.answer.text,
            answered=traced.answer.answered,
            cited=_cited(traced),
            rewritten=asked.rewritten.text,
            asked_at=self._clock(),
        )
        self._sessions.add(asked.question.caller, asked.session_id, asked.session, turn)
        usage = traced.answer.usage + asked.rewritten.usage
        answer = replace(traced.answer, usage=usage)
        asked.span.end(answer.text)
        return replace(traced, answer=answer, rewritten=asked.rewritten.text)


def _cited(traced: Traced) -> tuple[Cited, ...]:
    hits = (citation.hit for citation in traced.answer.citations)
    found = (Cited(hit.chunk_id, hit.document_id, hit.generation) for hit in hits)
    return tuple(dict.fromkeys(found))
