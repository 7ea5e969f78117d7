"""Whether the store still holds what readers may see: it may have been put back to an older day, or
made anew, while the manifest went on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from askbucket.entry import Entry
from askbucket.stores.port import AnyOf, Equals, Filter, VectorStore


def stands(store: VectorStore, entry: Entry) -> bool:
    """Whether the store holds all that readers may see of a document, or there is nothing to hold.

    One exact count.
    """
    if entry.active is None:
        return True
    own = Equals("document_id", entry.document.id), Equals("generation", entry.active)
    return store.count(Filter(own)) == entry.chunks


def lost(store: VectorStore, entries: Sequence[Entry]) -> set[str]:
    """Ids of those documents that do not stand, by one listing of the points of them all."""
    shown = {e.document.id: e for e in entries if e.active is not None}
    if not shown:
        return set()
    listed = store.scroll(Filter((AnyOf("document_id", tuple(shown)),)))
    held = Counter(
        ref.document_id for ref in listed if ref.generation == shown[ref.document_id].active
    )
    return {each for each, entry in shown.items() if held[each] != entry.chunks}
