"""What answering keeps for a while in one DynamoDB table: records of a tenant that expire.

Item: `id` ("<kind>#<tenant>#<name>"), `tenant` (of the index that finds all of a tenant), `kind`,
`expires_at` (seconds since 1970), `revision` (new with every write), and `fields`, its kind's own.
DynamoDB removes expired items days late, so whoever reads here never sees them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import BotoCoreError, ClientError

from askbucket.clock import Clock
from askbucket.errors import TryAgain

TENANT_INDEX = "tenant"


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Names a record: its kind, whose it is, and a name of at most 500 bytes within both."""

    kind: str
    tenant: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.kind}#{quote(self.tenant, safe='')}#{self.name}"


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read. `revision` names this state of it, and is never used twice."""

    fields: Mapping[str, Any]
    expires_at: int
    revision: str


class Records:
    """The table. Raises TryAgain on any service fault."""

    def __init__(self, table: Any, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    def get(self, key: RecordKey) -> Record | None:
        """The record, read consistently; None where there is none or its time is over."""
        item = self._call("get_item", Key={"id": key.id}, ConsistentRead=True).get("Item")
        if item is None or int(item["expires_at"]) * 1000 <= self._clock():
            return None
        return Record(item["fields"], int(item["expires_at"]), item["revision"])

    def put(
        self, key: RecordKey, fields: Mapping[str, Any], seconds: int, *, over: Record | None
    ) -> Record | None:
        """The record as written, to live that long; None where something else than `over` stands
        there. After a reply that was lost on the way, that can be what this very call wrote."""
        now = self._clock() // 1000
        record = Record(fields, now + seconds, uuid.uuid4().hex)
        item = {
            "id": key.id,
            "tenant": key.tenant,
            "kind": key.kind,
            "fields": dict(fields),
            "expires_at": record.expires_at,
            "revision": record.revision,
        }
        try:
            self._call("put_item", Item=item, ConditionExpression=_unchanged(over, now))
        except self._refused:
            return None
        return record

    def delete(self, key: RecordKey) -> None:
        """Removes the record; none is fine."""
        self._call("delete_item", Key={"id": key.id})

    def ids_of(self, tenant: str) -> Iterator[str]:
        """Names of all there is of a tenant in the table, expired or not, and its callers too.

        By an index, which may be a moment behind.
        """
        request: dict[str, Any] = {
            "IndexName": TENANT_INDEX,
            "KeyConditionExpression": Key("tenant").eq(tenant),
        }
        while True:
            page = self._call("query", **request)
            yield from (item["id"] for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def is_held(self, record_id: str) -> bool:
        """Whether somebody is at work on the record: its `lease_until`, in ms, is to come."""
        item = self._call("get_item", Key={"id": record_id}, ConsistentRead=True).get("Item")
        fields = (item or {}).get("fields", {})
        return int(fields.get("lease_until", 0)) > self._clock()

    def remove(self, record_id: str) -> None:
        """By a name from `ids_of`; none is fine."""
        self._call("delete_item", Key={"id": record_id})

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = getattr(self._table, operation)(**request)
        except self._refused:
            raise
        except (ClientError, BotoCoreError) as error:
            raise TryAgain(f"the answers table refused {operation}: {error}") from error
        return reply

    @property
    def _refused(self) -> Any:
        """The error of a condition that did not hold."""
        return self._table.meta.client.exceptions.ConditionalCheckFailedException


def _unchanged(over: Record | None, now: int) -> ConditionBase:
    """Nothing counts as there once its time is over, whether or not DynamoDB has removed it."""
    if over is None:
        return Attr("id").not_exists() | Attr("expires_at").lte(now)
    return Attr("revision").eq(over.revision)
