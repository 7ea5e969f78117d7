"""Questions put into a queue: kept until they expire, and found by nobody but who asked.

A question's record is named after its owner and its id, so another's cannot even be looked up.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from askbucket.answer.question import Caller
from askbucket.answer.queued.question import QueuedQuestion, Sent, from_record, to_fields
from askbucket.answer.records import Record, RecordKey, Records
from askbucket.clock import Clock
from askbucket.errors import NotAllowed, NotFound, TryAgain

KIND = "question"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Names a queued question to whoever is to answer it."""

    tenant: str
    subject: str
    id: str

    @property
    def key(self) -> RecordKey:
        owned = json.dumps([self.subject, self.id]).encode()
        return RecordKey(KIND, self.tenant, hashlib.sha256(owned).hexdigest())


Enqueue = Callable[[Ticket, int], None]
"""Sends the ticket of a question, to arrive after so many seconds. Raises TryAgain."""


class Questions:
    """Every caller's queued questions, each of which lives `hours` from when it was asked."""

    def __init__(self, records: Records, enqueue: Enqueue, *, hours: int, clock: Clock) -> None:
        self._records = records
        self._enqueue = enqueue
        self._seconds = hours * 3600
        self._clock = clock

    def ask(
        self, caller: Caller, request: str, *, callback_url: str = "", repeat_key: str | None = None
    ) -> QueuedQuestion:
        """The question, once it is in the queue.

        The same `repeat_key` of a caller names the same question, however often it is asked: the
        second time asks nothing new, but sends again what may have been lost on the way. Raises
        NotAllowed where it named another one before.
        """
        question = QueuedQuestion(
            id=_id(caller, repeat_key),
            caller=caller,
            request=request,
            asked_at=self._clock(),
            callback_url=callback_url,
            callback=Sent.PENDING if callback_url else Sent.NONE,
        )
        kept = self._put_first(question)
        if (kept.request, kept.callback_url) != (request, callback_url):
            raise NotAllowed(
                f"the idempotency key {repeat_key!r} was used for another question; use a new one"
            )
        if not kept.at_rest:
            self._enqueue(ticket_of(kept), 0)
        return kept

    def get(self, caller: Caller, question_id: str) -> QueuedQuestion:
        """The caller's question of that id. Raises NotFound, also for another's."""
        found = self.find(Ticket(caller.tenant, caller.subject, question_id))
        if found is None:
            raise NotFound(f"there is no question {question_id!r}: it may have expired")
        return found

    def find(self, ticket: Ticket) -> QueuedQuestion | None:
        record = self._records.get(ticket.key)
        return from_record(record) if record else None

    def save(self, question: QueuedQuestion) -> QueuedQuestion | None:
        """The question as it stands now; None where it changed since it was read, or is gone."""
        over = question.record
        left = over.expires_at - self._clock() // 1000 if over else self._seconds
        key = ticket_of(question).key
        record = self._records.put(key, to_fields(question), max(1, left), over=over)
        return replace(question, record=record) if record else None

    def enqueue(self, question: QueuedQuestion, seconds: int) -> None:
        """Has the question looked at again after so many seconds."""
        self._enqueue(ticket_of(question), seconds)

    def _put_first(self, question: QueuedQuestion) -> QueuedQuestion:
        """The question, or the one that stands there already."""
        kept = self.save(question) or self.find(ticket_of(question))
        if kept is None:
            raise TryAgain("the question expired as it was asked again")
        return kept


def ticket_of(question: QueuedQuestion) -> Ticket:
    return Ticket(question.caller.tenant, question.caller.subject, question.id)


def expires_at(question: QueuedQuestion) -> int:
    """In milliseconds since 1970."""
    record: Record | None = question.record
    return record.expires_at * 1000 if record else 0


def _id(caller: Caller, repeat_key: str | None) -> str:
    """32 hex digits, which tell nothing of the key."""
    if repeat_key is None:
        return uuid.uuid4().hex
    named = json.dumps([caller.tenant, caller.subject, repeat_key]).encode()
    return hashlib.sha256(named).hexdigest()[:32]
