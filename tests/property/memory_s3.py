"""The part of S3 that Askbucket uses, in memory: moto's takes most of a history's time.

`test_memory_s3.py` holds it against moto's.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

MODIFIED = datetime(2026, 9, 1, tzinfo=UTC)  # every version's: histories have a clock of their own


@dataclass(frozen=True, slots=True)
class Version:
    """What one upload left; `body` is None for a delete marker."""

    id: str
    body: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    tagging: str = ""

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body or b"", usedforsecurity=False).hexdigest()}"'


class MemoryS3:
    """Buckets that keep every version; the newest one that is left is the current one."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], list[Version]] = {}
        self._made = 0

    def current(self, bucket: str, key: str) -> Version | None:
        """The newest version; None where there is none or it is a delete marker."""
        versions = self.versions(bucket, key)
        return versions[-1] if versions and versions[-1].body is not None else None

    def versions(self, bucket: str, key: str) -> list[Version]:
        """All versions and delete markers, oldest first."""
        return self._versions.get((bucket, key), [])

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        Metadata: Mapping[str, str] | None = None,  # noqa: N803
        Tagging: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        version = Version(self._name(), Body, dict(Metadata or {}), Tagging)
        self._versions.setdefault((Bucket, Key), []).append(version)
        return {"VersionId": version.id, "ETag": version.etag}

    def delete_object(self, *, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803
        """Adds a delete marker, or removes that version or marker for good."""
        if VersionId:
            left = [each for each in self.versions(Bucket, Key) if each.id != VersionId]
            self._versions[Bucket, Key] = left
            return {"VersionId": VersionId}
        marker = Version(self._name())
        self._versions.setdefault((Bucket, Key), []).append(marker)
        return {"VersionId": marker.id, "DeleteMarker": True}

    def delete_objects(self, *, Bucket: str, Delete: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
        for each in Delete["Objects"]:
            self._versions.pop((Bucket, each["Key"]), None)
        return {}

    def head_object(self, *, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803
        found = self._found("HeadObject", Bucket, Key, VersionId)
        return {
            "VersionId": found.id,
            "ETag": found.etag,
            "ContentLength": len(found.body or b""),
            "Metadata": dict(found.metadata),
            "LastModified": MODIFIED,
        }

    def get_object_tagging(self, *, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803
        found = self._found("GetObjectTagging", Bucket, Key, VersionId)
        return {"TagSet": [{"Key": k, "Value": v} for k, v in parse_qsl(found.tagging)]}

    def get_object(
        self,
        *,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        VersionId: str = "",  # noqa: N803
        IfMatch: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        found = self._found("GetObject", Bucket, Key, VersionId)
        if IfMatch and found.etag != IfMatch:
            raise _error("GetObject", "PreconditionFailed")
        body = found.body or b""
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803
        Prefix: str = "",  # noqa: N803
        StartAfter: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        keys = sorted(key for bucket, key in self._versions if bucket == Bucket)
        found = [
            {"Key": key, "ETag": current.etag}
            for key in keys
            if key.startswith(Prefix) and key > StartAfter
            if (current := self.current(Bucket, key))
        ]
        return {"Contents": found, "IsTruncated": False}

    def _found(self, operation: str, bucket: str, key: str, version: str) -> Version:
        if not version:
            found = self.current(bucket, key)
            if found is None:
                raise _error(operation, "404" if operation == "HeadObject" else "NoSuchKey")
            return found
        for each in self.versions(bucket, key):
            if each.id == version and each.body is not None:
                return each
        raise _error(operation, "404" if operation == "HeadObject" else "NoSuchVersion")

    def _name(self) -> str:
        self._made += 1
        return f"version-{self._made}"


def _error(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
