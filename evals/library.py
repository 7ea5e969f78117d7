"""The whole product in one process: its sync and its HTTP API over AWS in memory.

Documents go through the wired `sync()`, reader processes included, and questions through the
FastAPI app, so that what is measured is what a caller of the API sees. S3 and DynamoDB are moto's,
the store is the exact one, and the chat model is asked at the Bedrock endpoint given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count, takewhile
from typing import Any
from unittest.mock import patch

import boto3
import click
from moto import mock_aws
from starlette.testclient import TestClient

from askbucket import wiring, wiring_ingest
from askbucket.clock import Deadline, now_ms
from askbucket.entry import Entry
from askbucket.models import Document, Status
from evals.embedding import CachedEmbedder, EmbedderPort
from evals.memory_store import MemoryStore
from evals.reading.offline_ocr import offline_textract
from evals.wired import ARTIFACTS, BUCKET, TABLE, wired
from lambdas.query.app import create_app
from local.textract.emulated_aws import EmulatedAws

LOOPBACK = ("127.0.0.1", 50_000)
MINUTES = 30  # for one document
OK = 200
OCR_POLL_SECONDS = 0.2
TOLD_EVERY = 50  # documents


class Library:
    """Documents that can be asked about."""

    def __init__(self, api: TestClient) -> None:
        self._api = api
        self.lines = cache(self._lines)

    def add(self, key: str, content: bytes) -> None:
        """Raises RuntimeError with the reason where it does not become ready."""
        wiring.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
        entry = self._synced(key)
        while entry and entry.status is Status.OCR:
            time.sleep(OCR_POLL_SECONDS)
            entry = self._synced(key)
        if entry is None or entry.status is not Status.READY:
            raise RuntimeError(f"{key} is not ready: {entry and (entry.reason or entry.status)}")

    def _synced(self, key: str) -> Entry | None:
        wiring_ingest.sync()(key, Deadline(now_ms() + MINUTES * 60_000, now_ms))
        return wiring.manifest().get(Document(BUCKET, key).id)

    def ask(self, question: str, narrowed: Mapping[str, str]) -> dict[str, Any]:
        """The API's reply. Raises RuntimeError for any but 200."""
        reply = self._api.post("/query", json={"question": question, "filter": dict(narrowed)})
        if reply.status_code != OK:
            raise RuntimeError(f"{reply.status_code} for {question!r}: {reply.text}")
        answer: dict[str, Any] = reply.json()
        return answer

    def _lines(self, document_id: str, page: int | None) -> tuple[dict[str, Any], ...]:
        """The stored lines of a page, or of all parts of a document without pages."""
        if page is not None:
            return tuple(self._page(document_id, page))
        parts = takewhile(bool, (self._page(document_id, number) for number in count(1)))
        return tuple(line for part in parts for line in part)

    def _page(self, document_id: str, number: int) -> list[dict[str, Any]]:
        reply = self._api.get(f"/documents/{document_id}/pages/{number}")
        lines: list[dict[str, Any]] = reply.json()["lines"] if reply.status_code == OK else []
        return lines


@contextmanager
def library(
    contents: Mapping[str, bytes], embed: CachedEmbedder, chat: Mapping[str, str]
) -> Iterator[Library]:
    """The documents by key, indexed. `chat` are variables: where Bedrock is and which model."""
    with ExitStack() as held:
        held.enter_context(patch.object(boto3, "DEFAULT_SESSION", None))
        held.enter_context(_memory_aws("AWS_ENDPOINT_URL_BEDROCK_RUNTIME" in chat))
        held.enter_context(wired(chat, store=MemoryStore(), embedder=EmbedderPort(embed)))
        _make_storage()
        textract = held.enter_context(offline_textract(_Memory()))
        held.enter_context(patch.object(wiring, "client", _with(textract)))
        api = held.enter_context(TestClient(create_app(), client=LOOPBACK))
        made = Library(api)
        for number, (key, content) in enumerate(contents.items(), 1):
            if number % TOLD_EVERY == 0:
                click.echo(f"  indexing {number} of {len(contents)}", err=True)
            made.add(key, content)
        yield made


class _Memory(EmulatedAws):
    """Documents from S3 in memory. Nobody is told of completions: who waits asks again."""

    def __init__(self) -> None:
        self._s3 = wiring.client("s3")

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        """Dropped."""


def _with(textract: Any) -> Callable[[str], Any]:
    """The product's clients, and for Textract this one."""
    clients = wiring.client
    return lambda service: textract if service == "textract" else clients(service)


def _memory_aws(offline: bool) -> Any:
    """moto; a real Bedrock is let through with the caller's credentials, which nothing else gets:
    all other calls stay in memory."""
    through: Any = {
        "passthrough": {"urls": [r"https://bedrock-runtime\."]},
        "mock_credentials": False,
    }
    return mock_aws(config={"core": {} if offline else through})


def _make_storage() -> None:
    s3 = wiring.client("s3")
    for name in (BUCKET, ARTIFACTS):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    keys = {"id": "HASH", "item": "RANGE"}
    by_key = {"bucket": "HASH", "key": "RANGE"}
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema(keys),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in (*keys, *by_key)
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_key",
                "KeySchema": _schema(by_key),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _schema(keys: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()]
