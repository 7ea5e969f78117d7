"""The reader's check: of what a search found, only what the manifest says readers may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from askbucket.clock import Clock
from askbucket.entry import Entry
from askbucket.manifest import Manifest
from askbucket.models import Hit, SparseVector
from askbucket.ownership import Rights
from askbucket.stores.port import Equals, Filter, VectorStore

SETTLING_MS = 2000  # a commit this close to the search may have been searched half staged


@dataclass(frozen=True, slots=True)
class Found:
    """Two lists of hits, best first, all of them visible."""

    dense: tuple[Hit, ...]
    sparse: tuple[Hit, ...]


class VisibleSearch:
    """Searches the store and keeps only hits of active generations that the caller may see."""

    def __init__(self, store: VectorStore, manifest: Manifest, clock: Clock) -> None:
        self._store = store
        self._manifest = manifest
        self._clock = clock

    def __call__(
        self,
        dense: Sequence[float],
        words: SparseVector,
        *,
        scope: Filter,
        rights: Rights,
        limit: int,
    ) -> Found:
        """At most two searches: the second refills what the first lost to dead generations, and
        sees whole what was being committed during the first."""
        started = self._clock()
        lists = self._store.search(dense, words, rights.filter(scope), limit)
        entries = self._entries(lists)
        if not self._again(lists, entries, rights, started):
            return _kept(lists, entries, rights)
        dead = {
            (hit.document_id, hit.generation)
            for hits in lists
            for hit in hits
            if not _visible(hit, entries, rights)
        }
        without = tuple(
            (Equals("document_id", document_id), Equals("generation", generation))
            for document_id, generation in sorted(dead)
        )
        restarted = self._clock()
        alive = Filter(scope.must, (*scope.must_not, *without))
        lists = self._store.search(dense, words, rights.filter(alive), limit)
        return self._second(lists, entries, rights, restarted)

    def _second(
        self,
        lists: tuple[list[Hit], list[Hit]],
        before: dict[str, Entry],
        rights: Rights,
        restarted: int,
    ) -> Found:
        """Keeps a hit that is active now and either was so before this search, when all its
        points were stored already, or was committed long enough before it."""
        entries = self._entries(lists)
        seen_whole = {
            document_id: entry
            for document_id, entry in entries.items()
            if _same_generation(before.get(document_id), entry)
            or entry.staged_at <= restarted - SETTLING_MS
        }
        return _kept(lists, seen_whole, rights)

    def _again(
        self,
        lists: tuple[list[Hit], list[Hit]],
        entries: dict[str, Entry],
        rights: Rights,
        started: int,
    ) -> bool:
        return any(
            not _visible(hit, entries, rights)
            or entries[hit.document_id].staged_at > started - SETTLING_MS
            for hits in lists
            for hit in hits
        )

    def _entries(self, lists: tuple[list[Hit], list[Hit]]) -> dict[str, Entry]:
        ids = dict.fromkeys(hit.document_id for hits in lists for hit in hits)
        return self._manifest.get_many(list(ids)) if ids else {}


def _visible(hit: Hit, entries: dict[str, Entry], rights: Rights) -> bool:
    entry = entries.get(hit.document_id)
    return entry is not None and entry.active == hit.generation and rights.admit(entry)


def _same_generation(before: Entry | None, now: Entry) -> bool:
    return before is not None and before.active is not None and before.active == now.active


def _kept(lists: tuple[list[Hit], list[Hit]], entries: dict[str, Entry], rights: Rights) -> Found:
    """The visible hits, under the version that holds their bytes now."""
    dense, words = (
        tuple(
            replace(hit, version=entries[hit.document_id].active_version or hit.version)
            for hit in hits
            if _visible(hit, entries, rights)
        )
        for hits in lists
    )
    return Found(dense, words)
