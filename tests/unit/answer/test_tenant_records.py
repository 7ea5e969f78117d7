"""What answering keeps of a tenant goes with it, and another's stays: in the table and in Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from fakeredis import TcpFakeServer
from moto import mock_aws

from askbucket.answer.caches.dynamodb import DynamoDbCache
from askbucket.answer.caches.redis import RedisCache, RedisReplies, connected
from askbucket.answer.question import Caller
from askbucket.answer.queued.questions import Questions, ticket_of
from askbucket.answer.queued.worker import Outcome, Worker
from askbucket.answer.records import Records
from askbucket.answer.tenant_records import TenantRecords
from askbucket.call_limit import CallLimit
from askbucket.callers import Callers
from askbucket.errors import TryAgain
from tests.unit.lambdas.parts import made_answers_table

NOW = 1_800_000_000_000
TENANTS = ("acme", "acme-2")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield made_answers_table()


def questions(table: Any) -> Questions:
    return Questions(Records(table, lambda: NOW), lambda *_: None, hours=1, clock=lambda: NOW)


def test_every_kind_of_record_goes_and_another_tenant_s_stays(table: Any) -> None:
    records = Records(table, lambda: NOW)
    for tenant in TENANTS:
        Callers(table).assign(f"key of {tenant}", tenant)
        CallLimit(table, 9, lambda: NOW).admit(Caller(tenant, "ann"))
        questions(table).ask(Caller(tenant, "ann"), "{}")
        DynamoDbCache(records, 1).put(tenant, "n", "x")
    kept = TenantRecords(records)
    assert [kept.count(tenant) for tenant in TENANTS] == [4, 4]

    kept.clear("acme")

    assert [kept.count(tenant) for tenant in TENANTS] == [0, 4]
    assert Callers(table).get("key of acme") is None


def test_a_question_being_answered_goes_after_what_its_worker_keeps(table: Any) -> None:
    """Its reply would be left behind otherwise."""
    records = Records(table, lambda: NOW)
    kept, cache = TenantRecords(records), DynamoDbCache(records, 1)
    question = questions(table).ask(Caller("acme", "ann"), "{}")
    left: list[int] = []

    def answer(_: Any) -> Outcome:
        kept.clear("acme")
        left.append(kept.count("acme"))
        cache.put("acme", "n", "x")
        return Outcome("{}", ())

    worker = Worker(questions(table), answer, lambda _: None, lambda: NOW)
    ticket = ticket_of(question)
    worker(ticket, NOW + 300_000)
    kept.clear("acme")

    assert left == [1]
    assert kept.count("acme") == 0
    assert worker(ticket, NOW + 300_000) is None  # its ticket comes again, and finds nothing


def test_a_table_that_is_down_is_a_passing_fault(table: Any) -> None:
    table.delete()
    with pytest.raises(TryAgain):
        TenantRecords(Records(table, lambda: NOW)).clear("acme")


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with TcpFakeServer(("127.0.0.1", 0)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        server.shutdown()


def test_replies_in_redis_go_and_another_tenant_s_stay(redis_url: str) -> None:
    client = connected(redis_url, None, None, wait_seconds=5)
    client.set("askbucket:other", "somebody's")
    cache, kept = RedisCache(client, 1), RedisReplies(client)
    for number in range(3):
        for tenant in TENANTS:
            cache.put(tenant, f"n{number}", "x")
    assert [kept.count(tenant) for tenant in TENANTS] == [3, 3]

    kept.clear("acme")
    kept.clear("acme")

    assert [kept.count(tenant) for tenant in TENANTS] == [0, 3]
    assert client.get("askbucket:other") is not None


def test_a_redis_that_is_down_cannot_be_called_empty() -> None:
    kept = RedisReplies(connected("redis://127.0.0.1:1/0", None, None))
    for call in (kept.count, kept.clear):
        with pytest.raises(TryAgain, match="Redis"):
            call("acme")
