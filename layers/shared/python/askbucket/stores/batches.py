"""Points cut into requests that every way to a store lets through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from askbucket.stores.payload import payload_of
from askbucket.stores.port import Point

MOST_POINTS = 128  # Qdrant advises 64 to 256 points a request
# API Gateway takes 10 MB a request (its quotas, "Payload size"), Qdrant itself 32.
MOST_BYTES = 9_000_000
FLOAT_BYTES = 26  # the longest a float becomes in JSON, with its comma
TERM_BYTES = FLOAT_BYTES + 11  # beside its weight, a term's number of 32 bits


def batches(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points in order, in lists of at most MOST_POINTS points and MOST_BYTES of JSON.

    A point that is larger alone stands alone.
    """
    batch: list[Point] = []
    room = MOST_BYTES
    for point in points:
        size = _size(point)
        if batch and (len(batch) == MOST_POINTS or size > room):
            yield batch
            batch, room = [], MOST_BYTES
        batch.append(point)
        room -= size
    if batch:
        yield batch


def _size(point: Point) -> int:
    """Never less than the point's JSON takes, in bytes."""
    vectors = FLOAT_BYTES * len(point.dense) + TERM_BYTES * len(point.sparse.indices)
    return vectors + len(json.dumps(payload_of(point))) + 200
