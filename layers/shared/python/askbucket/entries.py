"""The manifest as read: entries, lists of them, and step histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from askbucket.entry import Entry, Listing, entry_of
from askbucket.errors import TryAgain
from askbucket.models import Status

OWN_ITEM = "document"
WAITING = "waiting"  # the one partition of the sparse index
BATCH_GET_LIMIT = 100  # keys in one BatchGetItem
BATCH_GET_TRIES = 5
LIST_PAGE = 500


class ConditionFailed(Exception):  # (told to the one writer, see manifest.py)
    """A conditional write that did not happen; `entry` is what stood in its way."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        super().__init__()
        self.entry = entry_of(item) if item else None


class Entries:
    """The table, read. Raises TryAgain on any service fault."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def get(self, document_id: str) -> Entry | None:
        """The document's entry, read consistently."""
        reply = self._call(
            "get_item", Key={"id": document_id, "item": OWN_ITEM}, ConsistentRead=True
        )
        return entry_of(reply["Item"]) if "Item" in reply else None

    def get_many(self, document_ids: Sequence[str]) -> dict[str, Entry]:
        """The entries that exist, read consistently."""
        found: dict[str, Entry] = {}
        for start in range(0, len(document_ids), BATCH_GET_LIMIT):
            wanted = document_ids[start : start + BATCH_GET_LIMIT]
            for entry in self._batch([{"id": each, "item": OWN_ITEM} for each in wanted]):
                found[entry.document.id] = entry
        return found

    def steps(self, document_id: str, limit: int = 100) -> list[dict[str, Any]]:
        """The newest steps of the document, oldest first."""
        reply = self._call(
            "query",
            KeyConditionExpression=Key("id").eq(document_id) & Key("item").begins_with("step#"),
            ScanIndexForward=False,
            Limit=limit,
        )
        return [
            {
                "at": int(step["at"]),
                "step": step["step"],
                "detail": step["detail"],
                "generation": int(step["generation"]),
            }
            for step in reversed(reply["Items"])
        ]

    def list(
        self,
        bucket: str,
        *,
        prefix: str = "",
        after: str | None = None,
        key: str | None = None,
        status: Status | None = None,
        tombstones: bool = False,
        limit: int = 100,
        cursor: Mapping[str, Any] | None = None,
    ) -> Listing:
        """Documents in key order; tombstones only with `tombstones` or where `status` asks."""
        where = Key("bucket").eq(bucket)
        if key is not None:
            where &= Key("key").eq(key)
        elif after is not None:
            where &= Key("key").gt(after)  # the caller stops where the prefix ends
        elif prefix:
            where &= Key("key").begins_with(prefix)
        request: dict[str, Any] = {
            "IndexName": "by_key",
            "KeyConditionExpression": where,
            "Limit": limit,
        }
        if status:
            request["FilterExpression"] = Attr("status").eq(status)
        elif not tombstones:
            request["FilterExpression"] = Attr("status").ne(Status.DELETED)
        if cursor:
            request["ExclusiveStartKey"] = dict(cursor)
        reply = self._call("query", **request)
        return Listing(
            tuple(entry_of(item) for item in reply["Items"]), reply.get("LastEvaluatedKey")
        )

    def every(self, bucket: str) -> Iterator[Entry]:
        """All documents of the bucket, without tombstones, in key order."""
        cursor = None
        while True:
            page = self.list(bucket, limit=LIST_PAGE, cursor=cursor)
            yield from page.entries
            cursor = page.cursor
            if cursor is None:
                return

    def due(self, now: int) -> Iterator[str]:
        """Keys of the documents whose OCR or worker should have been heard of by now."""
        request: dict[str, Any] = {
            "IndexName": "due",
            "KeyConditionExpression": Key("waiting").eq(WAITING) & Key("due_at").lte(now),
        }
        while True:
            reply = self._call("query", **request)
            for item in reply["Items"]:
                entry = self.get(item["id"])
                if entry:
                    yield entry.document.key
            if "LastEvaluatedKey" not in reply:
                return
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def _batch(self, keys: Sequence[Mapping[str, str]]) -> Iterator[Entry]:
        """Up to 100 items; what DynamoDB left unread is asked for again, boundedly often."""
        request: dict[str, Any] = {self._table.name: {"Keys": list(keys), "ConsistentRead": True}}
        for _ in range(BATCH_GET_TRIES):
            reply = self._call("batch_get_item", on=self._client, RequestItems=request)
            yield from (entry_of(item) for item in reply["Responses"].get(self._table.name, ()))
            request = reply.get("UnprocessedKeys") or {}
            if not request:
                return
        raise TryAgain("the manifest table is too busy to answer a batch read")

    def _call(self, operation: str, *, on: Any = None, **request: Any) -> dict[str, Any]:
        target = self._table if on is None else on
        try:
            reply: dict[str, Any] = getattr(target, operation)(**request)
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item = error.response.get("Item")
            raise ConditionFailed(_plain(item) if item else None) from error
        except (ClientError, BotoCoreError) as error:
            raise TryAgain(f"the manifest table refused {operation}: {error}") from error
        return reply

    @property
    def _client(self) -> Any:
        return self._table.meta.client


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of an error reply, which the table resource leaves in wire form."""
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in item.items()}
