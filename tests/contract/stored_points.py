"""Points made by hand, so that their order in a search is known."""

from __future__ import annotations

from collections.abc import Sequence

from askbucket.models import Box, Chunk, Document, SparseVector
from askbucket.stores.port import Condition, Filter, Point, TenantFilter

DIMENSIONS = 4
EVERYTHING = Filter()
MINE = TenantFilter("default")
EAST, NORTH, UP = (1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0)
NO_WORDS = SparseVector((), ())
API_KEY = "a key only for these tests"


def point(
    key: str = "a.txt",
    number: int = 0,
    *,
    generation: int = 1,
    tenant: str = "default",
    dense: Sequence[float] = EAST,
    sparse: SparseVector = NO_WORDS,
    labels: dict[str, str] | None = None,
    text: str = "text",
    groups: tuple[str, ...] = (),
) -> Point:
    chunk = Chunk(number, 2, 0, len(text), text, (Box(0.1, 0.25, 0.5, 0.0125),))
    return Point(
        Document("bucket", key),
        generation,
        tenant,
        "v1",
        labels or {},
        chunk,
        dense,
        sparse,
        modified=1_700_000_000_000,
        groups=groups,
    )


def only(*must: Condition) -> Filter:
    return Filter(must)
