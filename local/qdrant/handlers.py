"""What each route does: one function per operation, (collections, call) -> JSON result.

They run in Starlette's thread pool. Bodies are read by qdrant-client's own models, which refuse
unknown fields; what those models take and this endpoint does not have is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import qdrant_edge as edge
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from qdrant_client.http import models

from local.qdrant.collections import Collection, Collections
from local.qdrant.errors import BadRequest, NotFound, client_values, refuse
from local.qdrant.filters import edge_filter, point_id
from local.qdrant.queries import edge_query, edge_scroll, payload_selection, stored_vector
from local.qdrant.schema import collection_json, edge_field_index
from local.qdrant.vectors import Json, edge_points, id_json, record_json, scored_json


@dataclass(frozen=True)
class Call:
    """One request: the collection it names ("" if none), its body, and whether it waits."""

    collection: str
    body: bytes
    wait: bool

    def read(self, kind: Any) -> Any:
        """The body as `kind`, a model of qdrant-client; BadRequest naming the fault."""
        try:
            return _adapter(kind).validate_python(from_json(self.body, allow_inf_nan=False))
        except ValidationError as error:
            raise BadRequest(f"Format error in JSON body: {_fault(error)}") from error
        except ValueError as error:
            raise BadRequest(f"Format error in JSON body: {error}") from error


def _fault(error: ValidationError) -> str:
    """The fault found deepest: where a value may have several forms, that is the form meant."""
    faults = error.errors(include_url=False, include_input=False)
    deepest = max(faults, key=lambda fault: len(fault["loc"]))
    return f"{'.'.join(str(part) for part in deepest['loc'])}: {deepest['msg']}"


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def list_collections(collections: Collections, _: Call) -> Json:
    """GET /collections"""
    return {"collections": [{"name": name} for name in collections.names()]}


def create_collection(collections: Collections, call: Call) -> bool:
    """PUT /collections/{collection}"""
    collections.create(call.collection, call.read(models.CreateCollection))
    return True


def get_collection(collections: Collections, call: Call) -> Json:
    """GET /collections/{collection}"""
    collection = collections.get(call.collection)
    with collection.shard() as shard:
        return collection_json(collection.config, shard.info())


def delete_collection(collections: Collections, call: Call) -> bool:
    """DELETE /collections/{collection}: false, not an error, if there was none, as in Qdrant."""
    return collections.delete(call.collection)


def collection_exists(collections: Collections, call: Call) -> Json:
    """GET /collections/{collection}/exists"""
    return {"exists": collections.exists(call.collection)}


def create_index(collections: Collections, call: Call) -> Json:
    """PUT /collections/{collection}/index"""
    collection = collections.get(call.collection)
    request = call.read(models.CreateFieldIndex)
    with client_values():
        operation = edge_field_index(request)
    return _written(collection, call, operation, points=0)


def upsert(collections: Collections, call: Call) -> Json:
    """PUT /collections/{collection}/points: all of the points, or none if one is not acceptable."""
    collection = collections.get(call.collection)
    request = call.read(models.PointInsertOperations)
    refuse(request, "shard_key")
    with client_values():
        points = edge_points(request, collection.space)
        condition = edge_filter(request.update_filter)
    mode = UPDATE_MODES[request.update_mode or models.UpdateMode.UPSERT]
    operation = edge.UpdateOperation.upsert_points(points, condition, mode)
    return _written(collection, call, operation, len(points))


UPDATE_MODES = {
    models.UpdateMode.UPSERT: edge.UpdateMode.Upsert,
    models.UpdateMode.INSERT_ONLY: edge.UpdateMode.InsertOnly,
    models.UpdateMode.UPDATE_ONLY: edge.UpdateMode.UpdateOnly,
}


def delete_points(collections: Collections, call: Call) -> Json:
    """POST /collections/{collection}/points/delete: by ids or by filter."""
    collection = collections.get(call.collection)
    request = call.read(models.PointsSelector)
    refuse(request, "shard_key")
    if isinstance(request, models.PointIdsList):
        operation = edge.UpdateOperation.delete_points([point_id(p) for p in request.points])
        return _written(collection, call, operation, len(request.points))
    return _delete_matching(collection, call, request.filter)


def _delete_matching(collection: Collection, call: Call, given: models.Filter) -> Json:
    with client_values():
        matching = edge_filter(given) or edge.Filter()
    with collection.shard() as shard:
        points = shard.count(edge.CountRequest(exact=True, filter=matching))
    operation = edge.UpdateOperation.delete_points_by_filter(matching)
    return _written(collection, call, operation, points)


def _written(
    collection: Collection, call: Call, operation: edge.UpdateOperation, points: int
) -> Json:
    """The write is done when this returns; a client that does not wait hears "acknowledged"."""
    number = collection.write(operation, points)
    return {"operation_id": number, "status": "completed" if call.wait else "acknowledged"}


def retrieve(collections: Collections, call: Call) -> list[Json]:
    """POST /collections/{collection}/points: those of the ids that exist."""
    collection = collections.get(call.collection)
    request: models.PointRequest = call.read(models.PointRequest)
    refuse(request, "shard_key")
    with client_values():
        payload = payload_selection(request.with_payload, default=True)
    ids: list[edge.PointId] = [point_id(value) for value in request.ids]
    with collection.shard() as shard:
        points = shard.retrieve(ids, payload, request.with_vector or False)
    return [record_json(point) for point in points]


def count(collections: Collections, call: Call) -> Json:
    """POST /collections/{collection}/points/count: exact, also where an estimate would do."""
    collection = collections.get(call.collection)
    request: models.CountRequest = call.read(models.CountRequest)
    refuse(request, "shard_key")
    with client_values():
        counted = edge.CountRequest(exact=True, filter=edge_filter(request.filter))
    with collection.shard() as shard:
        return {"count": shard.count(counted)}


def scroll(collections: Collections, call: Call) -> Json:
    """POST /collections/{collection}/points/scroll"""
    collection = collections.get(call.collection)
    request = call.read(models.ScrollRequest)
    with client_values():
        page = edge_scroll(request)
    with collection.shard() as shard:
        points, following = shard.scroll(page)
    return {
        "points": [record_json(point) for point in points],
        "next_page_offset": None if following is None else id_json(following),
    }


def query(collections: Collections, call: Call) -> Json:
    """POST /collections/{collection}/points/query"""
    collection = collections.get(call.collection)
    return _answer(collection, call.read(models.QueryRequest))


def query_batch(collections: Collections, call: Call) -> list[Json]:
    """POST /collections/{collection}/points/query/batch: the answers in the queries' order."""
    collection = collections.get(call.collection)
    requests = call.read(models.QueryRequestBatch).searches
    return [_answer(collection, request) for request in requests]


def _answer(collection: Collection, request: models.QueryRequest) -> Json:
    def lookup(identity: int | str, name: str) -> object:
        with collection.shard() as shard:
            found = shard.retrieve([identity], False, True)
        if not found:
            raise NotFound(f"Not found: No point with id {identity} found")
        return stored_vector(found[0], name)

    with client_values():
        prepared = edge_query(request, collection.space, lookup)
    with collection.shard() as shard:
        return {"points": [scored_json(point) for point in shard.query(prepared)]}
