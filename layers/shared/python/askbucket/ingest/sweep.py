"""Repair: the bucket's listing against the manifest against the store's points.

Every key that differs gets a hint, so that `sync` decides; points that nobody can ever see again
are deleted. It streams three sorted or paged lists, so its memory does not grow with the bucket.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from askbucket.bucket import Bucket
from askbucket.entry import Entry
from askbucket.manifest import Manifest
from askbucket.models import Status
from askbucket.stores.port import Equals, Filter, PointRef, VectorStore

SCROLL_GROUP = 1000  # points looked up in the manifest together


@dataclass(slots=True)
class Findings:
    """What a sweep saw: keys looked at, keys hinted by reason, and point groups deleted."""

    keys: int = 0
    hinted: dict[str, int] = field(default_factory=dict)
    deleted_generations: int = 0


class Sweep:
    """One pass of repair. `hint` sends a key to the ingest function."""

    def __init__(
        self,
        bucket: Bucket,
        manifest: Manifest,
        store: VectorStore,
        recipe: str,
        hint: Callable[[str], None],
    ) -> None:
        self._bucket = bucket
        self._manifest = manifest
        self._store = store
        self._recipe = recipe
        self._hint = hint

    def run(self) -> Findings:
        findings = Findings()
        self._compare_keys(findings)
        self._compare_points(findings)
        return findings

    def ocr_due(self, now: int) -> int:
        """Hints the documents whose OCR should have ended; how many there were."""
        count = 0
        for key in self._manifest.due(now):
            self._hint(key)
            count += 1
        return count

    def _compare_keys(self, findings: Findings) -> None:
        for key, etag, entry in merged(self._bucket.etags(), self._entries()):
            findings.keys += 1
            reason = self._difference(etag, entry)
            if reason:
                self._send(key, reason, findings)

    def _difference(self, etag: str | None, entry: Entry | None) -> str | None:
        if entry is None:
            return "not in the manifest"
        if etag is None:
            return None if _at_rest(entry, Status.DELETED) else "not in the bucket"
        if entry.generation != entry.committed:
            return "unfinished"
        if entry.etag != etag:
            return "another version"
        if entry.recipe != self._recipe:
            return "another recipe"
        return None

    def _entries(self) -> Iterator[Entry]:
        cursor = None
        while True:
            page = self._manifest.list(
                self._bucket.name, tombstones=True, limit=1000, cursor=cursor
            )
            yield from page.entries
            cursor = page.cursor
            if cursor is None:
                return

    def _compare_points(self, findings: Findings) -> None:
        """A generation above the last commit belongs to an attempt under way: never touched."""
        refs = self._store.scroll(Filter())
        while group := list(itertools.islice(refs, SCROLL_GROUP)):
            for ref in _one_for_each_generation(group):
                entry = self._manifest.get(ref.document_id)
                if entry is None:
                    self._send(ref.document, "points without a document", findings)
                elif ref.generation < entry.committed and ref.generation != entry.active:
                    self._delete(ref)
                    findings.deleted_generations += 1

    def _send(self, key: str, reason: str, findings: Findings) -> None:
        findings.hinted[reason] = findings.hinted.get(reason, 0) + 1
        self._hint(key)

    def _delete(self, ref: PointRef) -> None:
        own = Equals("document_id", ref.document_id)
        self._store.delete(Filter(must=(own, Equals("generation", ref.generation))))


def merged(
    listed: Iterable[tuple[str, str]], entries: Iterable[Entry]
) -> Iterator[tuple[str, str | None, Entry | None]]:
    """Both lists joined by key: (key, ETag or None, entry or None).

    Both are in order of the keys' UTF-8 bytes: S3 lists so, and DynamoDB sorts strings so.
    """
    rows = heapq.merge(
        ((key.encode(), 0, etag) for key, etag in listed),
        ((entry.document.key.encode(), 1, entry) for entry in entries),
        key=lambda row: row[:2],
    )
    for key, group in itertools.groupby(rows, key=lambda row: row[0]):
        sides: dict[int, Any] = {side: value for _, side, value in group}
        yield key.decode(), sides.get(0), sides.get(1)


def _at_rest(entry: Entry, status: Status) -> bool:
    return entry.status is status and entry.generation == entry.committed


def _one_for_each_generation(refs: Iterable[PointRef]) -> list[PointRef]:
    return list({(ref.document_id, ref.generation): ref for ref in refs}.values())
