"""Points are cut into requests by their number and by their size as JSON."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from askbucket.models import Chunk, Document, SparseVector
from askbucket.stores.batches import MOST_BYTES, MOST_POINTS, _size, batches
from askbucket.stores.port import Point
from askbucket.stores.qdrant import _struct_of

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def point(number: int, terms: int = 0, text: str = "", dense: tuple[float, ...] = (1.0,)) -> Point:
    sparse = SparseVector(tuple(range(2**32 - terms, 2**32)), (-2.2250738585072014e-308,) * terms)
    chunk = Chunk(number, None, 0, len(text), text)
    return Point(Document("b", "k"), 1, "t", "v", {}, chunk, dense, sparse)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from([0, 10, 3000, 60_000, 300_000]), max_size=300))
def test_order_is_kept_and_no_request_is_too_large(terms: list[int]) -> None:
    points = [point(number, each) for number, each in enumerate(terms)]
    cut = list(batches(points))
    assert [p for batch in cut for p in batch] == points
    for batch in cut:
        size = sum(37 * len(p.sparse.indices) for p in batch)
        assert 1 <= len(batch) <= MOST_POINTS
        assert size <= MOST_BYTES or len(batch) == 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.lists(FLOATS, min_size=1, max_size=8), st.integers(0, 40))
def test_a_point_is_never_larger_than_it_was_taken_for(
    text: str, dense: list[float], terms: int
) -> None:
    made = point(7, terms, text.encode("utf-8", "replace").decode(), tuple(dense))
    assert len(_struct_of(made).model_dump_json().encode()) <= _size(made)


def test_small_points_go_by_their_number() -> None:
    sizes = [len(batch) for batch in batches([point(n) for n in range(2 * MOST_POINTS + 1)])]
    assert sizes == [MOST_POINTS, MOST_POINTS, 1]
