"""The document bucket, which is the truth: what a key holds now, and exactly that version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from askbucket.errors import TryAgain
from askbucket.models import ObjectHead
from askbucket.s3 import S3

UPLOAD_SECONDS = 3600
DOWNLOAD_SECONDS = 300


class VersionGone(Exception):  # (a state of the bucket, told to the one caller)
    """The pinned version was removed between HEAD and GET."""


class Bucket:
    """One versioned bucket. Raises TryAgain on any fault but absence."""

    def __init__(self, s3: S3) -> None:
        self._s3 = s3
        self.name = s3.bucket

    def head(self, key: str) -> ObjectHead | None:
        """What the key holds now; None for a missing key or a delete marker.

        The role holds ListBucket, so a missing key is a 404; a 403 is a fault.
        """
        head = self._call("head_object", Key=key)
        if head is None:
            return None
        version = head.get("VersionId", "null")
        tags = self._call("get_object_tagging", Key=key, VersionId=version)
        if tags is None:
            raise TryAgain("the object changed while it was looked at")
        labels = {**head.get("Metadata", {}), **{t["Key"]: t["Value"] for t in tags["TagSet"]}}
        modified = int(head["LastModified"].timestamp() * 1000)
        return ObjectHead(version, head["ETag"], int(head["ContentLength"]), labels, modified)

    def download(self, key: str, head: ObjectHead, target: Path) -> str:
        """Writes exactly that version to `target`; its SHA-256 in hex. Raises VersionGone."""
        reply = self._call("get_object", Key=key, VersionId=head.version, IfMatch=head.etag)
        if reply is None:
            raise VersionGone
        digest = hashlib.sha256()
        try:
            with target.open("wb") as file:
                for block in reply["Body"].iter_chunks(1024 * 1024):
                    digest.update(block)
                    file.write(block)
        except (BotoCoreError, OSError) as error:
            raise TryAgain(f"reading the object broke off: {error}") from error
        return digest.hexdigest()

    def delete(self, key: str) -> None:
        """Adds a delete marker; the versions below go with the bucket's lifecycle rule."""
        self._call("delete_object", Key=key)

    def etags(self, prefix: str = "", after: str = "") -> Iterator[tuple[str, str]]:
        """Key and ETag of everything the bucket holds now, in order of the keys' bytes."""
        return ((item["Key"], item["ETag"]) for item in self._s3.objects(prefix, after))

    def download_url(self, key: str, version: str | None) -> str:
        """A presigned GET of that version, valid for five minutes."""
        which = {"VersionId": version} if version and version != "null" else {}
        return self._presigned("get_object", {"Key": key, **which}, DOWNLOAD_SECONDS)

    def upload_url(
        self, key: str, content_type: str | None, metadata: Mapping[str, str], size: int | None
    ) -> tuple[str, dict[str, str]]:
        """A presigned PUT, valid for an hour, and the headers that must go with it."""
        request: dict[str, Any] = {"Key": key}
        headers = {f"x-amz-meta-{name.lower()}": value for name, value in metadata.items()}
        if metadata:
            request["Metadata"] = dict(metadata)
        if content_type:
            request["ContentType"] = headers["content-type"] = content_type
        if size is not None:
            request["ContentLength"] = size
            headers["content-length"] = str(size)
        return self._presigned("put_object", request, UPLOAD_SECONDS), headers

    def _presigned(self, operation: str, request: dict[str, Any], seconds: int) -> str:
        url: str = self._s3.client.generate_presigned_url(
            operation, Params={"Bucket": self.name, **request}, ExpiresIn=seconds
        )
        return url

    def _call(self, operation: str, **request: Any) -> Any:
        if request.get("VersionId") == "null":
            del request["VersionId"]  # an object from before versioning was switched on
        return self._s3.call(operation, **request)
