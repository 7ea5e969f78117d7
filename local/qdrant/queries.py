"""Reading requests (query, scroll, retrieve) as requests of Qdrant Edge.

Offered: nearest by dense or sparse vector or by point id, with prefetches to any depth, fused by
RRF (with k and weights) or DBSF, or rescored. Other query kinds are refused by name. Of the search
parameters only `idf` changes an answer here and is passed on: search is exact
(`local.qdrant.schema`), so `hnsw_ef`, `exact`, `acorn` and the like have nothing to tune.

As on a server, a query's filter is added to those of its prefetches clause by clause, so that two
bare `should` become one of which either part will do; wrapped in `must`, both hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import qdrant_edge as edge
from qdrant_client.http import models

from local.qdrant.errors import BadRequest, NotOffered, Unprocessable, refuse
from local.qdrant.filters import edge_filter, point_id, stage_filter
from local.qdrant.vectors import VectorSpace

DEFAULT_LIMIT = 10  # Qdrant's own, for queries and scrolls alike
DEFAULT_RRF_K = 2  # Qdrant's own

Lookup = Callable[[int | str, str], object]
"""(point id, vector name) -> the stored vector, in qdrant-client's form."""

Stage = models.QueryRequest | models.Prefetch


def edge_query(
    request: models.QueryRequest, space: VectorSpace, lookup: Lookup
) -> edge.QueryRequest:
    """The whole query, ready for `EdgeShard.query`."""
    refuse(request, "shard_key")
    return edge.QueryRequest(
        limit=limit_of(request.limit),
        offset=at_least("offset", request.offset or 0, 0),
        with_vector=request.with_vector,
        with_payload=payload_selection(request.with_payload, default=False),
        **_stage(request, space, lookup),
    )


def edge_scroll(request: models.ScrollRequest) -> edge.ScrollRequest:
    """One page, in order of point id."""
    refuse(request, "shard_key", "order_by")
    return edge.ScrollRequest(
        offset=None if request.offset is None else point_id(request.offset),
        limit=limit_of(request.limit),
        filter=edge_filter(request.filter),
        with_payload=payload_selection(request.with_payload, default=True),
        with_vector=request.with_vector,
    )


def payload_selection(
    given: models.WithPayloadInterface | None, *, default: bool
) -> edge.WithPayloadType:
    """What to return of a payload: all, nothing, or the paths included or excluded."""
    if given is None:
        return default
    if isinstance(given, bool):
        return given
    if isinstance(given, models.PayloadSelectorExclude):
        return edge.PayloadSelector.Exclude(given.exclude)
    return edge.PayloadSelector.Include(given if isinstance(given, list) else given.include)


def limit_of(given: int | None) -> int:
    """The number of points to return; Qdrant's default if not given, never zero."""
    return DEFAULT_LIMIT if given is None else at_least("limit", given, 1)


def at_least(name: str, value: int, least: int) -> int:
    """`value`, or Unprocessable in Qdrant's words."""
    if value < least:
        raise Unprocessable(
            f"Validation error in JSON body: [{name}: value {value} invalid, "
            f"must be {least} or larger]"
        )
    return value


def _stage(stage: Stage, space: VectorSpace, lookup: Lookup) -> dict[str, Any]:
    """What a query and its prefetches have in common, as Edge's keyword arguments."""
    refuse(stage, "lookup_from")
    given = stage.prefetch or []
    prefetches = given if isinstance(given, list) else [given]
    return {
        "prefetches": [_prefetch(prefetch, space, lookup) for prefetch in prefetches],
        "query": _scoring(stage, space, lookup),
        "filter": stage_filter(stage.filter, without=_example(stage.query)),
        "score_threshold": stage.score_threshold,
        "params": _search_params(stage.params),
    }


def _prefetch(stage: models.Prefetch, space: VectorSpace, lookup: Lookup) -> edge.Prefetch:
    return edge.Prefetch(limit=limit_of(stage.limit), **_stage(stage, space, lookup))


def _scoring(stage: Stage, space: VectorSpace, lookup: Lookup) -> edge.ScoringQueryType | None:
    query, using = stage.query, stage.using or ""
    match query:
        case None:
            return None
        case models.FusionQuery(fusion=models.Fusion.RRF):
            return _rrf(models.Rrf())
        case models.FusionQuery(fusion=models.Fusion.DBSF):
            return edge.Fusion.Dbsf()  # type: ignore[return-value] # the stub nests it as a class
        case models.RrfQuery(rrf=rrf):
            return _rrf(rrf)
    example = _example(query)
    vector = _nearest(query) if example is None else lookup(example, using)
    return edge.Query.Nearest(space.checked(using, vector), using=using)


def _rrf(given: models.Rrf) -> edge.ScoringQueryType:
    k = DEFAULT_RRF_K if given.k is None else at_least("rrf.k", given.k, 1)
    return edge.Fusion.Rrf(k=k, weights=given.weights)  # type: ignore[return-value] # as above


def _nearest(query: object) -> object:
    """The vector to be near to, out of a bare vector or `{"nearest": vector}`."""
    if isinstance(query, models.NearestQuery):
        refuse(query, "mmr")
        return query.nearest
    if isinstance(query, list | models.SparseVector):
        return query
    raise NotOffered(f"The query kind `{type(query).__name__}`")


def _example(query: object) -> int | str | None:
    """The point id a query names as its example, or None. Such a point is not among its results."""
    target = query.nearest if isinstance(query, models.NearestQuery) else query
    return point_id(target) if isinstance(target, int | str | UUID) else None


def _search_params(given: models.SearchParams | None) -> edge.SearchParams | None:
    if given is None or given.idf is None or not isinstance(given.idf, models.IdfCorpusParams):
        return None
    return edge.SearchParams(idf=edge.IdfParams(corpus=edge_filter(given.idf.corpus)))


def stored_vector(point: edge.Record, name: str) -> object:
    """One vector of a retrieved point, in qdrant-client's form; BadRequest if it has none."""
    vectors = point.vector if isinstance(point.vector, dict) else {"": point.vector}
    vector = vectors.get(name)
    if vector is None:
        raise BadRequest(f"Wrong input: point {point.id} has no vector named `{name}`")
    if isinstance(vector, edge.SparseVector):
        return models.SparseVector(indices=vector.indices, values=vector.values)
    return vector
