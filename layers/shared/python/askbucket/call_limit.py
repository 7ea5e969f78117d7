"""How many requests one caller may make in a minute, counted where all functions see it."""

from __future__ import annotations

import hashlib
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from askbucket.answer.question import Caller
from askbucket.clock import Clock
from askbucket.errors import TooMany, TryAgain

WINDOW_SECONDS = 60
KEPT_SECONDS = 3600  # DynamoDB removes what has expired some time later


class CallLimit:
    """Counts a caller's requests in each minute of the clock: around its turn, up to twice as many
    come through in a minute's time. One conditional write a request, and nothing to clear up.
    """

    def __init__(self, table: Any, per_minute: int, clock: Clock) -> None:
        self._table = table
        self._per_minute = per_minute
        self._clock = clock

    def admit(self, caller: Caller) -> None:
        """Counts one request. Raises TooMany once the minute's are used up, and TryAgain where the
        table cannot be reached."""
        now = self._clock() // 1000
        try:
            self._count(caller, now)
        except self._table.meta.client.exceptions.ConditionalCheckFailedException as error:
            left = WINDOW_SECONDS - now % WINDOW_SECONDS
            raise TooMany(
                f"this caller's {self._per_minute} requests a minute are used up; "
                f"send the next in {left} s",
                left,
            ) from error
        except (ClientError, BotoCoreError) as error:
            raise TryAgain(f"requests cannot be counted: {error}") from error

    def _count(self, caller: Caller, now: int) -> None:
        self._table.update_item(
            Key={"id": f"calls#{_name(caller)}#{now // WINDOW_SECONDS}"},
            UpdateExpression="SET expires_at = :gone, tenant = :tenant ADD calls :one",
            ConditionExpression="attribute_not_exists(calls) OR calls < :most",
            ExpressionAttributeValues={
                ":gone": now + KEPT_SECONDS,
                ":tenant": caller.tenant,
                ":one": 1,
                ":most": self._per_minute,
            },
        )


def _name(caller: Caller) -> str:
    """Of a known length, whatever a caller is called; a stored name tells of nobody."""
    return hashlib.sha256(f"{caller.tenant}\0{caller.subject}".encode()).hexdigest()[:32]
