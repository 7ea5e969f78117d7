"""One hybrid query, as every question makes it, on 20,000 points in the offline Qdrant endpoint.

A dense and a sparse list of 50 hits each with payload, filtered to a tenant, in one request. The
server's own share is the `time` it tells in the reply: from the request's first byte to the result.
"""

from __future__ import annotations

import math
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from qdrant_client import QdrantClient

from askbucket.ingest.sparse import document_vector, question_vector
from askbucket.models import Box, Chunk, Document
from askbucket.stores.payload import labelled
from askbucket.stores.port import Equals, Filter, Point, TenantFilter
from askbucket.stores.qdrant import QdrantStore, connect
from bench.measured import Row, in_ms
from local.emulator import free_port
from local.serve import API_KEY_VARIABLE, Server

POINTS, DIMENSIONS, CHUNKS_OF_A_DOCUMENT = 20_000, 384, 20
VOCABULARY, CHUNK_WORDS, LINES, QUESTION_WORDS = 20_000, 160, 12, 9
CANDIDATES = 50
QUERIES, WARM_UP = 200, 20
SERVER_MS = 5.0
SERVER_MS_LABELLED = 15.0
COLLECTION, KEY, TENANT, LABEL = "bench", "bench-key", "default", "team"
COMPACTED_SECONDS = 4.0  # the endpoint compacts a second after the last write


def rows() -> list[Row]:
    rng = random.Random(7)  # noqa: S311 - repeatable on purpose
    with _served() as client:
        store = QdrantStore(client, COLLECTION, DIMENSIONS)
        store.upsert([_point(rng, number) for number in range(POINTS)])
        time.sleep(COMPACTED_SECONDS)
        inside, outside = _timed(store, rng, TenantFilter(TENANT))
        label = Equals("labelled", labelled(LABEL, "3"))
        labelled_inside, _ = _timed(store, rng, TenantFilter(TENANT, Filter((label,))))
    return [
        in_ms("inside the server", inside, "the reply's `time`", SERVER_MS),
        in_ms("  with a label of a tenth", labelled_inside, "the same", SERVER_MS_LABELLED),
        in_ms("through qdrant-client", outside, f"{CANDIDATES} + {CANDIDATES} hits with payload"),
    ]


def _timed(
    store: QdrantStore, rng: random.Random, mine: TenantFilter
) -> tuple[list[float], list[float]]:
    """Seconds inside the server and altogether, for each query."""
    told: list[float] = []
    inside, outside = [], []
    with _replies_heard(told):
        for number in range(WARM_UP + QUERIES):
            dense, words = _dense(rng), question_vector(_text(rng, QUESTION_WORDS))
            told.clear()
            began = time.perf_counter()
            hits = store.search(dense, words, mine, CANDIDATES)
            took = time.perf_counter() - began
            if min(map(len, hits)) < CANDIDATES:
                raise RuntimeError(f"query {number} found too little: {[len(h) for h in hits]}")
            if number >= WARM_UP:
                inside += told
                outside.append(took)
    return inside, outside


@contextmanager
def _replies_heard(times: list[float]) -> Iterator[None]:
    """Adds the `time` that the server tells in each reply."""
    send = httpx.Client.send

    def heard(client: httpx.Client, request: httpx.Request, **options: object) -> httpx.Response:
        reply = send(client, request, **options)  # type: ignore[arg-type]
        times.append(float(reply.content.rpartition(b'"time":')[2].split(b",")[0].strip(b"}")))
        return reply

    httpx.Client.send = heard  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        httpx.Client.send = send  # type: ignore[method-assign]


@contextmanager
def _served() -> Iterator[QdrantClient]:
    with tempfile.TemporaryDirectory(prefix="askbucket-bench-") as folder, open(os.devnull) as held:
        server = Server("qdrant", free_port(), Path(folder), dict(os.environ), held.fileno())
        try:
            server.begin({API_KEY_VARIABLE: KEY})
            server.wait_until_up()
            client = connect(server.url, KEY)
            yield client
            client.close()
        finally:
            server.release()
            server.wait()


def _point(rng: random.Random, number: int) -> Point:
    text = _text(rng, CHUNK_WORDS)
    document, chunk = divmod(number, CHUNKS_OF_A_DOCUMENT)
    boxes = tuple(Box(0.1, line / 20, 0.8, 0.02) for line in range(LINES))
    return Point(
        Document("bench", f"folder/{document:05d}.pdf"),
        generation=1,
        tenant=TENANT,
        version="1",
        labels={LABEL: str(document % 10)},
        chunk=Chunk(chunk, 1, 0, len(text), text, boxes),
        dense=_dense(rng),
        sparse=document_vector(text),
    )


def _text(rng: random.Random, words: int) -> str:
    """Words as often as in a language: by Zipf's law."""
    return " ".join(f"word{int(VOCABULARY ** rng.random())}" for _ in range(words))


def _dense(rng: random.Random) -> list[float]:
    values = [rng.gauss(0, 1) for _ in range(DIMENSIONS)]
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values]
