"""The commits an attempt can end with, each the whole new truth about a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from askbucket.entry import Commit, Entry
from askbucket.ingest.fingerprint import ABSENT, Fingerprint
from askbucket.ingest.pages import PageArtifacts
from askbucket.ingest.vectors import Embedded
from askbucket.models import ObjectHead, Page, Status

WARNED_PAGES = 20  # page numbers named in one warning


@dataclass(frozen=True, slots=True)
class Pinned:
    """What an attempt works on: exactly this version, under this recipe."""

    head: ObjectHead
    fingerprint: Fingerprint
    recipe: str

    @classmethod
    def of(cls, head: ObjectHead, recipe: str) -> Pinned:
        return cls(head, Fingerprint.of(head, recipe), recipe)


def deleted(recipe: str, now: int) -> Commit:
    """The key holds nothing."""
    return Commit(Status.DELETED, None, None, ABSENT, now, recipe)


def failed(pinned: Pinned, reason: str, now: int) -> Commit:
    """The file can never be read; its bytes are the truth all the same, so nothing is shown."""
    return Commit(
        Status.FAILED,
        active=None,
        version=pinned.head.version,
        fingerprint=str(pinned.fingerprint),
        staged_at=now,
        recipe=pinned.recipe,
        etag=pinned.head.etag,
        size=pinned.head.size,
        reason=reason,
    )


def kept(before: Entry, pinned: Pinned, content: str) -> Commit:
    """The same bytes under a new version: what readers see stays."""
    return Commit(
        Status.READY,
        active=before.active,
        active_version=pinned.head.version,
        version=pinned.head.version,
        fingerprint=str(pinned.fingerprint),
        staged_at=before.staged_at,
        recipe=pinned.recipe,
        etag=pinned.head.etag,
        content=content,
        size=pinned.head.size,
        pages=before.pages,
        ocr_pages=before.ocr_pages,
        chunks=before.chunks,
        embedded=0,
        warnings=before.warnings,
    )


def ready(
    generation: int,
    pinned: Pinned,
    pages: PageArtifacts,
    read: Sequence[Page],
    embedded: Embedded,
    *,
    paged: bool,
    now: int,
) -> Commit:
    """The generation's points are stored and found."""
    return Commit(
        Status.READY,
        active=generation,
        active_version=pinned.head.version,
        version=pinned.head.version,
        fingerprint=str(pinned.fingerprint),
        staged_at=now,
        recipe=pinned.recipe,
        etag=pinned.head.etag,
        content=pages.content,
        size=pinned.head.size,
        pages=len(read) if paged else 0,
        ocr_pages=sum(page.source == "ocr" for page in read),
        chunks=len(embedded.chunks),
        embedded=embedded.new,
        warnings=_warnings(read, pages),
    )


def no_text(read: Sequence[Page]) -> str:
    """Why there is nothing to index."""
    if all(page.source == "lost" for page in read):
        return "none of its pages could be read"
    return "no text was found in it, neither as text nor by OCR"


def _warnings(read: Sequence[Page], pages: PageArtifacts) -> tuple[str, ...]:
    lost = [page.number for page in read if page.source == "lost"]
    warnings = []
    if lost:
        named = ", ".join(map(str, lost[:WARNED_PAGES]))
        more = f" and {len(lost) - WARNED_PAGES} more" if len(lost) > WARNED_PAGES else ""
        warnings.append(f"pages that could not be read: {named}{more}")
    result = pages.ocr_result()
    if result and result.warning:
        warnings.append(result.warning)
    return (*warnings, *pages.warnings)
