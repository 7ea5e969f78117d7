"""Everything `Sync` works on, real where it can be: AWS and the store in memory, time by hand.

A `World` is one bucket with its index. Its workers share it, and each may be stepped: `step` is
called before every call that leaves the worker, which is where it can be frozen, killed or watched.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import boto3
from botocore.config import Config
from moto import mock_aws
from qdrant_client import QdrantClient
from qdrant_client import models as q

from askbucket.artifacts import Artifacts
from askbucket.bucket import Bucket
from askbucket.clock import Deadline
from askbucket.entry import Entry
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.features import NO_RULES, FeatureRules
from askbucket.ingest.limits import Limits
from askbucket.ingest.readers import text
from askbucket.ingest.readers.reading import open_source
from askbucket.ingest.recognition import MOST_BYTES, MOST_PAGES, Recognition
from askbucket.ingest.sweep import Cursor, Findings, Sweep
from askbucket.ingest.sync import Opener, Sync
from askbucket.manifest import Manifest
from askbucket.metrics import UNCOUNTED, Metrics
from askbucket.models import Document, SparseVector
from askbucket.ownership import ONE_TENANT, Ownership
from askbucket.s3 import S3
from askbucket.stores.port import Filter, Point, PointRef, TenantFilter
from askbucket.stores.qdrant import QdrantStore
from askbucket.tracing import UNTRACED, Tracer
from tests.unit.ingest.hash_embedder import DIMENSIONS, HashEmbedder
from tests.unit.ingest.scripted_textract import ScriptedTextract

BUCKET, ARTIFACTS, TABLE, COLLECTION = "askbucket", "askbucket-artifacts", "manifest", "points"
STARTED = 1_790_000_000_000  # when a world's clock begins, in ms
INVOCATION_MS = 300_000
OCR_WAIT_MS = 1_800_000
CHUNK_CHARS, CHUNK_OVERLAP = 100, 20

Step = Callable[[str], None]
KEYS = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "item", "KeyType": "RANGE"}]
INDEXES = {"by_key": ("bucket", "key"), "due": ("waiting", "due_at")}
FIELDS = {"id": "S", "item": "S", "bucket": "S", "key": "S", "waiting": "S", "due_at": "N"}


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self, at: int = STARTED) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at


class Stepped:
    """Calls `step` with a name before every call of the thing it stands for."""

    def __init__(self, thing: Any, name: str, step: Step) -> None:
        self._thing, self._name, self._step = thing, name, step

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if not callable(found):
            return found

        def stepped(*args: Any, **kwargs: Any) -> Any:
            self._step(f"{self._name}.{name}")
            return found(*args, **kwargs)

        return stepped


class SteppedStore(Stepped):
    """Also between the halves of an upsert, so that half a document can be there."""

    def upsert(self, points: Sequence[Point]) -> None:
        middle = (len(points) + 1) // 2
        for half in (points[:middle], points[middle:]):
            self._step("store.upsert")
            self._thing.upsert(half)


def no_step(name: str) -> None:
    """Nothing happens in between."""


@dataclass
class World:
    """A bucket, its manifest, artifacts and points, and the time it is there."""

    s3: Any
    dynamodb: Any
    qdrant: QdrantClient
    store: Any
    textract: ScriptedTextract
    clock: Watch = field(default_factory=Watch)
    embedder: HashEmbedder = field(default_factory=HashEmbedder)
    limits: Limits = field(default_factory=lambda: Limits(1_000_000, 300))
    opener: Opener = open_source  # in process: thousands of histories run here
    chunker: Chunker = field(default_factory=lambda: Chunker(CHUNK_CHARS, CHUNK_OVERLAP))
    features: FeatureRules = NO_RULES
    tracer: Tracer = UNTRACED
    ownership: Ownership = ONE_TENANT
    metrics: Metrics = UNCOUNTED
    most_ocr_pages: int = MOST_PAGES
    most_ocr_bytes: int = MOST_BYTES

    @property
    def manifest(self) -> Manifest:
        return Manifest(self.dynamodb.Table(TABLE))

    @property
    def artifacts(self) -> Artifacts:
        return Artifacts(S3(self.s3, ARTIFACTS))

    @property
    def bucket(self) -> Bucket:
        return Bucket(S3(self.s3, BUCKET))

    def worker(self, step: Step = no_step, *, store: Any = None, table: Any = None) -> Sync:
        """One function at work; `store` and `table` may be broken ones."""
        s3 = Stepped(self.s3, "s3", step)
        manifest = Manifest(Stepped(table or self.dynamodb.Table(TABLE), "manifest", step))
        textract = Stepped(self.textract, "textract", step)
        return Sync(
            bucket=Bucket(S3(s3, BUCKET)),
            manifest=manifest,
            artifacts=Artifacts(S3(s3, ARTIFACTS)),
            store=SteppedStore(store or self.store, "store", step),  # type: ignore[arg-type]
            embedder=Stepped(self.embedder, "embedder", step),  # type: ignore[arg-type]
            recognition=Recognition(
                textract,  # type: ignore[arg-type]
                manifest,
                ARTIFACTS,
                OCR_WAIT_MS,
                self.clock,
                self.most_ocr_pages,
                self.most_ocr_bytes,
            ),
            opener=self.opener,
            chunker=self.chunker,
            limits=self.limits,
            clock=self.clock,
            features=self.features,
            tracer=self.tracer,
            ownership=self.ownership,
            metrics=self.metrics,
        )

    def deadline(self, left_ms: int = INVOCATION_MS) -> Deadline:
        return Deadline(self.clock() + left_ms, self.clock)

    def sync(self, key: str) -> Outcome:
        """What one hint about the key leads to."""
        return self.worker()(key, self.deadline())

    def sweep(self) -> tuple[Findings, list[str]]:
        """One sweep, and the keys it hinted."""
        hinted: list[str] = []
        parts = (self.bucket, self.manifest, self.store, self.worker().recipe, self.limits)
        swept = Sweep(*parts, hinted.extend)
        findings, rest = swept.run(Cursor(), self.deadline())
        assert rest is None
        return findings, hinted

    def put(
        self,
        key: str,
        body: bytes | str,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """The version id of an upload."""
        data = body.encode() if isinstance(body, str) else body
        reply = self.s3.put_object(
            Bucket=BUCKET,
            Key=key,
            Body=data,
            Metadata=metadata or {},
            Tagging=urlencode(tags or {}),
        )
        return str(reply["VersionId"])

    def remove(self, key: str) -> str:
        """The version id of the delete marker."""
        return str(self.s3.delete_object(Bucket=BUCKET, Key=key)["VersionId"])

    def entry(self, key: str) -> Entry:
        found = self.manifest.get(Document(BUCKET, key).id)
        assert found is not None, f"{key} has no item"
        return found

    def visible(self, key: str) -> tuple[str, ...]:
        """The chunks readers may see, in order."""
        entry = self.manifest.get(Document(BUCKET, key).id)
        if entry is None or entry.active is None:
            return ()
        payloads = self.payloads(key, entry.active)
        return tuple(p["text"] for p in sorted(payloads, key=lambda p: p["number"]))

    def payloads(self, key: str, generation: int | None = None) -> list[dict[str, Any]]:
        """What is stored of a document, or of one generation of it."""
        wanted: dict[str, Any] = {"document_id": Document(BUCKET, key).id}
        if generation is not None:
            wanted["generation"] = generation
        must = [q.FieldCondition(key=k, match=q.MatchValue(value=v)) for k, v in wanted.items()]
        records, _ = self.qdrant.scroll(COLLECTION, q.Filter(must=must), limit=100_000)
        return [dict(record.payload or {}) for record in records]

    def points(self) -> int:
        """Every point of the store."""
        return int(self.qdrant.count(COLLECTION).count)

    def chunks_of(self, body: str) -> tuple[str, ...]:
        """What readers should see of a plain text."""
        source = text.TextSource(text.plain_lines(body))
        pages = source.pages(1, source.page_count)
        return tuple(chunk.text for chunk in self.chunker.chunks(pages, paged=False))

    def lose_table(self) -> None:
        """The manifest is gone, and an empty one takes its place."""
        self.dynamodb.Table(TABLE).delete()
        make_table(self.dynamodb)


class DeafStore:
    """A store that confirms every write and keeps only the first `kept` points of each."""

    def __init__(self, store: Any, kept: int = 0) -> None:
        self._store, self._kept = store, kept

    def upsert(self, points: Sequence[Point]) -> None:
        self._store.upsert(points[: self._kept])

    def delete(self, matching: Filter) -> None:
        self._store.delete(matching)

    def count(self, matching: Filter) -> int:
        return int(self._store.count(matching))

    def scroll(self, matching: Filter) -> Iterator[PointRef]:
        return iter(self._store.scroll(matching))

    def search(
        self, dense: Sequence[float], sparse: SparseVector, matching: TenantFilter, limit: int
    ) -> Any:
        return self._store.search(dense, sparse, matching, limit)


@contextmanager
def made_world() -> Iterator[World]:
    """An empty world, gone when the block ends."""
    s3, dynamodb, _ = clients()
    with mock_aws():
        for name in (BUCKET, ARTIFACTS):
            s3.create_bucket(Bucket=name)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        make_table(dynamodb)
        qdrant = QdrantClient(":memory:")
        yield World(s3, dynamodb, qdrant, made_store(qdrant), ScriptedTextract(s3))
        qdrant.close()


@cache
def clients() -> tuple[Any, Any, Any]:
    """S3, DynamoDB and SQS; moto stands behind them while it is on, nothing does otherwise."""
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    config = Config(ignore_configured_endpoint_urls=True)
    return (
        session.client("s3", config=config),
        session.resource("dynamodb", config=config),
        session.client("sqs", config=config),
    )


def make_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=KEYS,
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in FIELDS.items()
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": name,
                "KeySchema": [
                    {"AttributeName": partition, "KeyType": "HASH"},
                    {"AttributeName": sort, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for name, (partition, sort) in INDEXES.items()
        ],
    )


def made_store(qdrant: QdrantClient) -> QdrantStore:
    """The real store; qdrant-client's memory warns that it ignores payload indexes."""
    store = QdrantStore(qdrant, COLLECTION, DIMENSIONS)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Payload indexes have no effect", UserWarning)
        store.ensure()
    return store


def lines(count: int, name: str = "line") -> str:
    """A text that becomes one chunk for each of its lines."""
    return "\n".join(
        f"{name} {number:04d} {'of the ship log ' * 5}".strip() for number in range(count)
    )
