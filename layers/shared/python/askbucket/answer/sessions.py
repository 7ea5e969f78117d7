"""Sessions: the last turns between a caller and the documents, kept for as long as they are used.

A session belongs to who began it. Its name is drawn from its owner and the id that the client
chose, so nobody can read, or even find, another's.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from askbucket.answer.question import Caller
from askbucket.answer.records import Record, RecordKey, Records
from askbucket.errors import NotFound, TryAgain

KIND = "session"
MOST_TURNS = 20  # of a session that are kept
MOST_BYTES = 200_000  # of a session's item, half of DynamoDB's limit
TRIES = 20  # to add a turn while others are added
PAUSE_SECONDS = 0.05  # at most, and by chance, before the next try


@dataclass(frozen=True, slots=True)
class Cited:
    """A chunk that an answer cites, and the generation of its document then."""

    chunk_id: str
    document_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it; `rewritten` is what was asked in its place, if it was.

    `answer` is None where it may not be shown any more (see history.py). `id` is nobody else's.
    `number` counts the session's turns from 1, those that are no longer kept too.
    """

    id: str
    question: str
    answer: str | None
    answered: bool
    cited: tuple[Cited, ...] = ()
    rewritten: str | None = None
    asked_at: int = 0  # milliseconds since 1970
    number: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """The turns still kept, oldest first. A session not begun yet has none, and no `record`."""

    turns: tuple[Turn, ...] = ()
    expires_at: int = 0
    began: str = ""
    record: Record | None = field(default=None, compare=False)


class Sessions:
    """Every caller's sessions, each of which lives `hours` beyond its last turn."""

    def __init__(
        self, records: Records, hours: int, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._records = records
        self._seconds = hours * 3600
        self._pause = pause

    def open(self, caller: Caller, session_id: str) -> Session:
        """The caller's session of that id; one without turns where none has begun."""
        record = self._records.get(_key(caller, session_id))
        return _session_of(record) if record else Session()

    def get(self, caller: Caller, session_id: str) -> Session:
        """The caller's session of that id. Raises NotFound, also for another's."""
        session = self.open(caller, session_id)
        if session.record is None:
            raise NotFound(
                f"there is no session {session_id!r}: it may have expired; POST /query begins one"
            )
        return session

    def delete(self, caller: Caller, session_id: str) -> None:
        """Forgets the session. Raises NotFound."""
        self.get(caller, session_id)
        self._records.delete(_key(caller, session_id))

    def add(self, caller: Caller, session_id: str, before: Session, turn: Turn) -> None:
        """Adds a turn that was asked when the session was as `before`, after those of others.

        Adds nothing where the session was deleted meanwhile. Raises TryAgain where too many add
        to it at a time.
        """
        began = before.began or uuid.uuid4().hex
        for _ in range(TRIES):
            now = self.open(caller, session_id)
            deleted = before.began and now.began != before.began
            if deleted or any(each.id == turn.id for each in now.turns):
                return
            fields = _fields(now, turn, now.began or began)
            key = _key(caller, session_id)
            if self._records.put(key, fields, self._seconds, over=now.record):
                return
            self._pause(random.uniform(0, PAUSE_SECONDS))  # noqa: S311  (no secret)
        raise TryAgain(f"the session {session_id!r} is asked too many questions at a time")


def _key(caller: Caller, session_id: str) -> RecordKey:
    owned = json.dumps([caller.subject, session_id]).encode()
    return RecordKey(KIND, caller.tenant, hashlib.sha256(owned).hexdigest())


def _fields(session: Session, turn: Turn, began: str) -> dict[str, Any]:
    number = session.turns[-1].number + 1 if session.turns else 1
    items = [_item_of(each) for each in _kept([*session.turns, replace(turn, number=number)])]
    return {"began": began, "turns": items}


def _kept(turns: Sequence[Turn]) -> list[Turn]:
    """The newest turns that are few and small enough; of a single one that is not, the question."""
    kept = list(turns[-MOST_TURNS:])
    while len(kept) > 1 and _size(kept) > MOST_BYTES:
        kept.pop(0)
    if _size(kept) > MOST_BYTES:
        kept = [replace(kept[0], answer="", cited=())]
    return kept


def _size(turns: Sequence[Turn]) -> int:
    """In bytes, near enough: DynamoDB counts names and values in UTF-8."""
    written = json.dumps([_item_of(turn) for turn in turns], ensure_ascii=False)
    return len(written.encode("utf-8", "replace"))


def _item_of(turn: Turn) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": turn.id,
        "number": turn.number,
        "question": turn.question,
        "answer": turn.answer,
        "answered": turn.answered,
        "asked_at": turn.asked_at,
        "cited": [[each.chunk_id, each.document_id, each.generation] for each in turn.cited],
    }
    return item | ({"rewritten": turn.rewritten} if turn.rewritten else {})


def _session_of(record: Record) -> Session:
    turns = tuple(map(_turn_of, record.fields["turns"]))
    return Session(turns, record.expires_at, record.fields["began"], record)


def _turn_of(item: Mapping[str, Any]) -> Turn:
    return Turn(
        id=item["id"],
        question=item["question"],
        answer=item["answer"],
        answered=item["answered"],
        cited=tuple(Cited(chunk, document, int(gen)) for chunk, document, gen in item["cited"]),
        rewritten=item.get("rewritten"),
        asked_at=int(item["asked_at"]),
        number=int(item["number"]),
    )
