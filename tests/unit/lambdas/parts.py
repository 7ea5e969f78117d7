"""Documents as the ingest side leaves them: in bucket, manifest, store and artifacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3

from askbucket.artifacts import pages_to_bytes
from askbucket.entry import Commit
from askbucket.ingest import sparse
from askbucket.ingest.readers.source import READER_RECIPE
from askbucket.manifest import Manifest
from askbucket.models import Box, Chunk, Document, Line, Page, Status
from askbucket.stores.port import Point, VectorStore

BUCKET, ARTIFACTS, TABLE, ANSWERS = "documents", "artifacts", "manifest", "answers"
NOW = 1_800_000_000_000
DIMENSIONS = 3


def made_table() -> Any:
    """The manifest's table as the stack makes it, in moto."""
    return boto3.resource("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "item", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("id", "item", "bucket", "key")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_key",
                "KeySchema": [
                    {"AttributeName": "bucket", "KeyType": "HASH"},
                    {"AttributeName": "key", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def made_answers_table(name: str = ANSWERS) -> Any:
    """The table of sessions as the stack makes it, in moto."""
    return boto3.resource("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in ("id", "tenant")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "tenant",
                "KeySchema": [{"AttributeName": "tenant", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def made_buckets() -> Any:
    """Both buckets, the document bucket with versions; the client that made them."""
    s3 = boto3.client("s3")
    for name in (BUCKET, ARTIFACTS):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return s3


def committed(manifest: Manifest, key: str, status: Status = Status.READY, **of: Any) -> int:
    """The generation under which the key now stands in the manifest."""
    document = Document(BUCKET, key)
    generation = manifest.claim(document, of.pop("tenant", "default"), NOW).generation
    active = generation if status is Status.READY else None
    end = Commit(
        status,
        active=active,
        version=of.pop("version", "v1"),
        fingerprint="f",
        staged_at=NOW,
        recipe="r",
        active_version=of.pop("active_version", "v1") if active else None,
        **of,
    )
    assert manifest.commit(document.id, generation, end, NOW) is None
    return generation


@dataclass
class Library:
    """The stack's storage, and documents put straight into it."""

    s3: Any
    manifest: Manifest
    store: VectorStore
    embed: Callable[[str], Sequence[float]] = lambda _: (1.0, 0.0, 0.0)

    def add(
        self,
        key: str,
        text: str,
        *,
        labels: Mapping[str, str] | None = None,
        tenant: str = "default",
    ) -> Document:
        """A document of one page and one chunk, ready to be asked about."""
        document = Document(BUCKET, key)
        version = self.s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())["VersionId"]
        page = Page(1, tuple(_line(number, row) for number, row in enumerate(text.split("\n"))))
        where = f"{document.id}/content/{READER_RECIPE}/pages-00000"
        self.s3.put_object(Bucket=ARTIFACTS, Key=where, Body=pages_to_bytes([page]))
        generation = committed(
            self.manifest,
            key,
            tenant=tenant,
            version=version,
            active_version=version,
            content="content",
            size=len(text),
            pages=1,
            chunks=1,
            embedded=1,
        )
        boxes = tuple(line.box for line in page.lines if line.box)
        self.store.upsert(
            [
                Point(
                    document,
                    generation,
                    tenant,
                    version,
                    labels or {},
                    Chunk(0, 1, 0, len(text), text, boxes),
                    self.embed(text),
                    sparse.document_vector(text),
                )
            ]
        )
        self.manifest.note(document.id, generation, "ready", "1 chunks", NOW)
        return document

    def remove(self, key: str) -> None:
        """The deletion, committed; its points are still there."""
        committed(self.manifest, key, Status.DELETED)


def _line(number: int, text: str) -> Line:
    return Line(text, Box(0.1, round(0.1 + number / 20, 2), 0.8, 0.04))
