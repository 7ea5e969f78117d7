"""The commits an attempt can end with, each the whole new truth about a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from askbucket.entry import Commit, Entry
from askbucket.errors import OverLimit, UnreadableDocument
from askbucket.ingest.fingerprint import ABSENT, Fingerprint
from askbucket.ingest.pages import PageArtifacts
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

    def same_document(self, before: Entry, content: str) -> bool:
        """Whether readers would see what they see already."""
        return (
            before.active is not None
            and before.content == content
            and self.fingerprint.same_but_version(before.fingerprint)
        )


@dataclass(slots=True)
class Tally:
    """What was seen of the pages that went by."""

    pages: int = 0
    ocr: int = 0
    lost: list[int] = field(default_factory=list)  # numbers of pages that could not be read
    hidden: list[int] = field(default_factory=list)  # of those with text that nobody sees

    def counting(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The same pages, each counted as it passes."""
        for page in pages:
            self.pages += 1
            self.ocr += page.source == "ocr"
            if page.source == "lost":
                self.lost.append(page.number)
            if page.hidden:
                self.hidden.append(page.number)
            yield page

    @property
    def no_text(self) -> str:
        """Why there is nothing to index."""
        if len(self.lost) == self.pages:
            return "none of its pages could be read"
        return "no text was found in it, neither as text nor by OCR"


def deleted(recipe: str, now: int) -> Commit:
    """The key holds nothing."""
    return Commit(Status.DELETED, None, None, ABSENT, now, recipe)


def failed(pinned: Pinned, fault: UnreadableDocument, now: int) -> Commit:
    """The file can never be read; its bytes are the truth all the same, so nothing is shown.

    What was over a limit is tried again once the limit is raised.
    """
    return Commit(
        Status.FAILED,
        active=None,
        version=pinned.head.version,
        fingerprint=str(pinned.fingerprint),
        staged_at=now,
        recipe=pinned.recipe,
        etag=pinned.head.etag,
        size=pinned.head.size,
        reason=str(fault),
        needs=fault.needs if isinstance(fault, OverLimit) else None,
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
    tally: Tally,
    chunks: int,
    embedded: int,
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
        pages=tally.pages if paged else 0,
        ocr_pages=tally.ocr,
        chunks=chunks,
        embedded=embedded,
        warnings=_warnings(tally, pages),
    )


def _warnings(tally: Tally, pages: PageArtifacts) -> tuple[str, ...]:
    warnings = []
    if tally.lost:
        warnings.append(f"pages that could not be read: {_named(tally.lost)}")
    if tally.hidden:
        warnings.append(f"hidden text was left out on pages: {_named(tally.hidden)}")
    warnings += [part.warning for part in pages.ocr.parts() if part.warning]
    return tuple(dict.fromkeys((*warnings, *pages.warnings)))


def _named(pages: Sequence[int]) -> str:
    more = f" and {len(pages) - WARNED_PAGES} more" if len(pages) > WARNED_PAGES else ""
    return ", ".join(map(str, pages[:WARNED_PAGES])) + more
