"""One S3 bucket with our errors: absence is None, any other fault is TryAgain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from askbucket.errors import TryAgain

DELETE_BATCH = 1000  # objects in one DeleteObjects
ABSENT = {"404", "NoSuchKey", "NotFound", "NoSuchVersion", "412", "PreconditionFailed"}


class S3:
    """A boto3 client bound to a bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client = client
        self.bucket = bucket

    def call(self, operation: str, **request: Any) -> Any:
        """The reply, or None where the object, or the version with that ETag, is not there."""
        try:
            return getattr(self.client, operation)(Bucket=self.bucket, **request)
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                return None
            raise TryAgain(f"bucket {self.bucket} refused {operation}: {error}") from error
        except BotoCoreError as error:
            raise TryAgain(f"bucket {self.bucket} cannot be reached: {error}") from error

    def objects(self, prefix: str = "", after: str = "") -> Iterator[dict[str, Any]]:
        """S3's description of every object below the prefix, and after a key, in key order."""
        request: dict[str, Any] = {"Prefix": prefix, **({"StartAfter": after} if after else {})}
        while True:
            page = self.call("list_objects_v2", **request) or {}
            yield from page.get("Contents", ())
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    def delete(self, objects: Sequence[Mapping[str, str]]) -> None:
        """Removes objects, by `Key`, or versions of them, by `VersionId` too; none is fine."""
        for start in range(0, len(objects), DELETE_BATCH):
            batch = list(objects[start : start + DELETE_BATCH])
            reply = self.call("delete_objects", Delete={"Objects": batch, "Quiet": True})
            for error in (reply or {}).get("Errors", ()):
                raise TryAgain(f"{error['Key']} was not deleted: {error.get('Message')}")
