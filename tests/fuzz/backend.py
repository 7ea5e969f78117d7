"""The query app with offline parts behind it: moto's S3 and DynamoDB, and the endpoints of local/
for Bedrock and Qdrant, served over HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from askbucket import wiring
from lambdas.query.app import create_app
from tests.contract.qdrant_served import served as served_qdrant
from tests.unit.bedrock_served import served_bedrock
from tests.unit.lambdas.parts import (
    ARTIFACTS,
    BUCKET,
    TABLE,
    Library,
    made_buckets,
    made_table,
)

LOOPBACK = ("127.0.0.1", 50_000)
TEXTS = {
    "leases/main street.txt": "The monthly rent is 1,577 euros.\nPets are welcome.",
    "manuals/über öfen 🔥.txt": "Clean the oven once a month.\nNever use a wire brush.",
    "a%2Fb/../+c d.txt": "Boat shed B costs 255 pounds a month.",
}


@dataclass(frozen=True)
class Running:
    """The app, as a caller on this machine reaches it, the ids of its documents, and how often it
    answered with which status."""

    app: Any
    ids: tuple[str, ...]
    statuses: Counter[int]


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """The app over a few documents; the store's data lies in `folder`."""
    with (
        pytest.MonkeyPatch.context() as patch,
        served_bedrock() as bedrock,
        served_qdrant(folder) as qdrant,
        mock_aws(),
    ):
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        for name, value in _environment(bedrock, qdrant).items():
            patch.setenv(name, value)
        wiring.forget()
        made_table()
        library = Library(
            made_buckets(), wiring.manifest(), wiring.store(), wiring.embedder().embed_question
        )
        library.store.ensure()
        ids = tuple(library.add(k, t, labels={"team": "legal"}).id for k, t in TEXTS.items())
        yield from_loopback(create_app(), ids)
        wiring.forget()


def _environment(bedrock: str, qdrant: str) -> dict[str, str]:
    return {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock,
        "ASKBUCKET_BUCKET": BUCKET,
        "ASKBUCKET_ARTIFACTS_BUCKET": ARTIFACTS,
        "ASKBUCKET_TABLE": TABLE,
        "ASKBUCKET_STORE": f"qdrant+{qdrant}/fuzz",
        "ASKBUCKET_EMBEDDER": "askbucket.minilm-l6-v2",
        "ASKBUCKET_CHAT_MODEL": "askbucket.extractive",
        "ASKBUCKET_AUTH": "none",
    }


def from_loopback(app: Any, ids: tuple[str, ...] = ("none",)) -> Running:
    """Any app, with its callers on this machine."""
    statuses: Counter[int] = Counter()

    async def called(scope: Any, receive: Any, send: Any) -> None:
        async def counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses[message["status"]] += 1
            await send(message)

        http = scope["type"] == "http"
        await app({**scope, "client": LOOPBACK} if http else scope, receive, counted)

    return Running(called, ids, statuses)
