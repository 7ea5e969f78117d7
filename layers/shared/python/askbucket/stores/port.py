"""What Askbucket needs of a vector store, in its own types, and the small filter language.

A new store is one file beside this one, one line in wiring.py and one fixture of the contract
suite. The store holds points and finds them; which of them readers may see is not its business
(see manifest.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from askbucket.models import Chunk, Document, Hit, SparseVector


@dataclass(frozen=True, slots=True)
class Equals:
    """The field holds the value, or a list that contains it."""

    field: str
    value: str | int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field holds one of the values, or a list with one of them; no values: nothing matches."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Below:
    """The field's number is smaller than the limit."""

    field: str
    limit: int


Condition = Equals | AnyOf | Below


@dataclass(frozen=True, slots=True)
class Filter:
    """All of `must`, and none of `must_not`, where each of the latter is itself a conjunction."""

    must: tuple[Condition, ...] = ()
    must_not: tuple[tuple[Condition, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class TenantFilter:
    """Points of one tenant, and all of `within`: nothing else can be searched or read.

    There is none without a tenant, so no search without one can be written. `groups` are the marks
    of which a point must carry one, where they count (see ownership.py).
    """

    tenant: str
    within: Filter = Filter()
    groups: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.tenant:
            raise ValueError("a search must name the tenant whose points it may find")

    @property
    def whole(self) -> Filter:
        """All of it in the filter language."""
        own: list[Condition] = [Equals("tenant", self.tenant)]
        if self.groups is not None:
            own.append(AnyOf("groups", self.groups))
        return Filter((*own, *self.within.must), self.within.must_not)


@dataclass(frozen=True, slots=True)
class Point:
    """A chunk ready to be stored: `dense` is a unit vector of the collection's dimensions.

    `groups` are its document's marks.
    """

    document: Document
    generation: int
    tenant: str
    version: str
    labels: Mapping[str, str]
    chunk: Chunk
    dense: Sequence[float]
    sparse: SparseVector
    modified: int = 0
    groups: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return point_id(self.document.id, self.generation, self.chunk.number)


@dataclass(frozen=True, slots=True)
class PointRef:
    """Whose a stored point is."""

    id: str
    document_id: str
    document: str
    generation: int


class VectorStore(Protocol):
    """One collection. Every method raises TryAgain when the store cannot be reached or refuses."""

    def ensure(self) -> None:
        """Create the collection and its payload indexes where they are missing."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Write the points and wait until the store confirms that they are searchable."""

    def delete(self, matching: Filter) -> None:
        """Remove every matching point and wait until the store confirms; none is fine."""

    def search(
        self, dense: Sequence[float], sparse: SparseVector, matching: TenantFilter, limit: int
    ) -> tuple[list[Hit], list[Hit]]:
        """The best hits by dense and by sparse score, best first, each list at most `limit` long.

        Scores are the store's own. A collection that does not exist holds nothing.
        """

    def count(self, matching: Filter) -> int:
        """The exact number of matching points."""

    def scroll(self, matching: Filter, start: str | None = None) -> Iterator[PointRef]:
        """Every matching point in order of their ids, from the id `start` on, a page in memory."""

    def contents(self, matching: TenantFilter, limit: int) -> list[Hit]:
        """Every matching point with all it holds, in order of their ids, at most `limit`; their
        scores are 0."""

    def health(self) -> str:
        """The store's name and version, for people."""


def point_id(document_id: str, generation: int, number: int) -> str:
    """A UUIDv5, so that writing the same chunk of the same attempt twice keeps one point."""
    return str(uuid.uuid5(uuid.UUID(document_id), f"{generation}:{number}"))
