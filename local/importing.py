"""Another bucket's objects brought into the document bucket, copied inside S3.

An object that was brought in carries its source's ETag as user metadata, so that a run that broke
off goes on where it stopped, and a second run copies only what has changed since.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

SOURCE_ETAG = "askbucket-source-etag"
AT_ONCE = 8  # copies; each is one call, or some for each GiB of an object over 5 GB
KEPT_HEADERS = ("ContentType", "ContentLanguage", "ContentDisposition", "ContentEncoding")
# CopyObject takes 5 GiB (S3 user guide, "Copying objects"); boto3 would part from 8 MB on.
WHOLE = TransferConfig(multipart_threshold=5 * 1024**3, multipart_chunksize=1024**3)
MISSING = ("404", "NoSuchKey", "NotFound")


class Outcome(StrEnum):
    COPIED = "copied"
    THERE = "there already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the source, and the key it gets."""

    key: str
    target: str
    size: int
    etag: str


@dataclass(slots=True)
class Imported:
    """What came of it; `refused` tells why, by source key."""

    objects: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    bytes: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def listed(s3: Any, bucket: str, prefix: str, put_under: str) -> Iterator[Found]:
    """Every object under the prefix, keys kept. Folder markers are left out.

    Raises ClientError or BotoCoreError where the bucket cannot be listed.
    """
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Contents", ()):
            if each["Size"] or not each["Key"].endswith("/"):
                yield Found(each["Key"], put_under + each["Key"], each["Size"], each["ETag"])


class Importer:
    """Copies from one bucket into another, a few objects at a time."""

    def __init__(self, s3: Any, source: str, target: str) -> None:
        self._s3 = s3
        self._source = source
        self._target = target
        self._lock = threading.Lock()

    def __call__(self, found: Iterable[Found], seen: Callable[[Found], None]) -> Imported:
        """Copies them all; what cannot be copied is counted, named, and stops nothing else."""
        result = Imported()

        def one(each: Found) -> None:
            outcome, reason = self._brought(each)
            with self._lock:
                result.objects[outcome] += 1
                if outcome is Outcome.COPIED:
                    result.bytes += each.size
                if outcome is Outcome.REFUSED:
                    result.refused[each.key] = reason
                seen(each)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, found))
        return result

    def _brought(self, each: Found) -> tuple[Outcome, str]:
        try:
            if self._there(each):
                return Outcome.THERE, ""
            self._copy(each)
        except (ClientError, BotoCoreError) as error:
            return Outcome.REFUSED, _reason(error)
        return Outcome.COPIED, ""

    def _there(self, each: Found) -> bool:
        """Whether an earlier run brought in just these bytes."""
        try:
            head = self._s3.head_object(Bucket=self._target, Key=each.target)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return False
            raise
        return bool(head["Metadata"].get(SOURCE_ETAG) == each.etag.strip('"'))

    def _copy(self, each: Found) -> None:
        """With its headers, metadata and tags; one over 5 GiB goes in parts, without its tags."""
        where = {"Bucket": self._source, "Key": each.key}
        head = self._s3.head_object(**where)
        kept = {name: head[name] for name in KEPT_HEADERS if name in head}
        labels: Mapping[str, str] = head["Metadata"] | {SOURCE_ETAG: each.etag.strip('"')}
        self._s3.copy(
            where,
            self._target,
            each.target,
            ExtraArgs={**kept, "Metadata": labels, "MetadataDirective": "REPLACE"},
            Config=WHOLE,
        )


def _reason(error: ClientError | BotoCoreError) -> str:
    """In plain words where people meet it often, else as S3 says it."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code == "InvalidObjectState":
        return "it is archived; restore it first"
    if code in ("AccessDenied", "403", "Forbidden"):
        return "reading it is not allowed with these credentials (the object's, or its KMS key)"
    return str(error)
