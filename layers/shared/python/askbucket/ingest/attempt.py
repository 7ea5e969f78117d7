"""One claimed generation of a document, and how it can end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from askbucket.clock import Clock
from askbucket.entry import Entry, Progress, progress_fields
from askbucket.manifest import Manifest
from askbucket.models import Document, Status

SHOWN_EVERY_MS = 2000


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


class Meter:
    """How far an attempt is, for people to see: told often, written at most every two seconds."""

    def __init__(self, attempt: Attempt, pages: int) -> None:
        """`pages` is 0 for a format without pages."""
        self._attempt = attempt
        self._progress = Progress(0, pages)
        self._text_pages = 0
        self._status = Status.READING
        self._shown_at = attempt.clock()

    def read(self, pages: int) -> None:
        """So many pages have been read."""
        self._tell(pages_read=min(pages, self._progress.pages))

    def waiting(self, pages: int) -> None:
        """All have been read but so many, which wait for OCR; written at once, as that may last."""
        self._text_pages = self._progress.pages - pages
        self._progress = replace(self._progress, pages_read=self._text_pages)
        self.show(self._status)

    def recognised(self, pages: int) -> None:
        """So many of those have been read by OCR."""
        self._tell(pages_read=self._text_pages + pages)

    def embedded(self, chunks: int) -> None:
        """So many chunks have a vector."""
        self._tell(chunks_embedded=chunks)

    def counted(self, chunks: int) -> None:
        """That was all of them."""
        self._tell(chunks=chunks)

    def show(self, status: Status) -> None:
        """Writes the status, and with it how far it is."""
        self._status, self._shown_at = status, self._attempt.clock()
        self._attempt.show(status, progress=progress_fields(self._progress))

    def _tell(self, **numbers: int) -> None:
        self._progress = replace(self._progress, **numbers)
        if self._attempt.clock() - self._shown_at >= SHOWN_EVERY_MS:
            self.show(self._status)
