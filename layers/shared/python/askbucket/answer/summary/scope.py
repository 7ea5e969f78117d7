"""Everything readers may see in a question's scope: whole documents, not the best chunks of them.

The reader's check here: a document's active generation is read before its chunks, all of which were
stored by then, and once more after them, so that none of them was being cleared away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from askbucket.entry import Entry
from askbucket.errors import TooWide, TryAgain
from askbucket.manifest import Manifest
from askbucket.models import Hit
from askbucket.ownership import Rights
from askbucket.stores.port import AnyOf, Filter, TenantFilter, VectorStore

LOOKED_AT = 4  # points for each chunk of the limit: older generations and staged ones lie beside


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """A document's entry and every chunk of its active generation, in reading order."""

    entry: Entry
    hits: tuple[Hit, ...]


class WholeScope:
    """Finds whole documents of at most `most_chunks` chunks together."""

    def __init__(self, store: VectorStore, manifest: Manifest, most_chunks: int) -> None:
        self._store = store
        self._manifest = manifest
        self._most = most_chunks

    def __call__(self, within: Filter, rights: Rights) -> list[WholeDocument]:
        """The documents in the order of their keys. Raises TooWide, and TryAgain where one of them
        changes meanwhile."""
        entries = self._visible(rights.filter(within), rights)
        if sum(entry.chunks for entry in entries.values()) > self._most:
            raise self._too_wide()
        documents = self._read(entries, rights)
        again = self._manifest.get_many(list(entries))
        for document_id, entry in entries.items():
            if document_id not in again or again[document_id].active != entry.active:
                raise TryAgain(f"{entry.document.key} changed while it was read")
        return documents

    def _visible(self, matching: TenantFilter, rights: Rights) -> dict[str, Entry]:
        """The entries of the documents whose active generation matches."""
        looked_at = self._most * LOOKED_AT
        points = list(islice(self._store.scroll(matching.whole), looked_at + 1))
        if len(points) > looked_at:
            raise self._too_wide()
        found = {(point.document_id, point.generation) for point in points}
        entries = self._manifest.get_many(list(dict.fromkeys(p.document_id for p in points)))
        return {
            document_id: entry
            for document_id, entry in entries.items()
            if (document_id, entry.active) in found and rights.admit(entry)
        }

    def _read(self, entries: Mapping[str, Entry], rights: Rights) -> list[WholeDocument]:
        if not entries:
            return []
        matching = rights.filter(Filter((AnyOf("document_id", tuple(entries)),)))
        hits = self._store.contents(matching, self._most * LOOKED_AT)
        documents = [_whole(entry, hits) for entry in entries.values()]
        return sorted(documents, key=lambda each: each.entry.document.key)

    def _too_wide(self) -> TooWide:
        return TooWide(
            f"what is to be summarised has more than {self._most} chunks "
            "(ASKBUCKET_SUMMARY_CHUNKS); narrow the filter to a document or a longer prefix, or "
            "raise the setting"
        )


def _whole(entry: Entry, hits: list[Hit]) -> WholeDocument:
    own = [
        hit
        for hit in hits
        if hit.document_id == entry.document.id and hit.generation == entry.active
    ]
    if len(own) != entry.chunks:
        raise TryAgain(f"{entry.document.key} changed while it was read")
    return WholeDocument(entry, tuple(sorted(own, key=lambda hit: hit.number)))
