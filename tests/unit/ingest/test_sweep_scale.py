"""A sweep of 100,000 keys: memory does not grow with the bucket, and it goes on where it broke."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from askbucket.bucket import Bucket
from askbucket.clock import Deadline
from askbucket.entry import Entry, Listing
from askbucket.ingest.limits import Limits
from askbucket.ingest.recipe import Recipe
from askbucket.ingest.sweep import GROUP, Cursor, Findings, Sweep
from askbucket.models import Document, Status
from askbucket.s3 import S3
from askbucket.stores.port import AnyOf, Filter, PointRef

KEYS = 100_000
MISSED = 1000  # every one of so many keys was never told of
BUCKET, RECIPE, ETAG = "askbucket", "recipe-1", '"d3b07384d113edec49eaa6238ad5ff00"'
S3_PAGE = 1000
MEMORY_MIB = 4  # a page of each list, and what one group of rows takes


def key_of(number: int) -> str:
    return f"folder/{number:07d}.txt"


def number_after(key: str) -> int:
    return int(key[len("folder/") : -len(".txt")]) + 1 if key else 0


class ListedBucket:
    """S3 as far as a listing goes; pages are made when they are asked for."""

    def list_objects_v2(self, **request: str) -> dict[str, Any]:
        token = request.get("ContinuationToken")
        first = int(token) if token else number_after(request.get("StartAfter", ""))
        last = min(first + S3_PAGE, KEYS)
        return {
            "Contents": [{"Key": key_of(n), "ETag": ETAG, "Size": 9} for n in range(first, last)],
            "IsTruncated": last < KEYS,
            "NextContinuationToken": str(last),
        }


class ListedManifest:
    """A manifest that knows all keys but every thousandth."""

    def list(
        self,
        *_: str,
        after: str | None,
        limit: int,
        cursor: Mapping[str, Any] | None,
        **__: object,
    ) -> Listing:
        first = cursor["number"] if cursor else number_after(after or "")
        last = min(first + limit, KEYS)
        entries = tuple(entry_of(n) for n in range(first, last) if n % MISSED)
        return Listing(entries, {"number": last} if last < KEYS else None)

    def get_many(self, document_ids: Sequence[str]) -> dict[str, Entry]:
        """Of points, the test asks nothing: all are of the active generation."""
        return {each: entry_of(1) for each in document_ids}


class ListedStore:
    """One point for each key, made while they are read."""

    def scroll(self, matching: Filter, start: str | None = None) -> Iterator[PointRef]:
        for condition in matching.must:
            assert isinstance(condition, AnyOf)
            for each in condition.values:
                yield PointRef(each, each, "its key", 1)
            return
        for n in range(int(start) + 1 if start else 0, KEYS):
            yield PointRef(f"{n:07d}", f"id-{n:07d}", key_of(n), 1)


def entry_of(number: int) -> Entry:
    document = Document(BUCKET, key_of(number))
    return Entry(
        document,
        "default",
        generation=1,
        committed=1,
        collected=1,
        active=1,
        status=Status.READY,
        etag=ETAG,
        recipe=RECIPE,
        chunks=1,
    )


class Ticking:
    """A clock on which every look takes a second."""

    def __init__(self) -> None:
        self.seconds = 0

    def __call__(self) -> int:
        self.seconds += 1
        return self.seconds * 1000


@pytest.fixture
def hinted() -> list[str]:
    """The keys hinted so far."""
    return []


@pytest.fixture
def sweep(hinted: list[str]) -> Sweep:
    bucket = Bucket(S3(ListedBucket(), BUCKET))
    parts: tuple[Any, Any] = (ListedManifest(), ListedStore())
    return Sweep(bucket, *parts, Recipe(RECIPE), Limits(1, 1), hinted.extend)


def slices(sweep: Sweep, groups: int) -> Iterator[tuple[Findings, Cursor | None]]:
    """Runs until all is done, each with time for so many groups."""
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        findings, cursor = sweep.run(cursor, Deadline(groups * 1000, Ticking(), margin_ms=0))
        yield findings, cursor


@pytest.mark.parametrize("stage", [Cursor(prefix="folder/"), Cursor("points")])
def test_memory_stays_small_however_many_keys_there_are(sweep: Sweep, stage: Cursor) -> None:
    unhurried = Deadline(2 * KEYS * 1000, Ticking())

    tracemalloc.start()
    try:
        _, rest = sweep.run(stage, unhurried)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert rest is None
    assert peak < MEMORY_MIB * 2**20, f"{peak / 2**20:.1f} MiB"


def test_slices_together_look_at_every_key_once(sweep: Sweep, hinted: list[str]) -> None:
    groups = 30  # in one slice

    found = list(slices(sweep, groups))

    assert len(found) > 2 * KEYS // GROUP // (groups + 1)
    assert sum(findings.keys for findings, _ in found) == KEYS
    assert max(findings.keys for findings, _ in found) <= (groups + 1) * GROUP
    assert hinted == [key_of(n) for n in range(0, KEYS, MISSED)]
    assert {cursor.stage for _, cursor in found if cursor} == {"keys", "points"}
