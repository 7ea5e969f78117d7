"""A tenant is removed from a running stack: nothing of it stays, and all of another does."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakeredis import TcpFakeServer
from redis import Redis

from local import operations
from tests.e2e.driver import Driver, eventually
from tests.e2e.tenants import Member, command, held

pytestmark = pytest.mark.slow
RENT = "How much is the rent of the boat house?"
NAMES = ("lease.txt", "gone.txt", "late.txt", "long.txt")
LINES_OF_LONG = 1500
NOTHING = {"object_versions": 0, "points": 0, "manifest_items": 0, "artifacts": 0, "records": 0}


@pytest.fixture(scope="module")
def redis_port() -> Iterator[int]:
    with TcpFakeServer(("127.0.0.1", 0)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def redis(redis_port: int) -> Iterator[Any]:
    with Redis(port=redis_port) as client:
        yield client


@pytest.fixture
def cache(request: pytest.FixtureRequest, stack: Driver, redis_port: int) -> Iterator[str]:
    """Where replies are kept, on a stack that tells tenants apart."""
    url = f"redis://127.0.0.1:{redis_port}/0"
    chosen = {"dynamodb": "dynamodb", "redis": url}[request.param]
    limit = "100000"  # a test polls
    apart = {"ASKBUCKET_TENANTS": "prefix", "ASKBUCKET_CALLER_PER_MINUTE": limit}
    with stack.told(**apart, ASKBUCKET_CACHE=chosen):
        for queue in queues(stack):  # of hints that the functions' restart cut short
            stack.sqs.purge_queue(QueueUrl=queue)
        yield request.param


@pytest.fixture
def tenants(cache: str, stack: Driver, data: Path) -> tuple[Member, Member]:
    """Two tenants with a caller each."""
    own = f"{cache}-{uuid.uuid4().hex[:8]}"
    members = Member.made(stack, f"acme-{own}"), Member.made(stack, f"globex-{own}")
    for member in members:
        assigned = command(data, "assign", member.tenant, member.arn)
        assert assigned.returncode == 0, assigned.stderr
    return members


def live(member: Member, rent: int) -> str:
    """Everything that can be of a tenant; where the answer to a queued question is."""
    member.put_ready("gone.txt", "The old quay was sold.")
    member.stack.delete(f"{member.tenant}/gone.txt")
    member.put_ready("lease.txt", "The rent is to be agreed.")
    member.put_ready("lease.txt", f"The rent of the boat house is {rent} euros.")
    eventually(lambda: member.document("gone.txt") is None, "gone.txt is gone")
    member.ask(RENT, session_id="talk")
    member.ask("What is this about?", mode="summary")
    eventually(lambda: member.ask(RENT)["cached"], "the reply is kept")
    where = member.queued(RENT)
    assert f"{rent} euros" in member.answered(where)["answer"]["answer"]
    return where


def queues(stack: Driver) -> list[str]:
    return [stack.running.outputs[name] for name in ("QueueUrl", "QuestionsQueueUrl")]


def drained(stack: Driver) -> None:
    def empty() -> bool:
        return not any(operations.waiting(stack.sqs, queue) for queue in queues(stack))

    eventually(empty, "no message left")


@pytest.mark.parametrize("cache", ["dynamodb", "redis"], indirect=True)
def test_nothing_of_a_removed_tenant_is_left_and_another_has_all_of_it(
    tenants: tuple[Member, Member], stack: Driver, data: Path, redis: Any, cache: str
) -> None:
    # given two tenants, and messages of one that are still to be delivered
    acme, globex = tenants
    live(acme, 940)
    theirs = live(globex, 1577)
    drained(stack)
    kept = "replies in Redis" if cache == "redis" else "reply"
    before = held(stack, globex.tenant, NAMES, redis)
    with stack.paused():
        stack.put(f"{acme.tenant}/late.txt", "The hint of this file comes late.")
        acme.queued("Which hint comes late?")
        full = held(stack, acme.tenant, NAMES, redis)
        assert all(full[each] for each in (*before, kept) if before[each]), full
        assert full[kept] > 0

        # when
        removed = command(data, "rm", acme.tenant, "--yes", "--json")

        # then
        assert removed.returncode == 0, removed.stderr + removed.stdout
        assert json.loads(removed.stdout) == NOTHING
        assert not any(held(stack, acme.tenant, NAMES, redis).values())
    # and when the messages come after all
    drained(stack)
    left = held(stack, acme.tenant, NAMES, redis)
    assert not any(left.values()), left

    # and the other tenant has all it had
    assert held(stack, globex.tenant, NAMES, redis) == before
    again = globex.ask(RENT)
    assert "1577 euros" in again["answer"]
    assert again["cached"]
    assert globex.json("GET", "/sessions/talk")["turns"]
    assert "1577 euros" in globex.json("GET", theirs)["answer"]["answer"]
    assert acme.send("POST", "/query", {"question": RENT}).status_code == 403


@pytest.mark.parametrize("cache", ["dynamodb"], indirect=True)
def test_a_tenant_whose_document_is_being_indexed_is_removed_whole_too(
    tenants: tuple[Member, Member], stack: Driver, data: Path, redis: Any
) -> None:
    acme, _ = tenants
    body = "\n".join(
        f"On day {n} of the log, boat {n % 97} lay ashore." for n in range(LINES_OF_LONG)
    )
    stack.put(f"{acme.tenant}/long.txt", body)
    eventually(
        lambda: (acme.document("long.txt") or {}).get("status") in ("reading", "indexing"),
        "a worker is at it",
    )

    removed = command(data, "rm", acme.tenant, "--yes", "--json")

    assert removed.returncode == 0, removed.stderr + removed.stdout
    drained(stack)
    left = held(stack, acme.tenant, NAMES, redis)
    assert not any(left.values()), left
    again = command(data, "rm", acme.tenant, "--yes", "--json")
    assert (again.returncode, json.loads(again.stdout)) == (0, NOTHING)
