"""A question that is answered later: what was asked, how far it is, and what came of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from askbucket.answer.question import Caller
from askbucket.answer.records import Record
from askbucket.manifest import Manifest
from askbucket.ownership import Rights

Drawn = tuple[tuple[str, int], ...]
"""Ids of the documents that an answer cites, and their generations then."""


class Status(StrEnum):
    """`ANSWERED` and `FAILED` are at rest."""

    QUEUED = "queued"
    ANSWERING = "answering"
    ANSWERED = "answered"
    FAILED = "failed"


class Sent(StrEnum):
    """How far the callback is; `NONE` where nobody asked for one."""

    NONE = "none"
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class QueuedQuestion:
    """As it is stored. `request` and `answer` are JSON; `lease_until` and times are in ms.

    `tries` counts how often somebody began to answer it, `progress` the parts of a summary that
    are kept. `reason` is that of the last fault. `record` is what it was read from.
    """

    id: str
    caller: Caller
    request: str
    asked_at: int
    callback_url: str = ""
    status: Status = Status.QUEUED
    tries: int = 0
    progress: int = 0
    lease_until: int = 0
    reason: str = ""
    answer: str = ""
    drawn: Drawn = ()
    callback: Sent = Sent.NONE
    callback_tries: int = 0
    callback_reason: str = ""
    record: Record | None = field(default=None, compare=False)

    @property
    def at_rest(self) -> bool:
        return self.status in (Status.ANSWERED, Status.FAILED)


def stands(question: QueuedQuestion, manifest: Manifest, rights: Rights) -> bool:
    """Whether a reader may still see every document that the answer was drawn from, as it was.

    The reader's check of an answer that is read later than it was made.
    """
    entries = manifest.get_many(list(dict.fromkeys(each for each, _ in question.drawn)))
    return all(
        (entry := entries.get(document_id)) is not None
        and entry.active == generation
        and rights.admit(entry)
        for document_id, generation in question.drawn
    )


COUNTS = ("asked_at", "tries", "progress", "lease_until", "callback_tries")
TEXTS = ("id", "request", "callback_url", "reason", "callback_reason")


def to_fields(question: QueuedQuestion) -> dict[str, Any]:
    """What its record holds; the answer compressed, since DynamoDB takes 400 KB in all."""
    caller = question.caller
    return {
        **{name: getattr(question, name) for name in (*COUNTS, *TEXTS)},
        "caller": json.dumps({f.name: _plain(getattr(caller, f.name)) for f in fields(caller)}),
        "status": question.status.value,
        "callback": question.callback.value,
        "answer": packed(question.answer),
        "drawn": [[document_id, generation] for document_id, generation in question.drawn],
    }


def packed(text: str) -> bytes:
    """The text as it is stored."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def from_record(record: Record) -> QueuedQuestion:
    """The question that a record holds."""
    held: Mapping[str, Any] = record.fields
    counts: dict[str, Any] = {name: int(held[name]) for name in COUNTS}
    texts: dict[str, Any] = {name: str(held[name]) for name in TEXTS}
    return QueuedQuestion(
        **counts,
        **texts,
        caller=_caller(json.loads(held["caller"])),
        status=Status(held["status"]),
        callback=Sent(held["callback"]),
        answer=zlib.decompress(bytes(held["answer"])).decode("utf-8", "surrogatepass"),
        drawn=tuple((document_id, int(generation)) for document_id, generation in held["drawn"]),
        record=record,
    )


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value


def _caller(told: Mapping[str, Any]) -> Caller:
    """Lists were sets."""
    given: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in told.items()}
    return Caller(**given)
