"""A tenant taken away for good, beside uploads, workers, orphans and another tenant."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import boto3
import pytest

from askbucket.answer.records import Records
from askbucket.answer.tenant_records import TenantRecords
from askbucket.callers import Callers
from askbucket.errors import CallerError, TryAgain
from askbucket.ingest.removal import Left, Removal
from askbucket.ingest.sparse import document_vector
from askbucket.models import Chunk, Document
from askbucket.ownership import Ownership
from askbucket.s3 import S3
from askbucket.stores.port import Equals, Filter, Point
from tests.unit.ingest.hash_embedder import hash_vector
from tests.unit.ingest.parts import BUCKET, INVOCATION_MS, World, lines
from tests.unit.ingest.steps import Killed
from tests.unit.lambdas.parts import made_answers_table

FEWEST_CALLS = 15  # of a worker on a new document
NOTHING = Left(0, 0, 0, 0, 0)
TOMBSTONE = replace(NOTHING, manifest_items=1)
RULES = Ownership("prefix")


@pytest.fixture
def town(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two tenants with versions, a deletion, sessions and callers."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session("t", "t", region_name="us-east-1"))
    world.ownership = RULES
    for tenant in ("acme", "acme-2"):
        for name in ("a.txt", "gone.txt"):
            world.put(f"{tenant}/{name}", lines(3))
            world.sync(f"{tenant}/{name}")
        world.put(f"{tenant}/a.txt", lines(5))
        world.sync(f"{tenant}/a.txt")
        world.remove(f"{tenant}/gone.txt")
        world.sync(f"{tenant}/gone.txt")
    table = made_answers_table()
    for tenant in ("acme", "acme-2"):
        Callers(table).assign(f"key-of-{tenant}", tenant)
        table.put_item(Item={"id": f"session#{tenant}#1", "tenant": tenant, "kind": "session"})
    return world


def removal(world: World, tenant: str = "acme", **parts: Any) -> Removal:
    given: dict[str, Any] = {
        "ownership": RULES,
        "objects": S3(world.s3, BUCKET),
        "artifacts": world.artifacts,
        "manifest": world.manifest,
        "store": world.store,
        "answering": [TenantRecords(Records(answers(), world.clock))],
        "sync": world.sync,
    }
    return Removal(tenant, **(given | parts))


def answers() -> Any:
    return boto3.resource("dynamodb").Table("answers")


def points_of(world: World, tenant: str) -> int:
    count: int = world.store.count(Filter((Equals("tenant", tenant),)))
    return count


def test_everything_of_the_tenant_goes_and_nothing_of_another(town: World) -> None:
    before, theirs = removal(town).left(), removal(town, "acme-2").left()
    assert before == theirs
    assert min(asdict(before).values()) > 0
    assert before.object_versions == 4  # three versions and a delete marker

    assert removal(town).run() == NOTHING

    assert points_of(town, "acme") == 0
    assert removal(town, "acme-2").left() == theirs
    assert town.manifest.steps(Document(BUCKET, "acme/a.txt").id) == []


def test_it_can_be_run_again_and_the_tenant_can_come_back(town: World) -> None:
    removal(town).run()
    assert removal(town).run() == NOTHING

    town.put("acme/a.txt", lines(2))
    town.sync("acme/a.txt")

    assert town.visible("acme/a.txt") == town.chunks_of(lines(2))


def test_a_hint_that_comes_late_leaves_nothing(town: World) -> None:
    removal(town).run()
    town.sync("acme/a.txt")
    town.sync("acme/gone.txt")

    assert removal(town).left() == NOTHING


class LeavesAt:
    """A worker's steps: at the `place`-th the tenant goes; so many calls later the worker dies."""

    def __init__(self, town: World, place: int, calls_left: int | None) -> None:
        self.town, self.place, self.calls_left, self.calls = town, place, calls_left, 0

    def __call__(self, name: str) -> None:
        self.calls += 1
        if self.calls == self.place:
            removal(self.town).run()
        if self.calls_left is not None and self.calls > self.place + self.calls_left:
            raise Killed(name)

    @property
    def reached(self) -> bool:
        return self.calls >= self.place


@pytest.mark.parametrize("calls_left", [None, 2], ids=["goes on", "dies"])
def test_whoever_is_at_work_clears_up_after_itself(town: World, calls_left: int | None) -> None:
    """The tenant goes at any call of a worker, which then ends its work, or is killed in the middle
    of it. Its message comes once more: then all is gone but a tombstone, perhaps."""
    document = Document(BUCKET, "acme/new.txt")
    for place in itertools.count(1):
        town.put(document.key, lines(4))
        leaves = LeavesAt(town, place, calls_left)
        with suppress(TryAgain, Killed):
            town.worker(leaves)(document.key, town.deadline())
        if not leaves.reached:
            break
        town.clock.at += INVOCATION_MS
        town.sync(document.key)

        left = removal(town).left()
        assert left in (NOTHING, TOMBSTONE), place
        assert town.artifacts.keys(f"{document.id}/") == [], place
        assert removal(town).run() == NOTHING, place
    assert place > FEWEST_CALLS


def test_points_nobody_knows_of_go_too(town: World) -> None:
    lost, vectors = Document(BUCKET, "acme/lost.txt"), (hash_vector("x"), document_vector("x"))
    town.store.upsert([Point(lost, 7, "acme", "v", {}, Chunk(0, None, 0, 1, "x"), *vectors)])

    removal(town).run()

    assert removal(town).run() == NOTHING


@pytest.mark.parametrize("at", ["manifest.update_item", "store.upsert", "store.count"])
def test_an_upload_under_way_is_gone_after_the_next_pass(town: World, at: str) -> None:
    """The worker is in the middle of it when the tenant goes, and ends its work afterwards."""
    began: list[str] = []

    def step(name: str) -> None:
        if name == at and not began:
            began.append(name)
            removal(town).run()

    town.put("acme/new.txt", lines(4))
    with suppress(TryAgain):  # its points were cleared away: the hint comes again
        town.worker(step)("acme/new.txt", town.deadline())
    town.sync("acme/new.txt")
    assert began == [at]

    removal(town).run()
    assert removal(town).run() == NOTHING
    assert points_of(town, "acme") == 0


def test_an_upload_during_the_pass_is_whole_or_gone(town: World) -> None:
    """What comes while a pass goes on is never left half indexed."""
    arrived: list[str] = []

    def sync(key: str) -> Any:
        if not arrived:
            arrived.append("acme/new.txt")
            town.put(arrived[0], lines(4))
            town.sync(arrived[0])
        return town.sync(key)

    removal(town, sync=sync).run()

    assert town.visible(arrived[0]) in ((), town.chunks_of(lines(4)))
    removal(town).run()
    assert removal(town).run() == NOTHING


@pytest.mark.parametrize(
    ("ownership", "tenant", "said"),
    [(Ownership(), "default", "one tenant"), (RULES, "", "cannot be"), (RULES, "a/b", "cannot be")],
)
def test_there_must_be_such_a_tenant(
    town: World, ownership: Ownership, tenant: str, said: str
) -> None:
    with pytest.raises(CallerError, match=said):
        removal(town, tenant, ownership=ownership)
