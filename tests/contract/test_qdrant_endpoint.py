"""The offline Qdrant endpoint, spoken to with qdrant-client over a socket.

Its answers are held to qdrant-client's own in-memory mode: two implementations that share no
code. Where scores tie, either order is right, and so is either choice at the cut.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import httpx
import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.common.version_check import is_compatible
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from local.qdrant.collections import Collections
from tests.contract.qdrant_refusals import REFUSALS
from tests.contract.qdrant_served import (
    DIMS,
    POINTS,
    SERVER,
    SPARSE,
    TOLERANCE,
    VECTORS,
    assert_same_ranking,
    client_of,
    dense_only,
    equals,
    random_dense,
    random_filter,
    random_point,
    random_query,
    random_whole_filter,
    seeded,
    served,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("qdrant")) as address:
        yield address


@pytest.fixture(scope="module")
def remote(url: str) -> Iterator[QdrantClient]:
    with client_of(url) as client:
        yield client


@pytest.fixture
def name(remote: QdrantClient) -> Iterator[str]:
    """A fresh collection with one dense and one sparse vector."""
    fresh = f"c-{uuid.uuid4()}"
    remote.create_collection(fresh, VECTORS, SPARSE)
    yield fresh
    remote.delete_collection(fresh)


@pytest.fixture(scope="module")
def pair(remote: QdrantClient) -> Iterator[tuple[QdrantClient, QdrantClient]]:
    """The endpoint and qdrant-client's in-memory mode, with the same points in `pair`."""
    memory = QdrantClient(":memory:")
    points = [random_point(seeded(number), number) for number in range(POINTS)]
    # Without words: Qdrant's engine counts deleted points in its IDF until it compacts them.
    doomed = [
        models.PointStruct(id=n, vector=dense_only(n), payload={"tenant": "doomed"})
        for n in range(POINTS, POINTS + 20)
    ]
    for client in (remote, memory):
        client.create_collection("pair", VECTORS, SPARSE)
        for start in range(0, POINTS, 64):
            client.upsert("pair", points[start : start + 64])
        client.upsert("pair", doomed)
        client.delete("pair", models.PointIdsList(points=[POINTS, POINTS + 1]))
        client.delete("pair", models.Filter(must=equals("tenant", "doomed")))
    for field, kind in {"tenant": "keyword", "page": "integer", "scan": "bool"}.items():
        remote.create_payload_index("pair", field, models.PayloadSchemaType(kind))
    yield remote, memory
    memory.close()


@pytest.mark.parametrize("seed", range(120))
def test_queries_find_what_the_in_memory_client_finds(
    pair: tuple[QdrantClient, QdrantClient], seed: int
) -> None:
    rng = seeded(seed)
    query = random_query(rng)
    chosen = random_whole_filter(rng) if rng.random() < 0.6 else None
    ours, theirs = (
        client.query_points(
            "pair", **query, query_filter=chosen, with_payload=True, with_vectors=["dense"]
        ).points
        for client in pair
    )
    assert_same_ranking(ours, theirs)
    known = {point.id: point for point in theirs}
    for point in ours:
        if point.id in known:
            assert point.payload == known[point.id].payload
            expected = known[point.id].vector["dense"]
            assert point.vector["dense"] == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("seed", range(120))
def test_filters_select_what_the_in_memory_client_selects(
    pair: tuple[QdrantClient, QdrantClient], seed: int
) -> None:
    rng = seeded(1000 + seed)
    chosen, limit = random_filter(rng), rng.randint(1, 80)
    start = rng.choice([None, 50])
    selections: list[object] = [
        True,
        False,
        ["page"],
        models.PayloadSelectorExclude(exclude=["tags"]),
    ]
    selection = rng.choice(selections)
    ours, theirs = (
        client.scroll("pair", chosen, limit=limit, offset=start, with_payload=selection)
        for client in pair
    )
    assert [p.id for p in ours[0]] == [p.id for p in theirs[0]]
    assert [p.payload or {} for p in ours[0]] == [p.payload or {} for p in theirs[0]]
    assert ours[1] == theirs[1]
    counts = [client.count("pair", chosen).count for client in pair]
    assert counts[0] == counts[1]


def test_a_batch_answers_every_query_in_order(pair: tuple[QdrantClient, QdrantClient]) -> None:
    rng = seeded(3)
    queries = [models.QueryRequest(query=random_dense(rng), using="dense", limit=5) for _ in "abc"]
    ours, theirs = (client.query_batch_points("pair", queries) for client in pair)
    assert len(ours) == 3
    for mine, other in zip(ours, theirs, strict=True):
        assert_same_ranking(mine.points, other.points)


