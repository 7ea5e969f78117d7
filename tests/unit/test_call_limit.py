"""One caller's requests in a minute, counted once for all functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from askbucket.answer.question import Caller
from askbucket.call_limit import CallLimit
from askbucket.errors import TooMany, TryAgain

ANN, BOB = Caller("acme", "ann"), Caller("acme", "bob")
MINUTE = 1_800_000_000_000  # on the turn of one


@pytest.fixture
def table() -> Iterator[Any]:
    with mock_aws():
        yield boto3.resource("dynamodb", region_name="us-east-1").create_table(
            TableName="answers",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


def admitted(table: Any, caller: Caller, times: int, at: int = MINUTE, most: int = 3) -> int:
    count = 0
    for _ in range(times):
        try:
            CallLimit(table, most, lambda: at).admit(caller)
        except TooMany:
            continue
        count += 1
    return count


def test_a_caller_gets_the_minute_s_requests_and_no_more(table: Any) -> None:
    assert admitted(table, ANN, times=10) == 3


def test_the_refusal_tells_the_limit_and_when_to_come_again(table: Any) -> None:
    admitted(table, ANN, times=3, at=MINUTE + 45_000)
    with pytest.raises(TooMany, match="3 requests a minute are used up") as refused:
        CallLimit(table, 3, lambda: MINUTE + 45_000).admit(ANN)
    assert refused.value.retry_after_s == 15


def test_the_next_minute_begins_anew(table: Any) -> None:
    assert admitted(table, ANN, times=5) == 3
    assert admitted(table, ANN, times=5, at=MINUTE + 60_000) == 3


@pytest.mark.parametrize("other", [BOB, Caller("zenith", "ann")])
def test_one_caller_does_not_use_up_another_s(table: Any, other: Caller) -> None:
    admitted(table, ANN, times=5)
    assert admitted(table, other, times=5) == 3


def test_what_is_kept_expires_and_names_nobody(table: Any) -> None:
    admitted(table, ANN, times=1)
    (item,) = table.scan()["Items"]
    assert item["expires_at"] == MINUTE // 1000 + 3600
    assert "ann" not in item["id"]


def test_a_table_that_is_gone_is_nobody_s_fault(table: Any) -> None:
    table.delete()
    with pytest.raises(TryAgain):
        admitted(table, ANN, times=1)
