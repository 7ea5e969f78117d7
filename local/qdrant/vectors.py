"""Points and vectors: from qdrant-client's models to Qdrant Edge, and from Edge to JSON.

Everything about a vector is checked here, before Edge sees it: Edge takes NaN and sparse vectors
with repeated indices without a word, and would apply the good half of a bad batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import qdrant_edge as edge
from qdrant_client.http import models

from local.qdrant.errors import BadRequest, NotOffered, Unprocessable
from local.qdrant.filters import point_id

FLOAT32_MAX = 3.4028234663852886e38
MAX_SPARSE_INDEX = 2**32 - 1

Json = dict[str, Any]


@dataclass(frozen=True)
class VectorSpace:
    """Which vectors a collection has: dense names with their dimensions, and sparse names.

    The unnamed vector of a collection is named "" (as inside Qdrant).
    """

    dense: Mapping[str, int]
    sparse: frozenset[str]

    def checked(self, name: str, vector: object) -> list[float] | edge.SparseVector:
        """The vector for Edge: right dimensions, finite float32 values, unique sparse indices."""
        if name not in self.dense and name not in self.sparse:
            raise BadRequest(f"Wrong input: Not existing vector name error: {name}")
        if isinstance(vector, models.SparseVector):
            return self._sparse(name, vector)
        if isinstance(vector, list):
            return self._dense(name, vector)
        raise NotOffered(f"Inference (`{type(vector).__name__}` in place of a vector)")

    def _dense(self, name: str, vector: list[Any]) -> list[float]:
        if vector and isinstance(vector[0], list):
            raise NotOffered("A multivector")
        if name in self.sparse:
            raise BadRequest(f"Wrong input: vector `{name}` is sparse, got a dense one")
        if len(vector) != self.dense[name]:
            raise BadRequest(
                f"Wrong input: Vector dimension error: expected dim: {self.dense[name]}, "
                f"got {len(vector)}"
            )
        _require_float32(name, vector)
        return vector

    def _sparse(self, name: str, vector: models.SparseVector) -> edge.SparseVector:
        if name in self.dense:
            raise BadRequest(f"Wrong input: vector `{name}` is dense, got a sparse one")
        indices, values = vector.indices, vector.values
        if len(indices) != len(values):
            raise Unprocessable(
                f"Vector `{name}`: {len(indices)} indices but {len(values)} values; "
                "must be the same length"
            )
        if len(set(indices)) != len(indices):
            raise Unprocessable(f"Vector `{name}`: indices must be unique")
        if indices and not (min(indices) >= 0 and max(indices) <= MAX_SPARSE_INDEX):
            raise Unprocessable(f"Vector `{name}`: indices must be within 0..{MAX_SPARSE_INDEX}")
        _require_float32(name, values)
        return edge.SparseVector(indices, values)


def _require_float32(name: str, values: list[float]) -> None:
    # One pass in C: the sum of magnitudes is past the limit, or NaN, if any value is.
    if not sum(map(abs, values)) <= FLOAT32_MAX:
        raise Unprocessable(f"Vector `{name}`: every value must be a finite 32-bit float")


def edge_points(request: models.PointInsertOperations, space: VectorSpace) -> list[edge.Point]:
    """The points of an upsert, whichever of its two forms it has."""
    points = _rows(request.batch) if isinstance(request, models.PointsBatch) else request.points
    return [
        edge.Point(point_id(point.id), _named_vectors(point.vector, space), point.payload or {})
        for point in points
    ]


def _named_vectors(given: object, space: VectorSpace) -> dict[str, edge.NamedVector]:
    named = given if isinstance(given, dict) else {"": given}
    return {name: space.checked(name, vector) for name, vector in named.items()}


def _rows(batch: models.Batch) -> Iterator[models.PointStruct]:
    """A batch (one list per column) as points; columns of unequal length are refused."""
    payloads = batch.payloads or [{}] * len(batch.ids)
    columns = batch.vectors if isinstance(batch.vectors, dict) else {"": batch.vectors}
    lengths = {len(payloads), *(len(column) for column in columns.values())}
    if lengths - {len(batch.ids)}:
        raise BadRequest(
            f"Wrong input: batch of {len(batch.ids)} ids has columns of {sorted(lengths)} entries"
        )
    for row, (identity, payload) in enumerate(zip(batch.ids, payloads, strict=True)):
        vector: Any = {name: column[row] for name, column in columns.items()}
        yield models.PointStruct.model_construct(id=identity, vector=vector, payload=payload)


def record_json(point: edge.Record) -> Json:
    """A retrieved point as the REST API shows it."""
    return {"id": id_json(point.id), **_contents(point)}


def scored_json(point: edge.ScoredPoint) -> Json:
    """A found point as the REST API shows it."""
    head = {"id": id_json(point.id), "version": point.version, "score": point.score}
    return {**head, **_contents(point)}


def id_json(value: edge.PointId) -> int | str:
    """A point id as JSON: Edge hands out UUID objects."""
    return str(value) if isinstance(value, UUID) else value


def _contents(point: edge.Record | edge.ScoredPoint) -> Json:
    contents: Json = {}
    if point.payload is not None:
        contents["payload"] = point.payload
    if point.vector is not None:
        contents["vector"] = _vector_json(point.vector)
    return contents


def _vector_json(vector: object) -> object:
    if isinstance(vector, dict):
        return {name: _vector_json(named) for name, named in vector.items()}
    if isinstance(vector, edge.SparseVector):
        return {"indices": vector.indices, "values": vector.values}
    return vector