def test_a_collection_is_described_as_it_was_made(remote: QdrantClient, name: str) -> None:
    tenant = models.KeywordIndexParams(type="keyword", is_tenant=True)
    remote.create_payload_index(name, "tenant", tenant)
    remote.upsert(name, [models.PointStruct(id=1, vector={}, payload={"tenant": "a"})])
    info = remote.get_collection(name)
    assert (info.status, info.points_count) == ("green", 1)
    assert info.config.params.vectors == VECTORS
    assert info.config.params.sparse_vectors == SPARSE
    assert info.payload_schema["tenant"].data_type == "keyword"
    assert info.payload_schema["tenant"].params.is_tenant
    assert info.payload_schema["tenant"].points == 1
    assert name in [found.name for found in remote.get_collections().collections]


@pytest.mark.parametrize("kind", list(models.PayloadSchemaType))
def test_every_kind_of_payload_index_can_be_made(
    remote: QdrantClient, name: str, kind: models.PayloadSchemaType
) -> None:
    remote.create_payload_index(name, "field", kind)
    assert remote.get_collection(name).payload_schema["field"].data_type == kind


def test_points_are_upserted_in_both_forms_and_kept_under_uuids(
    remote: QdrantClient, name: str
) -> None:
    identity = str(uuid.uuid4())
    words = models.SparseVector(indices=[9, 2], values=[1.0, 0.5])
    remote.upsert(
        name,
        models.Batch(
            ids=[identity, 4],
            vectors={"dense": [[1.0] * DIMS, [2.0] * DIMS], "words": [words, words]},
            payloads=[{"n": 1}, {"n": 2}],
        ),
    )
    remote.upsert(name, [models.PointStruct(id=4, vector={"words": words}, payload={"n": 3})])
    found = {p.id: p for p in remote.retrieve(name, [identity, 4, 5], with_vectors=True)}
    assert set(found) == {identity, 4}
    assert found[4].payload == {"n": 3}
    assert set(found[4].vector) == {"words"}
    assert dict(
        zip(found[4].vector["words"].indices, found[4].vector["words"].values, strict=True)
    ) == {9: 1.0, 2: 0.5}
    assert found[identity].vector["dense"] == pytest.approx([0.25] * DIMS)


def test_the_unnamed_vector_works_without_a_name(remote: QdrantClient) -> None:
    remote.create_collection("plain", models.VectorParams(size=2, distance=models.Distance.DOT))
    remote.upsert("plain", [models.PointStruct(id=n, vector=[n, 1.0]) for n in (1, 2, 3)])
    points = remote.query_points("plain", [1.0, 0.0], limit=2, with_vectors=True).points
    assert [(p.id, p.score, p.vector) for p in points] == [
        (3, 3.0, [3.0, 1.0]),
        (2, 2.0, [2.0, 1.0]),
    ]
    assert remote.delete_collection("plain")


def test_a_deleted_collection_can_be_made_anew(remote: QdrantClient, name: str) -> None:
    remote.upsert(name, [models.PointStruct(id=1, vector={})])
    assert remote.delete_collection(name)
    assert not remote.collection_exists(name)
    assert not remote.delete_collection(name)
    remote.create_collection(name, VECTORS)
    assert remote.count(name).count == 0


def test_names_that_differ_by_case_or_are_long_are_apart(remote: QdrantClient) -> None:
    names = ["Case", "case", "ümläut & space", "x" * 255]
    for number, each in enumerate(names):
        remote.create_collection(each, VECTORS)
        remote.upsert(each, [models.PointStruct(id=n, vector={}) for n in range(number + 1)])
    assert [remote.count(each).count for each in names] == [1, 2, 3, 4]
    assert all(remote.delete_collection(each) for each in names)


def test_the_client_finds_the_version_compatible(remote: QdrantClient) -> None:
    version = remote.info().version
    assert is_compatible(metadata.version("qdrant-client"), version)


