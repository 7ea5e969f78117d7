"""A document's item in the manifest as Python values, and what an attempt commits to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from askbucket.models import Document, Status


@dataclass(frozen=True, slots=True)
class OcrJob:
    """A Textract job under way; a failed one is followed by one with a higher `attempt`.

    `content` names the bytes and how they are read; the job reads `pages` of their pages, of which
    `part` is the first. `correlation_id` is of the story that started it, for the log.
    """

    job_id: str
    content: str
    attempt: int
    due_at: int
    part: int = 0
    pages: int = 0
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an attempt under way is. `pages` is 0 in a format without pages; `chunks` is None
    until all are counted."""

    pages_read: int
    pages: int
    chunks_embedded: int = 0
    chunks: int | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What has been paid for a version of a document, over all attempts at it, in nanodollars.

    `jobs` names the OCR jobs in it, so that none counts twice.
    """

    version: str
    ocr: int = 0
    embedding: int = 0
    jobs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """A document's item as read; times in milliseconds since 1970.

    `needs` tells what limits must be for a document that was over one. `groups` are the marks of
    what was last committed, `coming` those of the version under way, None where there is none.
    """

    document: Document
    tenant: str
    generation: int
    committed: int
    active: int | None = None
    active_version: str | None = None
    status: Status = Status.QUEUED
    reason: str | None = None
    version: str | None = None
    fingerprint: str | None = None
    etag: str | None = None
    recipe: str | None = None
    content: str | None = None
    size: int = 0
    pages: int = 0
    ocr_pages: int = 0
    chunks: int = 0
    embedded: int = 0
    warnings: tuple[str, ...] = ()
    staged_at: int = 0
    updated_at: int = 0
    lease_until: int = 0
    due_at: int | None = None
    deaths: int = 0
    ocr_failures: int = 0
    collected: int = 0
    leased: str | None = None
    job: OcrJob | None = None
    needs: Mapping[str, int] = field(default_factory=dict)
    progress: Progress | None = None
    groups: tuple[str, ...] = ()
    coming: tuple[str, ...] | None = None
    spent: Spent | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """What one attempt ends with: the new truth about a document."""

    status: Status
    active: int | None
    version: str | None
    fingerprint: str
    staged_at: int
    recipe: str
    etag: str | None = None
    content: str | None = None
    reason: str | None = None
    size: int = 0
    pages: int = 0
    ocr_pages: int = 0
    chunks: int = 0
    embedded: int = 0
    warnings: tuple[str, ...] = ()
    active_version: str | None = None
    needs: Mapping[str, int] | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A commit that did not happen; `entry` is what stood in its way, None if the item is gone."""

    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of documents in key order; only a missing cursor ends the list."""

    entries: tuple[Entry, ...]
    cursor: Mapping[str, Any] | None = field(default=None)


def job_fields(job: OcrJob) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "content": job.content,
        "attempt": job.attempt,
        "due_at": job.due_at,
        "part": job.part,
        "pages": job.pages,
        "correlation_id": job.correlation_id,
    }


def progress_fields(progress: Progress) -> dict[str, int]:
    return {name: number for name, number in asdict(progress).items() if number is not None}


def entry_of(item: Mapping[str, Any]) -> Entry:
    """The entry from an item as boto3's table resource returns it."""
    number = {
        name: int(item.get(name, 0))
        for name in (
            "generation",
            "committed",
            "collected",
            "size",
            "pages",
            "ocr_pages",
            "chunks",
            "embedded",
            "staged_at",
            "updated_at",
            "lease_until",
            "deaths",
            "ocr_failures",
        )
    }
    job = item.get("job")
    return Entry(
        document=Document(item["bucket"], item["key"]),
        tenant=item["tenant"],
        active=int(item["active"]) if "active" in item else None,
        active_version=item.get("active_version"),
        status=Status(item.get("status", Status.QUEUED)),
        reason=item.get("reason"),
        version=item.get("version"),
        fingerprint=item.get("fingerprint"),
        etag=item.get("etag"),
        recipe=item.get("recipe"),
        content=item.get("content"),
        warnings=tuple(item.get("warnings", ())),
        groups=tuple(item.get("groups", ())),
        coming=tuple(item["coming"]) if "coming" in item else None,
        leased=item.get("leased"),
        due_at=int(item["due_at"]) if "due_at" in item else None,
        job=_job_of(job) if job else None,
        needs=_numbers(item.get("needs", {})),
        progress=Progress(**_numbers(item["progress"])) if "progress" in item else None,
        spent=_spent_of(item) if "spent_version" in item else None,
        **number,
    )


def _job_of(fields: Mapping[str, Any]) -> OcrJob:
    attempt, due_at, part, pages = (
        int(fields.get(name, 0)) for name in ("attempt", "due_at", "part", "pages")
    )
    story = fields.get("correlation_id", "")
    return OcrJob(fields["job_id"], fields["content"], attempt, due_at, part, pages, story)


def _spent_of(item: Mapping[str, Any]) -> Spent:
    ocr, embedding = (int(item.get(name, 0)) for name in ("spent_ocr", "spent_embedding"))
    jobs = frozenset(item.get("spent_jobs", ()))
    return Spent(item["spent_version"], ocr, embedding, jobs)


def _numbers(fields: Mapping[str, Any]) -> dict[str, int]:
    """DynamoDB's numbers are decimals."""
    return {name: int(number) for name, number in fields.items()}
