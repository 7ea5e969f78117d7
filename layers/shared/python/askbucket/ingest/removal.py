"""A tenant taken away for good: every version of its objects, and all that was made of them.

Documents go by `sync`, like any other that is deleted, so this is safe beside uploads and workers,
and does the same again when it is run again. What is removed directly after that is dead already:
points of tombstones, and tombstones nobody has claimed since they were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from boto3.dynamodb.conditions import Key

from askbucket.artifacts import Artifacts
from askbucket.entry import Entry
from askbucket.errors import CallerError
from askbucket.manifest import Manifest
from askbucket.models import Status
from askbucket.ownership import Ownership, is_tenant
from askbucket.s3 import S3
from askbucket.stores.port import Equals, Filter, VectorStore

LIST_PAGE = 500
Synced = Callable[[str], Any]
"""A key -> whatever; makes the index agree with the bucket for it."""


@dataclass(frozen=True, slots=True)
class Left:
    """What there is of a tenant: object versions (delete markers too), points, items of the
    manifest, artifacts of its documents, and records of answering (sessions, cached answers,
    queued questions, assigned callers)."""

    object_versions: int
    points: int
    manifest_items: int
    artifacts: int
    records: int

    @property
    def nothing(self) -> bool:
        return not any(asdict(self).values())


class Removal:
    """One tenant's. Raises CallerError where there are no tenants to tell apart, or no such name
    can be one, and TryAgain on a passing fault: then it is to be run again."""

    def __init__(
        self,
        tenant: str,
        *,
        ownership: Ownership,
        objects: S3,
        artifacts: Artifacts,
        manifest: Manifest,
        store: VectorStore,
        answers: Any,
        sync: Synced,
    ) -> None:
        """`answers` is the answers table as a boto3 resource."""
        if ownership.tenants == "single":
            raise CallerError(
                "there is one tenant here (ASKBUCKET_TENANTS=single), whose are all documents; "
                "`askbucket rm` removes some, `make destroy` the stack"
            )
        if not is_tenant(tenant):
            raise CallerError(f"{tenant!r} cannot be a tenant, so there is nothing of it")
        self._tenant = tenant
        self._prefix = ownership.prefix_of(tenant)
        self._objects = objects
        self._artifacts = artifacts
        self._manifest = manifest
        self._store = store
        self._answers = answers
        self._sync = sync

    def left(self) -> Left:
        """What is there now. Artifacts are counted for the documents the manifest still knows."""
        entries = list(self._entries())
        return Left(
            object_versions=sum(1 for _ in self._versions()),
            points=self._store.count(self._own),
            manifest_items=len(entries),
            artifacts=sum(len(self._artifacts.keys(f"{e.document.id}/")) for e in entries),
            records=sum(1 for _ in self._records()),
        )

    def run(self) -> Left:
        """One pass over everything; what is left after it, because others are at work."""
        for record in list(self._records()):
            self._answers.delete_item(Key={"id": record})
        for version in self._versions():
            self._objects.call("delete_object", **version)
        for entry in list(self._entries()):
            self._bury(entry)
        self._clear_points()
        return self.left()

    def callers(self) -> list[str]:
        """Names of the callers assigned to the tenant."""
        kind = "caller#"
        return [each.removeprefix(kind) for each in self._records() if each.startswith(kind)]

    @property
    def _own(self) -> Filter:
        return Filter((Equals("tenant", self._tenant),))

    def _bury(self, entry: Entry) -> None:
        """Makes it a tombstone by the rule; then neither points nor artifacts nor it are left."""
        document = entry.document
        if not _is_tombstone(entry):
            self._sync(document.key)
        now = self._manifest.get(document.id)
        if now is None or not _is_tombstone(now):
            return  # somebody uploads, or is at work: the next pass finds it again
        self._clear(now)
        self._artifacts.delete(self._artifacts.keys(f"{document.id}/"))
        self._manifest.forget(now)

    def _clear_points(self) -> None:
        """What lies in the store beside the manifest, of documents that are gone or were lost."""
        for key in sorted({ref.document for ref in self._store.scroll(self._own)}):
            self._sync(key)

    def _clear(self, tombstone: Entry) -> None:
        """Points up to its generation; those above it are of an attempt after it."""
        ids = {ref.generation for ref in self._store.scroll(_of(tombstone))}
        for generation in sorted(each for each in ids if each <= tombstone.committed):
            own = (*_of(tombstone).must, Equals("generation", generation))
            self._store.delete(Filter(own))

    def _entries(self) -> Iterator[Entry]:
        cursor: Mapping[str, Any] | None = None
        while True:
            page = self._manifest.list(
                self._objects.bucket,
                prefix=self._prefix,
                tombstones=True,
                limit=LIST_PAGE,
                cursor=cursor,
            )
            yield from page.entries
            cursor = page.cursor
            if cursor is None:
                return

    def _versions(self) -> Iterator[dict[str, str]]:
        request: dict[str, Any] = {"Prefix": self._prefix}
        while True:
            page = self._objects.call("list_object_versions", **request) or {}
            for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                yield {"Key": item["Key"], "VersionId": item["VersionId"]}
            if not page.get("IsTruncated"):
                return
            request["KeyMarker"] = page["NextKeyMarker"]
            request["VersionIdMarker"] = page["NextVersionIdMarker"]

    def _records(self) -> Iterator[str]:
        request: dict[str, Any] = {
            "IndexName": "tenant",
            "KeyConditionExpression": Key("tenant").eq(self._tenant),
        }
        while True:
            page = self._answers.query(**request)
            yield from (item["id"] for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _is_tombstone(entry: Entry) -> bool:
    return entry.status is Status.DELETED and entry.generation == entry.committed


def _of(entry: Entry) -> Filter:
    return Filter((Equals("document_id", entry.document.id),))
