"""One claimed generation of a document, and how it can end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from askbucket.clock import Clock
from askbucket.entry import Entry
from askbucket.manifest import Manifest
from askbucket.models import Document, Status


class Outcome(StrEnum):
    """How a call of Sync ended; each of them acknowledges the hint."""

    IGNORED = "ignored"
    SETTLED = "settled"
    LEASED = "leased"
    PARKED = "parked"
    COMMITTED = "committed"
    SUPERSEDED = "superseded"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`before` is the entry as the claim left it: what the last commit said, and this generation.

    Progress and step history are for people; nothing depends on them.
    """

    document: Document
    before: Entry
    manifest: Manifest
    clock: Clock

    @property
    def generation(self) -> int:
        return self.before.generation

    def lease(self, fingerprint: str, until: int) -> None:
        self.manifest.lease(self.document.id, self.generation, fingerprint, until)

    def release(self) -> None:
        self.manifest.release(self.document.id, self.generation)

    def show(self, status: Status, **fields: object) -> None:
        now = self.clock()
        self.manifest.advance(self.document.id, self.generation, now, status=status, **fields)

    def note(self, step: str, detail: str) -> None:
        self.manifest.note(self.document.id, self.generation, step, detail, self.clock())

    def fault(self, reason: str) -> None:
        """Leaves the reason of a passing fault that nobody will try again soon."""
        self.manifest.fault(self.document.id, self.generation, reason, self.clock())
        self.note("failed", reason)
