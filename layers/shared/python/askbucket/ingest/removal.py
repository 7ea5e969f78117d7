"""A tenant taken away for good: every version of its objects, and all that was made of them.

Documents go by `sync`, like any other that is deleted, so this is safe beside uploads and workers,
and does the same again when it is run again. What is removed directly after that is dead already:
points of tombstones, and tombstones nobody has claimed since they were read. Whoever is at work on
a document meanwhile finds at its commit that it is gone, and clears away what it made; hints that
come later find nothing and leave nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

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


class Kept(Protocol):
    """What answering keeps of tenants in one place. Raises TryAgain."""

    def count(self, tenant: str) -> int:
        """How much there is of the tenant."""

    def clear(self, tenant: str) -> None:
        """Removes it, but for what somebody is at work on now."""


@dataclass(frozen=True, slots=True)
class Left:
    """What there is of a tenant: object versions (delete markers too), points, items of the
    manifest, artifacts of its documents, and records of answering, wherever they are kept
    (sessions, kept replies, queued questions, assigned callers)."""

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
        answering: Sequence[Kept],
        sync: Synced,
    ) -> None:
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
        self._answering = answering
        self._sync = sync

    def left(self) -> Left:
        """What is there now. Artifacts are counted for the documents the manifest still knows."""
        entries = list(self._entries())
        return Left(
            object_versions=sum(map(len, self._versions())),
            points=self._store.count(self._own),
            manifest_items=len(entries),
            artifacts=sum(len(self._artifacts.keys(f"{e.document.id}/")) for e in entries),
            records=sum(kept.count(self._tenant) for kept in self._answering),
        )

    def run(self) -> Left:
        """One pass over everything; what is left after it, because others are at work."""
        for kept in self._answering:
            kept.clear(self._tenant)
        for versions in self._versions():
            self._objects.delete(versions)
        for entry in list(self._entries()):
            self._bury(entry)
        self._clear_points()
        return self.left()

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

    def _versions(self) -> Iterator[list[dict[str, str]]]:
        """A page at a time, delete markers among them."""
        request: dict[str, Any] = {"Prefix": self._prefix}
        while True:
            page = self._objects.call("list_object_versions", **request) or {}
            both = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in both]
            if not page.get("IsTruncated"):
                return
            request["KeyMarker"] = page["NextKeyMarker"]
            request["VersionIdMarker"] = page["NextVersionIdMarker"]


def _is_tombstone(entry: Entry) -> bool:
    return entry.status is Status.DELETED and entry.generation == entry.committed


def _of(entry: Entry) -> Filter:
    return Filter((Equals("document_id", entry.document.id),))
