"""The query app over moto, an in-memory Qdrant and the offline Bedrock endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from qdrant_client import QdrantClient
from starlette.testclient import TestClient

from askbucket import wiring, wiring_answers, wiring_chat, wiring_ingest, wiring_questions
from askbucket.once import forget_all
from askbucket.stores.qdrant import QdrantStore
from lambdas.query.app import create_app
from tests.unit.bedrock_served import served_bedrock
from tests.unit.lambdas.parts import (
    ANSWERS,
    ARTIFACTS,
    BUCKET,
    TABLE,
    Library,
    made_answers_table,
    made_buckets,
    made_table,
)

WIRING = (wiring, wiring_answers, wiring_chat, wiring_ingest, wiring_questions)
LOOPBACK = ("127.0.0.1", 50_000)
LEASE = "The monthly rent is 1,577 euros.\nIt is due on the third working day.\nPets are welcome."
OVEN = "Clean the oven once a month.\nNever use a wire brush."


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    """A stack's storage with a lease and an oven's manual, and wiring pointed at it."""
    with pytest.MonkeyPatch.context() as set_to, served_bedrock() as bedrock, mock_aws():
        set_to.setattr(boto3, "DEFAULT_SESSION", None)
        variables = {
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock,
            "ASKBUCKET_BUCKET": BUCKET,
            "ASKBUCKET_ARTIFACTS_BUCKET": ARTIFACTS,
            "ASKBUCKET_TABLE": TABLE,
            "ASKBUCKET_ANSWERS_TABLE": ANSWERS,
            "ASKBUCKET_STORE": "memory+",
            "ASKBUCKET_EMBEDDER": "askbucket.minilm-l6-v2",
            "ASKBUCKET_CHAT_MODEL": "askbucket.extractive",
            "ASKBUCKET_AUTH": "none",
        }
        for name, value in variables.items():
            set_to.setenv(name, value)
        store = QdrantStore(QdrantClient(":memory:"), "c", 384)
        set_to.setitem(wiring.STORES, "memory", lambda _: store)
        forget_all()
        made_table()
        made_answers_table()
        s3 = made_buckets()
        library = Library(
            s3, wiring.manifest(), store, lambda text: wiring.embedder().embed_question(text)
        )
        library.add("leases/main street.txt", LEASE, labels={"team": "legal"})
        library.add("manuals/oven.txt", OVEN)
        yield library
        forget_all()


@pytest.fixture
def api(library: Library) -> Iterator[TestClient]:
    """A caller on this machine."""
    with TestClient(create_app(), client=LOOPBACK, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Sets a variable for one test."""

    def to(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        wiring.settings.cache_clear()

    yield to
    wiring.settings.cache_clear()


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Puts a part of a test's own in the place of one of wiring's, for one test."""

    def to(name: str, part: Any) -> None:
        (home,) = (module for module in WIRING if hasattr(module, name))
        monkeypatch.setattr(home, name, lambda *_: part)

    return to
