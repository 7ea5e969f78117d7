"""A vector store in memory that searches exactly: the port's contract without an engine.

Dense scores are cosines, sparse ones BM25 with the inverse document frequency as Qdrant's `idf`
modifier counts it, over the whole collection whatever the filter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askbucket.errors import CallerError
from askbucket.models import Hit, SparseVector
from askbucket.stores.payload import hit_of, payload_of, ref_of
from askbucket.stores.port import (
    AnyOf,
    Below,
    Condition,
    Equals,
    Filter,
    Point,
    PointRef,
    TenantFilter,
)

MASKS = 64  # filters whose matches are remembered until the next write
Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]


class MemoryStore:
    """Points in a dict; what is searched is built at the first search after a write."""

    def __init__(self) -> None:
        self._points: dict[str, Point] = {}
        self._rows: _Rows | None = None

    def ensure(self) -> None:
        """Nothing has to be made."""

    def upsert(self, points: Sequence[Point]) -> None:
        self._points |= {point.id: point for point in points}
        self._rows = None

    def delete(self, matching: Filter) -> None:
        dead = {ref.id for ref in self.scroll(matching)}
        if dead:
            self._points = {name: p for name, p in self._points.items() if name not in dead}
            self._rows = None

    def search(
        self, dense: Sequence[float], sparse: SparseVector, matching: TenantFilter, limit: int
    ) -> tuple[list[Hit], list[Hit]]:
        rows = self._searched()
        if not rows.ids:
            return [], []
        mask = rows.mask(matching.whole)
        meant = rows.best(rows.cosines(dense), mask, limit)
        scores = rows.bm25(sparse)
        return meant, rows.best(scores, mask & (scores > 0), limit)

    def count(self, matching: Filter) -> int:
        return int(self._searched().mask(matching).sum())

    def scroll(self, matching: Filter, start: str | None = None) -> Iterator[PointRef]:
        rows = self._searched()
        found = [rows.ids[at] for at in np.flatnonzero(rows.mask(matching))]
        payloads = dict(zip(rows.ids, rows.payloads, strict=True))
        for name in sorted(each for each in found if start is None or each >= start):
            yield ref_of(name, payloads[name])

    def contents(self, matching: TenantFilter, limit: int) -> list[Hit]:
        payloads = dict(zip(self._searched().ids, self._searched().payloads, strict=True))
        found = islice(self.scroll(matching.whole), limit)
        return [hit_of(ref.id, payloads[ref.id], 0.0) for ref in found]

    def health(self) -> str:
        return "memory"

    def _searched(self) -> _Rows:
        if self._rows is None:
            self._rows = _Rows(self._points)
        return self._rows


class _Rows:
    """All points, row for row."""

    def __init__(self, points: Mapping[str, Point]) -> None:
        self.ids = list(points)
        self.payloads = [payload_of(point) for point in points.values()]
        self._dense = np.array([_unit(point.dense) for point in points.values()])
        self._postings = _postings([point.sparse for point in points.values()])
        self._ranks = np.argsort(np.argsort(self.ids))
        self.mask = lru_cache(MASKS)(self._mask)

    def cosines(self, vector: Sequence[float]) -> Scores:
        scores: Scores = self._dense @ _unit(vector)
        return scores

    def bm25(self, question: SparseVector) -> Scores:
        scores = np.zeros(len(self.ids))
        for token, asked in zip(question.indices, question.values, strict=True):
            for row, weight in self._postings.get(token, ()):
                scores[row] += asked * weight
        return scores

    def best(self, scores: Scores, mask: Mask, limit: int) -> list[Hit]:
        """The rows of the mask, best first; equals in the order of their ids."""
        ordered = np.lexsort((self._ranks, -scores))
        rows = ordered[mask[ordered]][:limit]
        return [hit_of(self.ids[row], self.payloads[row], float(scores[row])) for row in rows]

    def _mask(self, matching: Filter) -> Mask:
        return np.array([_matches(payload, matching) for payload in self.payloads], bool)


def _unit(vector: Sequence[float]) -> Scores:
    floats = np.asarray(vector, np.float64)
    return floats / (np.linalg.norm(floats) or 1.0)


def _postings(vectors: Sequence[SparseVector]) -> dict[int, list[tuple[int, float]]]:
    """By token id, the rows that hold it and its weight there times its rarity."""
    postings: dict[int, list[tuple[int, float]]] = {}
    for row, vector in enumerate(vectors):
        for token, weight in zip(vector.indices, vector.values, strict=True):
            postings.setdefault(token, []).append((row, weight))
    return {
        token: [(row, weight * _rarity(len(held), len(vectors))) for row, weight in held]
        for token, held in postings.items()
    }


def _rarity(holders: int, points: int) -> float:
    """Robertson and Zaragoza (2009), never negative."""
    return math.log(1 + (points - holders + 0.5) / (holders + 0.5))


def _matches(payload: Mapping[str, Any], matching: Filter) -> bool:
    return all(_holds(payload, each) for each in matching.must) and not any(
        all(_holds(payload, each) for each in conjunction) for conjunction in matching.must_not
    )


def _holds(payload: Mapping[str, Any], condition: Condition) -> bool:
    value = _value(payload, condition.field)
    match condition:
        case Equals(_, wanted):
            return wanted in value if isinstance(value, list) else bool(value == wanted)
        case AnyOf(_, values):
            return not set(values).isdisjoint(value if isinstance(value, list) else [value])
        case Below(_, limit):
            return value is not None and value < limit


def _value(payload: Mapping[str, Any], field: str) -> Any:
    """`labels.team` is the label named so. Raises CallerError for a name S3 cannot hold."""
    parent, dot, name = field.partition(".")
    if '"' in name:
        raise CallerError(f"no label can be named {name!r}: it holds a quotation mark")
    return payload.get(parent, {}).get(name) if dot else payload.get(parent)
