"""Repair: the bucket's listing against the manifest against the store's points.

What readers may see of documents is counted as the store lists it, so that an index put back to an
older day is made whole again.

Every key that differs gets a hint, so that `sync` decides; points that nobody can ever see again
are deleted. The lists are streamed side by side, so memory does not grow with the bucket, and a
sweep cut short by the clock goes on from its cursor.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from askbucket.bucket import Bucket
from askbucket.clock import Deadline
from askbucket.entry import Entry
from askbucket.ingest.limits import Limits
from askbucket.ingest.recipe import Recipe
from askbucket.ingest.standing import lost
from askbucket.manifest import Manifest
from askbucket.models import Status
from askbucket.stores.port import Equals, Filter, PointRef, VectorStore

GROUP = 500  # keys or points between two looks at the clock
GROUP_CHUNKS = 20_000  # of the documents of a group of keys, whose points are listed
LIST_PAGE = 500
KEYS, POINTS = "keys", "points"
Row = tuple[str, str | None, Entry | None]
"""A key, its ETag in the bucket or None, and its entry in the manifest or None."""
EMPTY_ETAG = '"d41d8cd98f00b204e9800998ecf8427e"'  # of zero bytes


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a sweep stands: its stage, the last key or point done, and what it is limited to.

    A sweep limited to a prefix looks at keys alone.
    """

    stage: str = KEYS
    after: str = ""
    prefix: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Cursor:
        """Raises ValueError for a cursor that no sweep gave out."""
        cursor = cls(**{name: str(fields[name]) for name in cls.__slots__ if name in fields})
        if cursor.stage not in (KEYS, POINTS):
            raise ValueError(f"{fields!r} is no cursor of a sweep")
        return cursor


@dataclass(slots=True)
class Findings:
    """Keys looked at, keys hinted by reason, and generations of points deleted."""

    keys: int = 0
    hinted: dict[str, int] = field(default_factory=dict)
    deleted_generations: int = 0


class Sweep:
    """Passes of repair. `hint` sends keys to the ingest function."""

    def __init__(
        self,
        bucket: Bucket,
        manifest: Manifest,
        store: VectorStore,
        recipe: Recipe,
        limits: Limits,
        hint: Callable[[Sequence[str]], None],
    ) -> None:
        self._bucket = bucket
        self._manifest = manifest
        self._store = store
        self._recipe = recipe
        self._hint = hint
        self._limits = limits

    def run(self, cursor: Cursor, deadline: Deadline) -> tuple[Findings, Cursor | None]:
        """What was found from the cursor on, and where to go on; None when it is done."""
        findings = Findings()
        if cursor.stage == KEYS:
            cut = self._compare_keys(cursor, deadline, findings)
            if cut:
                return findings, cut
            if cursor.prefix:
                return findings, None
            cursor = Cursor(POINTS)
        return findings, self._compare_points(cursor, deadline, findings)

    def due(self, now: int) -> int:
        """Hints the documents that something should have been heard of; how many there were."""
        keys = list(self._manifest.due(now))
        self._hint(keys)
        return len(keys)

    def _compare_keys(
        self, cursor: Cursor, deadline: Deadline, findings: Findings
    ) -> Cursor | None:
        rows = merged(self._bucket.etags(cursor.prefix, cursor.after), self._entries(cursor))
        for group in grouped(rows):
            self._send(self._differences(group), findings)
            findings.keys += len(group)
            if deadline.near:
                return Cursor(KEYS, group[-1][0], cursor.prefix)
        return None

    def _differences(self, group: Sequence[Row]) -> list[tuple[str, str]]:
        """The keys that differ, each with its reason, in order."""
        reasons = {key: self._difference(key, etag, entry) for key, etag, entry in group}
        settled = [entry for key, _, entry in group if entry and not reasons[key]]
        missed = lost(self._store, settled)
        for entry in settled:
            reasons[entry.document.key] = "lost points" if entry.document.id in missed else None
        return [(key, reason) for key, reason in reasons.items() if reason]

    def _difference(self, key: str, etag: str | None, entry: Entry | None) -> str | None:
        """Whatever shows without a look into the store."""
        if entry is None:
            return None if _is_folder_marker(key, etag) else "not in the manifest"
        at_rest = entry.generation == entry.committed
        deleted = at_rest and entry.status is Status.DELETED
        signs = (
            (etag is None and not deleted, "not in the bucket"),
            (not at_rest, "unfinished"),
            (entry.collected < entry.committed, "leftovers"),
            (etag is not None and etag != entry.etag, "another version"),
            (etag is not None and not self._is_current(entry), "another recipe"),
            (etag is not None and self._limits.admit_now(entry.needs), "a raised limit"),
        )
        return next((reason for differs, reason in signs if differs), None)

    def _is_current(self, entry: Entry) -> bool:
        return self._recipe.is_current(entry.recipe, entry.document.key)

    def _entries(self, cursor: Cursor) -> Iterator[Entry]:
        """The manifest's entries of the prefix, after the cursor, in key order."""
        position = None
        while True:
            page = self._manifest.list(
                self._bucket.name,
                prefix=cursor.prefix,
                after=cursor.after or None,
                tombstones=True,
                limit=LIST_PAGE,
                cursor=position,
            )
            for entry in page.entries:
                if not entry.document.key.startswith(cursor.prefix):
                    return
                yield entry
            position = page.cursor
            if position is None:
                return

    def _compare_points(
        self, cursor: Cursor, deadline: Deadline, findings: Findings
    ) -> Cursor | None:
        """A generation above the last commit belongs to an attempt under way: never touched."""
        refs = self._store.scroll(Filter(), cursor.after or None)
        while group := list(itertools.islice(refs, GROUP)):
            self._clear(_one_for_each_generation(group), findings)
            if deadline.near:
                return Cursor(POINTS, group[-1].id)
        return None

    def _clear(self, refs: Sequence[PointRef], findings: Findings) -> None:
        entries = self._manifest.get_many(list({ref.document_id for ref in refs}))
        unknown = {ref.document for ref in refs if ref.document_id not in entries}
        self._send([(key, "points without a document") for key in sorted(unknown)], findings)
        for ref in refs:
            entry = entries.get(ref.document_id)
            if entry and ref.generation < entry.committed and ref.generation != entry.active:
                self._delete(ref)
                findings.deleted_generations += 1

    def _send(self, found: Sequence[tuple[str, str]], findings: Findings) -> None:
        for _, reason in found:
            findings.hinted[reason] = findings.hinted.get(reason, 0) + 1
        self._hint([key for key, _ in found])

    def _delete(self, ref: PointRef) -> None:
        own = Equals("document_id", ref.document_id)
        self._store.delete(Filter(must=(own, Equals("generation", ref.generation))))


def grouped(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in groups of at most GROUP keys and GROUP_CHUNKS chunks, or one key of more."""
    group: list[Row] = []
    chunks = 0
    for row in rows:
        more = row[2].chunks if row[2] else 0
        if group and (len(group) == GROUP or chunks + more > GROUP_CHUNKS):
            yield group
            group, chunks = [], 0
        group.append(row)
        chunks += more
    if group:
        yield group


def merged(listed: Iterable[tuple[str, str]], entries: Iterable[Entry]) -> Iterator[Row]:
    """Both lists joined by key.

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


def _is_folder_marker(key: str, etag: str | None) -> bool:
    return key.endswith("/") and etag == EMPTY_ETAG


def _one_for_each_generation(refs: Iterable[PointRef]) -> list[PointRef]:
    return list({(ref.document_id, ref.generation): ref for ref in refs}.values())