@pytest.mark.parametrize(("method", "path", "body", "status", "words"), REFUSALS)
def test_a_fault_of_the_client_is_answered_as_one(
    url: str, name: str, method: str, path: str, body: object, status: int, words: str
) -> None:
    content = {"content": body} if isinstance(body, str) else {"json": body}
    answer = httpx.request(method, f"{url}/collections/{name}{path}", **content)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert set(answer.json()) == {"status", "time"}
    count = httpx.post(f"{url}/collections/{name}/points/count", json={}).json()
    assert count["result"] == {"count": 0}
    assert count["status"] == "ok"


def test_one_bad_point_keeps_the_whole_batch_out(remote: QdrantClient, name: str) -> None:
    good = [models.PointStruct(id=n, vector={"dense": [1.0] * DIMS}) for n in range(3)]
    bad = models.PointStruct(id=9, vector={"dense": [1.0]})
    with pytest.raises(UnexpectedResponse, match="expected dim"):
        remote.upsert(name, [*good, bad])
    assert remote.count(name).count == 0


def test_only_the_key_opens_and_health_needs_none(tmp_path: Path) -> None:
    with served(tmp_path, api_key="s3cret") as url:
        with pytest.warns(UserWarning, match="insecure connection"):
            client = QdrantClient(url=url, api_key="s3cret")
        assert client.get_collections().collections == []
        client.close()
        bearer = {"Authorization": "Bearer s3cret"}
        assert httpx.get(f"{url}/collections", headers=bearer).status_code == 200
        for headers in ({}, {"api-key": "wrong"}, {"Authorization": "Bearer wrong"}):
            for path in ("/collections", "/collections/a/exists", "/aliases"):
                refused = httpx.get(url + path, headers=headers)
                assert refused.status_code == 401
                assert "error" in refused.json()["status"]
        for path in ("/", "/healthz", "/readyz", "/livez"):
            assert httpx.get(url + path).status_code == 200


def test_a_restart_keeps_collections_points_and_indexes(tmp_path: Path) -> None:
    points = [random_point(seeded(n), n) for n in range(50)]
    with served(tmp_path) as url, client_of(url) as client:
        client.create_collection("kept", VECTORS, SPARSE)
        client.create_payload_index("kept", "tenant", models.PayloadSchemaType.KEYWORD)
        client.upsert("kept", points)
    with served(tmp_path) as url, client_of(url) as client:
        assert client.collection_exists("kept")
        assert client.get_collection("kept").payload_schema["tenant"].points == 50
        assert client.count("kept").count == 50
        found = client.query_points("kept", 3, using="words", limit=3).points
        assert len(found) == 3
        with pytest.raises(UnexpectedResponse, match="already exists"):
            client.create_collection("kept", VECTORS)


def test_a_collection_open_in_another_process_is_said_to_be(tmp_path: Path) -> None:
    other = Collections(tmp_path)
    other.create("shared", models.CreateCollection(vectors=VECTORS))
    with other.get("shared").shard(), served(tmp_path) as url, client_of(url) as client:
        for request in (client.count, client.delete_collection):
            with pytest.raises(UnexpectedResponse, match="open in another process") as refused:
                request("shared")
            assert refused.value.status_code == 503
    other.close()


def test_kill_9_loses_no_confirmed_write(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with (
        process.stdout,
        client_of(f"http://127.0.0.1:{process.stdout.readline().strip()}") as client,
    ):
        client.create_collection("killed", VECTORS, SPARSE)
        confirmed: list[int] = []
        threading.Timer(1.0, process.kill).start()

        def write_on() -> None:
            for n in range(100_000):
                client.upsert("killed", [random_point(seeded(n), n)])
                confirmed.append(n)

        with pytest.raises(ResponseHandlingException):
            write_on()
        process.wait()
    with served(tmp_path) as url, client_of(url) as client:
        present = {point.id for point in client.scroll("killed", limit=100_000)[0]}
    assert confirmed
    assert set(confirmed) <= present <= {*confirmed, len(confirmed)}


def test_compacting_keeps_every_living_point(tmp_path: Path) -> None:
    collections = Collections(tmp_path)
    collections.create("churned", models.CreateCollection(vectors=VECTORS))
    collections.close()
    with served(tmp_path) as url, client_of(url) as client:
        points = [models.PointStruct(id=n, vector={"dense": [1.0] * DIMS}) for n in range(2000)]
        client.upsert("churned", points)
        client.delete("churned", models.PointIdsList(points=list(range(1500))))
        time.sleep(2.5)  # past the quiet second that upkeep waits for
        assert client.count("churned").count == 500
        assert {p.id for p in client.scroll("churned", limit=2000)[0]} == set(range(1500, 2000))
