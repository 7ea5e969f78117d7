"""Memory that indexing takes: the same kind of document with 50 pages and with 500.

Each in a process of its own, by the real `Sync`: buckets are folders, the store counts points and
lets go of them, vectors come from hashes. What is told is the process's highest resident memory,
and how much of it indexing added to what the code itself takes.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import subprocess
import sys
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from askbucket.artifacts import Artifacts
from askbucket.bucket import Bucket
from askbucket.clock import Deadline, now_ms
from askbucket.embedders import EmbedderSpec
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.limits import Limits
from askbucket.ingest.readers.reader import Reader, cores
from askbucket.ingest.readers.reader_process import ReaderLimits
from askbucket.ingest.recognition import Recognition
from askbucket.ingest.sync import Sync
from askbucket.manifest import Manifest
from askbucket.models import Document, Hit, SparseVector, Status
from askbucket.s3 import S3
from askbucket.stores.port import Equals, Filter, Point, PointRef, TenantFilter
from bench.measured import Row
from local.serve import ROOT

PAGES = (50, 500)
KINDS = ("pdf", "txt")
DIMENSIONS = 1024
LINES, LINE_WORDS, VOCABULARY = 45, 11, 20_000  # about 3,500 characters a page
CHUNK_CHARS, CHUNK_OVERLAP = 1000, 200
READER_LIMITS = ReaderLimits(memory_mib=1024, open_seconds=60, page_seconds=10)
MOST_RATIO = 1.5  # for ten times the pages
MIB = 1024 * 1024
HOUR_MS = 3_600_000
BUCKET, ARTIFACTS = "documents", "artifacts"
WARM_UP, DOCUMENT = "warm-up", "document"


def rows() -> list[Row]:
    found = []
    for kind in KINDS:
        small, large = (measured(kind, pages) for pages in PAGES)
        ratio = large["peak"] / small["peak"]
        found += [_row(kind, *each) for each in zip(PAGES, (small, large), strict=True)]
        told = f"must stay below {MOST_RATIO:g} x"
        found.append(Row(f"{kind}, ratio", f"{ratio:.2f} x", "", told, ratio >= MOST_RATIO))
    return found


def _row(kind: str, pages: int, told: dict[str, float]) -> Row:
    added = f"+{told['peak'] - told['idle']:.0f} MiB"
    chunks = f"{told['chunks']:.0f} chunks in {told['seconds']:.0f} s"
    return Row(f"{kind}, {pages} pages", f"{told['peak']:.0f} MiB", added, chunks)


def measured(kind: str, pages: int) -> dict[str, float]:
    """Peak and idle memory in MiB, chunks and seconds."""
    with tempfile.TemporaryDirectory(prefix="askbucket-bench-") as folder:
        for job in ("make", "index"):
            done = subprocess.run(
                [sys.executable, "-m", "bench.memory", job, kind, str(pages), folder],
                cwd=ROOT,
                check=False,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise RuntimeError(f"{job} {kind} of {pages} pages failed:\n{done.stderr}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


class FolderS3:
    """Buckets as folders, one version of everything."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> dict[str, Any]:  # noqa: N803
        path = self._path(Bucket, Key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        about = self._path(Bucket, Key).stat()
        changed = datetime.fromtimestamp(about.st_mtime, UTC)
        told = {"VersionId": "1", "ETag": '"1"', "LastModified": changed}
        return {**told, "ContentLength": about.st_size}

    def get_object_tagging(self, **_: str) -> dict[str, Any]:
        return {"TagSet": []}

    def get_object(self, *, Bucket: str, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        path = self._path(Bucket, Key)
        if not path.exists():
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": Key}}, "GetObject")
        return {"Body": StreamingBody(path.open("rb"), path.stat().st_size)}

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803
        folder = self._folder / Bucket
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        keys = [path.relative_to(folder).as_posix() for path in paths]
        return {"Contents": [{"Key": key} for key in keys if key.startswith(Prefix)]}

    def delete_objects(self, *, Bucket: str, Delete: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        for each in Delete["Objects"]:
            self._path(Bucket, each["Key"]).unlink()
        return {}

    def _path(self, bucket: str, key: str) -> Path:
        return self._folder / bucket / key


class CountingStore:
    """Keeps the number of points of each document and generation."""

    def __init__(self) -> None:
        self._points: Counter[tuple[str | int, ...]] = Counter()

    def ensure(self) -> None:
        """Nothing is to be made."""

    def upsert(self, points: Sequence[Point]) -> None:
        self._points.update((point.document.id, point.generation) for point in points)

    def count(self, matching: Filter) -> int:
        return self._points[tuple(each.value for each in matching.must if isinstance(each, Equals))]

    def search(
        self,
        dense: Sequence[float],  # noqa: ARG002
        sparse: SparseVector,  # noqa: ARG002
        matching: TenantFilter,  # noqa: ARG002
        limit: int,  # noqa: ARG002
    ) -> tuple[list[Hit], list[Hit]]:
        return [Hit("1", "1", 1, "", "", "", None, "", (), 1.0)], []

    def delete(self, matching: Filter) -> None:
        """Nothing is kept."""

    def scroll(self, matching: Filter, start: str | None = None) -> Iterator[PointRef]:  # noqa: ARG002
        return iter(())

    def contents(self, matching: TenantFilter, limit: int) -> list[Hit]:  # noqa: ARG002
        return []

    def health(self) -> str:
        return "counts"


class HashEmbedder:
    """Vectors of 1,024 numbers, lists of floats as a reply of Titan's holds them."""

    spec = EmbedderSpec("bench.hash", DIMENSIONS, "v1", 1_000_000, 1_000_000, "bench")
    tokens = 0

    def embed_all(self, texts: Sequence[str]) -> list[list[float]]:
        return [self.embed_question(text) for text in texts]

    def embed_question(self, text: str) -> list[float]:
        bits = hashlib.shake_128(text.encode()).digest(2 * DIMENSIONS)
        return [number / 65536 for number in array("H", bits)]


def _make(kind: str, name: str, pages: int, folder: Path) -> None:
    rng = random.Random(7)  # noqa: S311 - repeatable on purpose
    made = [[_line(rng) for _ in range(LINES)] for _ in range(pages)]
    text = "\n".join(line for page in made for line in page)
    data = _pdf(made) if kind == "pdf" else text.encode()
    FolderS3(folder).put_object(Bucket=BUCKET, Key=f"{name}.{kind}", Body=data)


def _pdf(pages: list[list[str]]) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for page in pages:
        text = canvas.beginText(40, 800)
        text.setFont("Helvetica", 9)
        text.textLines(page)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _line(rng: random.Random) -> str:
    """Words as often as in a language: by Zipf's law."""
    return " ".join(f"word{int(VOCABULARY ** rng.random())}" for _ in range(LINE_WORDS))


def _index(kind: str, folder: Path) -> dict[str, float]:
    """What indexing the document took, after one of a single page."""
    from moto import mock_aws

    with mock_aws():
        sync = _sync(folder)
        deadline = Deadline(now_ms() + HOUR_MS, now_ms)
        sync(f"{WARM_UP}.{kind}", deadline)
        idle, began = _peak(), time.monotonic()
        sync(f"{DOCUMENT}.{kind}", deadline)
        took = time.monotonic() - began
        entry = sync.manifest.get(Document(BUCKET, f"{DOCUMENT}.{kind}").id)
        if entry is None or entry.status is not Status.READY:
            raise RuntimeError(f"not indexed: {entry}")
        return {"peak": _peak(), "idle": idle, "chunks": entry.chunks, "seconds": took}


def _sync(folder: Path) -> Sync:
    s3 = FolderS3(folder)
    manifest = Manifest(_table())
    nobody: Any = None  # text needs no OCR
    return Sync(
        bucket=Bucket(S3(s3, BUCKET)),
        manifest=manifest,
        artifacts=Artifacts(S3(s3, ARTIFACTS)),
        store=CountingStore(),
        embedder=HashEmbedder(),
        recognition=Recognition(nobody, manifest, ARTIFACTS, HOUR_MS, now_ms),
        opener=Reader(READER_LIMITS, {}, cores()),
        chunker=Chunker(CHUNK_CHARS, CHUNK_OVERLAP),
        limits=Limits(1000 * MIB, 100_000),
        clock=now_ms,
    )


def _table() -> Any:
    keys = {"id": "HASH", "item": "RANGE"}
    return (
        boto3.Session("bench", "bench", region_name="us-east-1")
        .resource("dynamodb")
        .create_table(
            TableName="manifest",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        )
    )


def _peak() -> float:
    """The most memory this process ever held, in MiB.

    Not getrusage's: that begins with what the process was forked from.
    """
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    job, kind, pages, folder = sys.argv[1:]
    if job == "make":
        _make(kind, WARM_UP, 1, Path(folder))
        _make(kind, DOCUMENT, int(pages), Path(folder))
    else:
        print(json.dumps(_index(kind, Path(folder))))  # noqa: T201 - to the process above
