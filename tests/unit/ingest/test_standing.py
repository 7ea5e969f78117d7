"""What the store has lost is seen by one listing of many documents, as by a count of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qdrant_client import QdrantClient

from askbucket.entry import Entry
from askbucket.ingest import sweep as sweeping
from askbucket.ingest.sparse import document_vector
from askbucket.ingest.standing import lost, stands
from askbucket.ingest.sweep import grouped
from askbucket.models import Chunk, Document
from askbucket.stores.port import Filter, Point, VectorStore
from tests.unit.ingest.hash_embedder import hash_vector
from tests.unit.ingest.parts import BUCKET, World, lines, made_store

ACTIVE, STALE = 7, 5
CHUNKS = 2
VECTORS = hash_vector("text"), document_vector("text")


@pytest.fixture(scope="module")
def store() -> Iterator[VectorStore]:
    qdrant = QdrantClient(":memory:")
    yield made_store(qdrant)
    qdrant.close()


def entry(number: int, active: int | None = ACTIVE) -> Entry:
    return Entry(Document(BUCKET, f"{number}.txt"), "default", 8, 8, active, chunks=CHUNKS)


def points(document: Document, generation: int, count: int) -> list[Point]:
    made = [Chunk(number, None, 0, 4, "text") for number in range(count)]
    return [Point(document, generation, "default", "v", {}, each, *VECTORS) for each in made]


HELD = st.tuples(st.integers(0, CHUNKS), st.integers(0, CHUNKS))  # of the active, of a stale one


@given(held=st.lists(HELD, min_size=1, max_size=6), hidden=st.sets(st.integers(0, 5)))
def test_one_listing_tells_what_a_count_of_each_would(
    store: VectorStore, held: list[tuple[int, int]], hidden: set[int]
) -> None:
    store.delete(Filter())
    entries = [entry(n, None if n in hidden else ACTIVE) for n in range(len(held))]
    for each, (active, stale) in zip(entries, held, strict=True):
        both = (ACTIVE, active), (STALE, stale)
        store.upsert([p for g, count in both for p in points(each.document, g, count)])

    missed = lost(store, entries)

    assert missed == {e.document.id for e in entries if not stands(store, e)}
    full = [active == CHUNKS or n in hidden for n, (active, _) in enumerate(held)]
    assert [e.document.id not in missed for e in entries] == full


def test_points_of_another_generation_do_not_make_up_for_lost_ones(store: VectorStore) -> None:
    """A count by document alone would not see it."""
    store.delete(Filter())
    store.upsert(points(entry(0).document, STALE, CHUNKS))

    assert lost(store, [entry(0)]) == {entry(0).document.id}


class Counted:
    """A Qdrant client that notes what it is asked."""

    def __init__(self, client: QdrantClient) -> None:
        self._client = client
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def called(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            return getattr(self._client, name)(*args, **options)

        return called


@pytest.mark.parametrize("documents", [1, 12])
def test_a_sweep_of_what_is_settled_asks_the_store_for_listings_alone(
    world: World, documents: int
) -> None:
    for number in range(documents):
        world.put(f"{number:02}.txt", lines(2))
        world.sync(f"{number:02}.txt")
    counted: Any = Counted(world.qdrant)
    world.store = made_store(counted)
    counted.calls.clear()

    findings, hinted = world.sweep()

    assert (findings.keys, hinted) == (documents, [])
    assert counted.calls == ["scroll"] * 2  # the points of the keys, and all there are


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [([1] * 7, [3, 3, 1]), ([9, 1, 1, 20, 1], [2, 1, 1, 1]), ([], []), ([10, 10], [1, 1])],
)
def test_a_group_has_few_keys_and_few_chunks(
    monkeypatch: pytest.MonkeyPatch, sizes: Sequence[int], groups: Sequence[int]
) -> None:
    monkeypatch.setattr(sweeping, "GROUP", 3)
    monkeypatch.setattr(sweeping, "GROUP_CHUNKS", 10)
    rows = [(str(n), None, replace(entry(n), chunks=size)) for n, size in enumerate(sizes)]

    found = list(grouped(rows))

    assert [len(group) for group in found] == groups
    assert [row for group in found for row in group] == rows
