"""Qdrant through qdrant-client over REST: a server, Qdrant Cloud, or the offline endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qdrant_client import QdrantClient
from qdrant_client import models as q
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from askbucket.errors import CallerError, TryAgain
from askbucket.models import Hit, SparseVector
from askbucket.stores.batches import batches
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

if TYPE_CHECKING:
    from httpx import Auth

DENSE, SPARSE = "dense", "sparse"
SCROLL_PAGE = 1000
NOT_FOUND, CONFLICT = 404, 409
FAULTS = (ResponseHandlingException, ResourceExhaustedResponse)  # no answer, and "come back later"
KEYWORDS = ("document_id", "folders", "labelled", "groups")


def connect(
    url: str, api_key: str | None, timeout_s: int = 20, *, auth: Auth | None = None
) -> QdrantClient:
    """A client for `http(s)://host:port[/prefix]`; nothing is sent yet. `auth` signs requests."""
    parts = urlsplit(url)
    return QdrantClient(
        host=parts.hostname,
        port=parts.port or (443 if parts.scheme == "https" else 80),
        https=parts.scheme == "https",
        prefix=parts.path.strip("/") or None,
        # As a header of our own, the key may also travel over loopback HTTP without a warning.
        headers={"api-key": api_key} if api_key else None,
        prefer_grpc=False,
        timeout=timeout_s,
        check_compatibility=False,
        auth=auth,
    )


class QdrantStore:
    """One Qdrant collection with a named dense vector (cosine) and a sparse one (IDF)."""

    def __init__(self, client: QdrantClient, collection: str, dimensions: int) -> None:
        self._client = client
        self._collection = collection
        self._dimensions = dimensions
        self._ensured = False

    def ensure(self) -> None:
        if self._ensured:
            return
        if not self._call("collection_exists", collection_name=self._collection):
            self._create()
        for field in KEYWORDS:
            self._index(field, q.KeywordIndexParams(type=q.KeywordIndexType.KEYWORD))
        self._index("tenant", q.KeywordIndexParams(type=q.KeywordIndexType.KEYWORD, is_tenant=True))
        self._index("generation", q.IntegerIndexParams(type=q.IntegerIndexType.INTEGER))
        self._ensured = True

    def upsert(self, points: Sequence[Point]) -> None:
        self.ensure()
        for batch in batches(points):
            structs = [_struct_of(point) for point in batch]
            self._call("upsert", collection_name=self._collection, points=structs, wait=True)

    def delete(self, matching: Filter) -> None:
        selector = q.FilterSelector(filter=_filter_of(matching))
        self._read("delete", None, points_selector=selector, wait=True)

    def search(
        self, dense: Sequence[float], sparse: SparseVector, matching: TenantFilter, limit: int
    ) -> tuple[list[Hit], list[Hit]]:
        queries: list[tuple[str, Any]] = [(DENSE, list(dense))]
        if sparse.indices:
            queries.append((SPARSE, _sparse_of(sparse)))
        requests = [
            q.QueryRequest(
                query=query,
                using=name,
                filter=_filter_of(matching.whole),
                limit=limit,
                with_payload=True,
            )
            for name, query in queries
        ]
        replies = self._read("query_batch_points", [], requests=requests)
        lists = [
            [hit_of(str(p.id), p.payload or {}, p.score) for p in reply.points] for reply in replies
        ]
        return lists[0] if lists else [], lists[1] if len(lists) > 1 else []

    def count(self, matching: Filter) -> int:
        reply = self._read("count", None, count_filter=_filter_of(matching), exact=True)
        return int(reply.count) if reply else 0

    def scroll(self, matching: Filter, start: str | None = None) -> Iterator[PointRef]:
        offset: Any = start
        while True:
            records, offset = self._read(
                "scroll",
                ([], None),
                scroll_filter=_filter_of(matching),
                limit=SCROLL_PAGE,
                offset=offset,
                with_payload=["document_id", "document", "generation"],
            )
            yield from (ref_of(str(record.id), record.payload or {}) for record in records)
            if offset is None:
                return

    def contents(self, matching: TenantFilter, limit: int) -> list[Hit]:
        hits: list[Hit] = []
        offset: Any = None
        while len(hits) < limit:
            records, offset = self._read(
                "scroll",
                ([], None),
                scroll_filter=_filter_of(matching.whole),
                limit=min(SCROLL_PAGE, limit - len(hits)),
                offset=offset,
                with_payload=True,
            )
            hits += [hit_of(str(record.id), record.payload or {}, 0.0) for record in records]
            if offset is None:
                break
        return hits

    def health(self) -> str:
        info = self._call("info")
        return f"{info.title} {info.version}"

    def _create(self) -> None:
        try:
            self._client.create_collection(
                self._collection,
                vectors_config={
                    DENSE: q.VectorParams(size=self._dimensions, distance=q.Distance.COSINE)
                },
                sparse_vectors_config={SPARSE: q.SparseVectorParams(modifier=q.Modifier.IDF)},
            )
        except UnexpectedResponse as error:
            if error.status_code != CONFLICT:  # another worker was first
                raise TryAgain(f"the vector store refused to make a collection: {error}") from error
        except FAULTS as error:
            raise TryAgain(f"the vector store cannot be reached: {error}") from error

    def _index(self, field: str, schema: q.KeywordIndexParams | q.IntegerIndexParams) -> None:
        self._call(
            "create_payload_index",
            collection_name=self._collection,
            field_name=field,
            field_schema=schema,
            wait=True,
        )

    def _read(self, method: str, nothing: Any, **arguments: Any) -> Any:
        """The reply, or `nothing` while the collection does not exist."""
        try:
            return self._call(method, collection_name=self._collection, **arguments)
        except TryAgain as error:
            cause = error.__cause__
            if isinstance(cause, UnexpectedResponse) and cause.status_code == NOT_FOUND:
                return nothing
            raise

    def _call(self, method: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client, method)(**arguments)
        except UnexpectedResponse as error:
            if error.status_code == NOT_FOUND:
                self._ensured = False  # the collection was dropped: made again on the next write
            raise TryAgain(f"the vector store refused {method}: {error}") from error
        except FAULTS as error:
            raise TryAgain(f"the vector store cannot be reached: {error}") from error


def _struct_of(point: Point) -> q.PointStruct:
    return q.PointStruct(
        id=point.id,
        vector={DENSE: list(point.dense), SPARSE: _sparse_of(point.sparse)},
        payload=payload_of(point),
    )


def _sparse_of(vector: SparseVector) -> q.SparseVector:
    return q.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _filter_of(matching: Filter) -> q.Filter:
    return q.Filter(
        must=[_condition_of(condition) for condition in matching.must],
        must_not=[
            q.Filter(must=[_condition_of(condition) for condition in conjunction])
            for conjunction in matching.must_not
        ],
    )


def _condition_of(condition: Condition) -> q.FieldCondition:
    key = _path_of(condition.field)
    match condition:
        case Equals(_, value):
            return q.FieldCondition(key=key, match=q.MatchValue(value=value))
        case AnyOf(_, values):
            return q.FieldCondition(key=key, match=q.MatchAny(any=list(values)))
        case Below(_, limit):
            return q.FieldCondition(key=key, range=q.Range(lt=limit))


def _path_of(field: str) -> str:
    """Qdrant's path of a field: a label's name may hold dots, colons and spaces, so it is quoted.

    Raises CallerError for a name with a quotation mark, which neither S3 nor this path can hold.
    """
    parent, dot, name = field.partition(".")
    if '"' in name:
        raise CallerError(f"no label can be named {name!r}: it holds a quotation mark")
    return f'{parent}."{name}"' if dot else field
