"""What a collection is made of: its configuration and payload indexes, to Edge and back.

A collection here is searched exactly: no HNSW graph is ever built. Edge 0.9 builds it inside one
call that holds Python's lock to the end (9 s for 20,000 vectors of 384 floats), during which the
process answers nothing; the exact scan of those 20,000 takes about 1 ms. `optimize()` is left
with the cheap part, compacting away deleted points.

Settings that can only change speed, memory or replication are kept, shown and without effect;
settings that would change answers (quantization, multivectors, other datatypes, custom sharding,
strict mode) are refused by name.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import qdrant_edge as edge
from pydantic import BaseModel
from qdrant_client.http import models

from local.qdrant.errors import BadRequest, NotOffered, Unprocessable, refuse
from local.qdrant.vectors import Json, VectorSpace

MAX_DIMENSIONS = 65_535  # Qdrant's own limit

# What a Qdrant server reports when nothing else was asked for.
HNSW = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10_000, "max_indexing_threads": 0}
OPTIMIZERS = {"deleted_threshold": 0.2, "vacuum_min_vector_number": 1000, "flush_interval_sec": 5}
WAL = {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1}


def edge_config(given: models.CreateCollection) -> edge.EdgeConfig:
    """The shard's configuration; Unprocessable or NotOffered where it cannot be had."""
    refuse(given, "quantization_config", "strict_mode_config")
    if given.sharding_method == models.ShardingMethod.CUSTOM:
        raise NotOffered("`sharding_method: custom`")
    sparse = given.sparse_vectors or {}
    return edge.EdgeConfig(
        vectors={name: _dense(name, params) for name, params in _dense_params(given).items()},
        sparse_vectors={name: _sparse(params) for name, params in sparse.items()},
        optimizers=edge.EdgeOptimizersConfig(default_segment_number=1, indexing_threshold=0),
        max_search_threads=1,  # one segment, searched alone: more threads only wake each other
        payload_memory=edge.Memory.Cached,  # else each query faults its hits in from disk
    )


def vector_space(given: models.CreateCollection) -> VectorSpace:
    """The names and dimensions that points and queries are checked against."""
    dense = {name: params.size for name, params in _dense_params(given).items()}
    return VectorSpace(dense=dense, sparse=frozenset(given.sparse_vectors or {}))


def collection_json(given: models.CreateCollection, info: edge.ShardInfo) -> Json:
    """The body of `GET /collections/{name}`."""
    return {
        "status": "green",
        "optimizer_status": "ok",
        "indexed_vectors_count": info.indexed_vectors_count,
        "points_count": info.points_count,
        "segments_count": info.segments_count,
        "config": _config_json(given),
        "payload_schema": {key: _index_json(index) for key, index in info.payload_schema.items()},
    }


def edge_field_index(request: models.CreateFieldIndex) -> edge.UpdateOperation:
    """The payload index, of any of Qdrant's eight kinds, with its parameters."""
    schema = request.field_schema
    if schema is None:
        raise BadRequest(
            f"Wrong input: `field_schema` is needed to index `{request.field_name}`: one of "
            + ", ".join(kind.value for kind in models.PayloadSchemaType)
        )
    if isinstance(schema, models.PayloadSchemaType):
        kind = getattr(edge.PayloadSchemaType, schema.value.capitalize())
        return edge.UpdateOperation.create_field_index(request.field_name, kind)
    return edge.UpdateOperation.create_field_index(request.field_name, _index_params(schema))


def _dense_params(given: models.CreateCollection) -> dict[str, models.VectorParams]:
    vectors = given.vectors or {}
    return {"": vectors} if isinstance(vectors, models.VectorParams) else vectors


def _dense(name: str, given: models.VectorParams) -> edge.EdgeVectorParams:
    refuse(given, "quantization_config", "multivector_config")
    _require_float32(given.datatype)
    if not 1 <= given.size <= MAX_DIMENSIONS:
        raise Unprocessable(
            f"Validation error in JSON body: [vectors.{name}.size: value {given.size} invalid, "
            f"must be from 1 to {MAX_DIMENSIONS}]"
        )
    return edge.EdgeVectorParams(
        size=given.size, distance=getattr(edge.Distance, given.distance.value)
    )


def _sparse(given: models.SparseVectorParams) -> edge.EdgeSparseVectorParams:
    _require_float32(given.index.datatype if given.index else None)
    idf = given.modifier == models.Modifier.IDF
    return edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf if idf else None)


def _require_float32(datatype: models.Datatype | None) -> None:
    if datatype not in (None, models.Datatype.FLOAT32):
        raise NotOffered(f"`datatype: {datatype.value}`" if datatype else "`datatype`")


def _index_params(given: models.PayloadSchemaParams) -> Any:
    """Edge's parameter class of the same name, with the same keywords."""
    values = {key: getattr(given, key) for key in given.model_fields_set if key != "type"}
    return getattr(edge, type(given).__name__)(
        **{key: _index_value(key, value) for key, value in values.items()}
    )


def _index_value(key: str, value: object) -> object:
    if isinstance(value, models.Memory):
        return getattr(edge.Memory, value.value.capitalize())
    if isinstance(value, models.TokenizerType):
        return getattr(edge.TokenizerType, value.value.capitalize())
    if isinstance(value, BaseModel | Enum | list):
        raise NotOffered(f"The payload index parameter `{key}`")
    return value


def _index_json(index: edge.PayloadIndexInfo) -> Json:
    shown: Json = {"data_type": _kind(index.data_type), "points": index.points}
    if index.params is not None:
        shown["params"] = {"type": shown["data_type"], **_params_json(index.params)}
    return shown


def _params_json(params: object) -> Json:
    """The plain parameters of an index; Edge's classes offer no listing but their attributes."""
    names = [name for name in dir(params) if not name.startswith("_")]
    values = {name: getattr(params, name) for name in names}
    return {name: value for name, value in values.items() if isinstance(value, bool | int | str)}


def _kind(value: object) -> str:
    """`PayloadSchemaType.Keyword` -> "keyword"."""
    return str(value).rpartition(".")[2].lower()


def _config_json(given: models.CreateCollection) -> Json:
    asked = given.model_dump(mode="json", exclude_none=True)
    params = {key: asked.get(key, {}) for key in ("vectors", "sparse_vectors")}
    optimizers = {
        **OPTIMIZERS,
        **asked.get("optimizers_config", {}),
        "default_segment_number": 1,
        "indexing_threshold": 0,
    }
    return {
        "params": {
            **params,
            "shard_number": 1,
            "replication_factor": 1,
            "write_consistency_factor": 1,
            "on_disk_payload": asked.get("on_disk_payload", True),
        },
        "hnsw_config": {**HNSW, **asked.get("hnsw_config", {})},
        "optimizer_config": optimizers,
        "wal_config": {**WAL, **asked.get("wal_config", {})},
        "metadata": asked.get("metadata"),
    }
