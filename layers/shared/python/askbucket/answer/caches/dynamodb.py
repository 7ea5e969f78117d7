"""Kept replies in the answers table."""

from __future__ import annotations

from askbucket.answer.records import RecordKey, Records
from askbucket.errors import TryAgain
from askbucket.log import event as log

KIND = "reply"


class DynamoDbCache:
    """Over records whose table's client gives up within a fraction of a second."""

    def __init__(self, records: Records, hours: int) -> None:
        self._records = records
        self._seconds = hours * 3600

    def get(self, tenant: str, name: str) -> str | None:
        try:
            record = self._records.get(RecordKey(KIND, tenant, name))
        except TryAgain as error:
            log("cache_missed", call="get", error=str(error))
            return None
        return str(record.fields.get("text", "")) if record else None

    def put(self, tenant: str, name: str, text: str) -> None:
        """What stands there already is as good: its prompt was the same."""
        try:
            self._records.put(
                RecordKey(KIND, tenant, name), {"text": text}, self._seconds, over=None
            )
        except TryAgain as error:
            log("cache_missed", call="put", error=str(error))
