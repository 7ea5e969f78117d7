"""One claimed generation of a document: what it shows, what it pays, and how it can end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from askbucket.clock import Clock
from askbucket.embedders import EmbedderSpec
from askbucket.entry import Commit, Entry, OcrJob, Progress, progress_fields
from askbucket.ingest.features import Features
from askbucket.ingest.fingerprint import Fingerprint
from askbucket.ingest.prices import nano_usd_of_embedding, nano_usd_of_ocr, usd
from askbucket.log import event as log
from askbucket.manifest import Manifest
from askbucket.metrics import (
    CHUNKS,
    DOCUMENTS,
    DOLLARS,
    EMBEDDING_TOKENS,
    PAGES,
    PAGES_PAID,
    SECONDS_TO_READY,
    UNCOUNTED,
    Metrics,
)
from askbucket.models import Document, ObjectHead, Status

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

    `head` is what it found in the bucket, once it has looked. Progress, step history and dollars
    are for people; nothing depends on them.
    """

    document: Document
    before: Entry
    manifest: Manifest
    clock: Clock
    metrics: Metrics = UNCOUNTED
    head: ObjectHead | None = None

    @property
    def generation(self) -> int:
        return self.before.generation

    @property
    def version(self) -> str:
        return self.head.version if self.head else ""

    def lease(self, fingerprint: str, until: int) -> None:
        self.manifest.lease(self.document.id, self.generation, fingerprint, until)

    def release(self) -> None:
        self.manifest.release(self.document.id, self.generation)

    def show(self, status: Status, **fields: object) -> None:
        now = self.clock()
        self.manifest.advance(self.document.id, self.generation, now, status=status, **fields)

    def note(self, step: str, detail: str) -> None:
        log(
            "document_step",
            document=self.document.id,
            generation=self.generation,
            version=self.version,
            step=step,
        )
        log("document_step_detail", level="debug", document=self.document.id, detail=detail)
        self.manifest.note(self.document.id, self.generation, step, detail, self.clock())

    def fault(self, reason: str) -> None:
        """Leaves the reason of a passing fault that nobody will try again soon."""
        self.manifest.fault(self.document.id, self.generation, reason, self.clock())
        self.note("failed", reason)
        self.metrics.count(DOCUMENTS, status="failed")

    def committed(self, end: Commit) -> None:
        """It happened."""
        self.note(str(end.status), end.reason or f"{end.chunks} chunks")
        self.metrics.count(DOCUMENTS, status=str(end.status))
        if end.status is not Status.READY:
            return
        self.metrics.count(PAGES, end.pages)
        self.metrics.count(CHUNKS, end.chunks)
        if self.head and not Fingerprint.of(self.head, "").same_version(self.before.fingerprint):
            waited = max(0, self.clock() - self.head.modified)
            self.metrics.count(SECONDS_TO_READY, waited / 1000)

    def paid_ocr(self, job: OcrJob, features: Features) -> None:
        """A job has ended well; told again of the same one, does nothing."""
        nano = nano_usd_of_ocr(features, job.pages)
        where = self.document.id, self.generation, self.version
        if self.manifest.spent(*where, "ocr", nano, job=job.job_id):
            self.metrics.count(PAGES_PAID, job.pages)
            self.metrics.count(DOLLARS, usd(nano), part="ocr")

    def paid_embedding(self, spec: EmbedderSpec, tokens: int) -> None:
        """The model has taken so many tokens."""
        nano = nano_usd_of_embedding(spec.model_id, tokens)
        if nano:
            self.manifest.spent(self.document.id, self.generation, self.version, "embedding", nano)
            self.metrics.count(DOLLARS, usd(nano), part="embedding")
        if tokens:
            self.metrics.count(EMBEDDING_TOKENS, tokens)


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
