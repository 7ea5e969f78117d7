"""A served Qdrant endpoint, and random points, filters and queries to ask of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models

from local import threaded
from local.qdrant.app import create_app

DIMS = 16
POINTS = 300

VECTORS = {"dense": models.VectorParams(size=DIMS, distance=models.Distance.COSINE)}
SPARSE = {"words": models.SparseVectorParams(modifier=models.Modifier.IDF)}

TOLERANCE = 1e-4

# Serves the folder it is given, in a process of its own, and prints its port.
SERVER = """
import sys, uvicorn
from pathlib import Path
from local import threaded
from local.qdrant.app import create_app
app = create_app(Path(sys.argv[1]), None)
server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
announce = server.startup
async def startup(sockets=None):
    await announce(sockets)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
server.startup = startup
server.run()
"""


def served(data: Path, api_key: str | None = None) -> AbstractContextManager[str]:
    """The URL of the endpoint, served in a thread."""
    return threaded.served(create_app(data, api_key))


@contextmanager
def client_of(url: str) -> Iterator[QdrantClient]:
    client = QdrantClient(url=url)
    try:
        yield client
    finally:
        client.close()


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable on purpose


def random_dense(rng: random.Random) -> list[float]:
    return [rng.gauss(0, 1) for _ in range(DIMS)]


def dense_only(number: int) -> dict[str, list[float]]:
    return {"dense": random_dense(seeded(number))}


def random_sparse(rng: random.Random, terms: int = 12) -> models.SparseVector:
    indices = rng.sample(range(80), terms)
    return models.SparseVector(indices=indices, values=[rng.uniform(0.1, 3) for _ in indices])


def random_point(rng: random.Random, number: int) -> models.PointStruct:
    payload = {
        "tenant": rng.choice("abc"),
        "page": rng.randrange(30),
        "scan": rng.random() < 0.5,
        "price": round(rng.uniform(0, 10), 2),  # Edge reads the last of 17 digits one off
        "tags": rng.sample(["red", "green", "blue", "grey"], rng.randrange(4)),
        "parts": [{"kind": rng.choice("xy"), "size": rng.randrange(9)} for _ in range(2)],
        "note": rng.choice([None, "here", []]),
    }
    if rng.random() < 0.3:
        del payload["note"]
    vector = {"dense": random_dense(rng), "words": random_sparse(rng)}
    return models.PointStruct(id=number, vector=vector, payload=payload)


def equals(key: str, value: bool | int | str) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def random_condition(rng: random.Random, depth: int = 0) -> models.Condition:
    low = rng.uniform(0, 20)
    choices: list[models.Condition] = [
        equals("tenant", rng.choice("abcd")),
        equals("page", rng.randrange(30)),
        equals("scan", rng.random() < 0.5),
        equals("tags", rng.choice(["red", "blue"])),
        models.FieldCondition(key="page", match=models.MatchAny(any=rng.sample(range(30), 9))),
        models.FieldCondition(
            key="tenant", match=models.MatchExcept(**{"except": rng.sample("abcd", 2)})
        ),
        models.FieldCondition(key="page", range=models.Range(gte=low - 0.5, lt=low + 9.5)),
        models.FieldCondition(key="price", range=models.Range(gt=low / 4, lte=low / 2)),
        models.FieldCondition(key="tags", values_count=models.ValuesCount(gte=2)),
        models.HasIdCondition(has_id=rng.sample(range(POINTS), 150)),
        models.IsEmptyCondition(is_empty=models.PayloadField(key="note")),
        models.IsNullCondition(is_null=models.PayloadField(key="note")),
        models.NestedCondition(
            nested=models.Nested(
                key="parts",
                filter=models.Filter(
                    must=[
                        equals("kind", "x"),
                        models.FieldCondition(key="size", range=models.Range(gt=low / 4)),
                    ]
                ),
            )
        ),
    ]
    if depth < 2:
        choices.append(random_filter(rng, depth + 1))
    return rng.choice(choices)


def random_filter(rng: random.Random, depth: int = 0) -> models.Filter:
    clauses: dict[str, object] = {}
    for clause in ("must", "should", "must_not"):
        if rng.random() < 0.5:
            conditions = [random_condition(rng, depth) for _ in range(rng.randint(1, 2))]
            clauses[clause] = conditions[0] if rng.random() < 0.3 else conditions
    if rng.random() < 0.2:
        conditions = [equals("scan", True), equals("tags", "red"), equals("tenant", "b")]
        clauses["min_should"] = models.MinShould(conditions=conditions, min_count=2)
    return models.Filter(**clauses)


def random_whole_filter(rng: random.Random) -> models.Filter:
    """In one `must`: Qdrant adds a query's filter to its prefetches' clause by clause."""
    return models.Filter(must=random_filter(rng))


def random_query(rng: random.Random) -> dict[str, object]:
    """Arguments of `query_points`: dense, sparse, by example, fused or rescored."""
    dense = models.Prefetch(query=random_dense(rng), using="dense", limit=40)
    sparse = models.Prefetch(
        query=random_sparse(rng), using="words", limit=40, filter=random_whole_filter(rng)
    )
    fusions = [
        models.FusionQuery(fusion=models.Fusion.RRF),
        models.FusionQuery(fusion=models.Fusion.DBSF),
        models.RrfQuery(rrf=models.Rrf(k=60, weights=[0.3, 0.7])),
    ]
    kinds: list[dict[str, object]] = [
        {"query": random_dense(rng), "using": "dense", "score_threshold": rng.choice([None, 0.1])},
        {"query": random_sparse(rng, 5), "using": "words"},
        {"query": rng.choice([5, 50, 100]), "using": rng.choice(["dense", "words"])},
        {"prefetch": [dense, sparse], "query": rng.choice(fusions)},
        {"prefetch": sparse, "query": random_dense(rng), "using": "dense"},
    ]
    return {**rng.choice(kinds), "limit": rng.randint(1, 30), "offset": rng.choice([0, 0, 3])}


def assert_same_ranking(
    ours: list[models.ScoredPoint], theirs: list[models.ScoredPoint], tolerance: float = TOLERANCE
) -> None:
    assert [p.score for p in ours] == pytest.approx([p.score for p in theirs], abs=tolerance)
    scores = [{point.id: point.score for point in points} for points in (ours, theirs)]
    for mine, other, points in ((*scores, ours), (*reversed(scores), theirs)):
        for identity, score in mine.items():
            cut = min(abs(score - points[0].score), abs(score - points[-1].score))
            assert identity in other or cut <= tolerance
            assert other.get(identity, score) == pytest.approx(score, abs=tolerance)
