"""How QdrantStore tells faults of the server apart, and what it does about a dropped collection."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from askbucket.errors import TryAgain
from askbucket.stores.port import VectorStore
from askbucket.stores.qdrant import QdrantStore, connect
from tests.contract.qdrant_served import served
from tests.contract.stored_points import (
    API_KEY,
    DIMENSIONS,
    EAST,
    EVERYTHING,
    MINE,
    NO_WORDS,
    point,
)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("qdrant"), API_KEY) as url:
        yield url


CALLS: dict[str, Callable[[VectorStore], object]] = {
    "ensure": lambda store: store.ensure(),
    "upsert": lambda store: store.upsert([point()]),
    "delete": lambda store: store.delete(EVERYTHING),
    "search": lambda store: store.search(EAST, NO_WORDS, MINE, 1),
    "count": lambda store: store.count(EVERYTHING),
    "scroll": lambda store: list(store.scroll(EVERYTHING)),
    "health": lambda store: store.health(),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_cannot_be_reached_is_a_passing_fault(call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    store = QdrantStore(connect(f"http://127.0.0.1:{port}", None), "c", DIMENSIONS)

    with pytest.raises(TryAgain, match="vector store"):
        CALLS[call](store)


@pytest.mark.parametrize("call", sorted(set(CALLS) - {"health"}))
def test_a_refused_key_is_a_passing_fault_that_names_the_refusal(endpoint: str, call: str) -> None:
    store = QdrantStore(connect(endpoint, "wrong"), "c", DIMENSIONS)

    with pytest.raises(TryAgain, match=r"(?s)refused .*Must provide a valid API key"):
        CALLS[call](store)


def test_a_collection_dropped_behind_our_back_is_made_again(endpoint: str) -> None:
    client = connect(endpoint, API_KEY)
    store = QdrantStore(client, "dropped", DIMENSIONS)
    store.upsert([point()])
    client.delete_collection("dropped")

    with pytest.raises(TryAgain):
        store.upsert([point()])
    store.upsert([point()])  # the queue's next delivery

    assert store.count(EVERYTHING) == 1


def test_a_second_worker_finds_the_collection_as_the_first_left_it(endpoint: str) -> None:
    first, second = (
        QdrantStore(connect(endpoint, API_KEY), "shared", DIMENSIONS) for _ in range(2)
    )
    first.upsert([point()])

    second.ensure()

    assert second.count(EVERYTHING) == 1


@pytest.mark.parametrize(
    ("url", "rest"),
    [
        ("http://127.0.0.1:6333", "http://127.0.0.1:6333"),
        ("https://host.example", "https://host.example:443"),
        ("http://host.example/behind/a/proxy", "http://host.example:80/behind/a/proxy"),
    ],
)
def test_a_url_s_scheme_port_and_path_are_kept(url: str, rest: str) -> None:
    client = connect(url, None)

    assert client._client.rest_uri == rest  # type: ignore[attr-defined]
    client.close()
