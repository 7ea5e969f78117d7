"""Passing faults and lost races: never a wrong success, and nothing left behind."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from askbucket.errors import TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.models import Status
from tests.unit.ingest.parts import BUCKET, TABLE, DeafStore, World, lines
from tests.unit.ingest.steps import FreezeAt


class Once:
    """Runs `act` before the first call of that name."""

    def __init__(self, call: str, act: Any) -> None:
        self._call, self._act, self.done = call, act, False

    def __call__(self, name: str) -> None:
        if name == self._call and not self.done:
            self.done = True
            self._act()


class LostReply:
    """A table that commits and then says that it was refused or never heard."""

    def __init__(self, table: Any, error: str) -> None:
        self._table, self._error = table, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def update_item(self, **request: Any) -> Any:
        reply = self._table.update_item(**request)
        if "committed" not in request.get("ExpressionAttributeNames", {}).values():
            return reply
        if self._error == "timeout":
            raise ReadTimeoutError(endpoint_url="manifest")
        return self._table.update_item(**request)  # as the SDK tries again by itself


@pytest.mark.parametrize("kept", [0, 1])  # of each half of the three
def test_a_store_that_drops_writes_never_makes_a_document_ready(world: World, kept: int) -> None:
    # given
    world.put("log.txt", lines(3))
    deaf = world.worker(store=DeafStore(world.store, kept))
    # when
    with pytest.raises(TryAgain, match="points"):
        deaf("log.txt", world.deadline())
    # then
    assert world.visible("log.txt") == ()
    assert world.entry("log.txt").status is Status.INDEXING
    # when
    world.sync("log.txt")
    # then
    assert world.visible("log.txt") == world.chunks_of(lines(3))
    assert world.points() == 3


def test_a_commit_whose_reply_was_lost_is_taken_for_what_it_is(world: World) -> None:
    # given
    world.put("log.txt", lines(3, "old"))
    world.sync("log.txt")
    world.put("log.txt", lines(2))
    table = LostReply(world.dynamodb.Table(TABLE), "tried again")
    # when
    outcome = world.worker(table=table)("log.txt", world.deadline())
    # then
    assert outcome is Outcome.COMMITTED
    assert world.visible("log.txt") == world.chunks_of(lines(2))
    assert world.points() == 2


def test_a_commit_that_was_never_heard_of_is_settled_at_redelivery(world: World) -> None:
    world.put("log.txt", lines(2))
    table = LostReply(world.dynamodb.Table(TABLE), "timeout")
    with pytest.raises(TryAgain):
        world.worker(table=table)("log.txt", world.deadline())
    assert world.sync("log.txt") is Outcome.SETTLED
    assert world.visible("log.txt") == world.chunks_of(lines(2))


def test_an_attempt_that_lost_takes_its_own_points_away(world: World) -> None:
    # given
    world.put("log.txt", lines(5, "old"))

    def overtaken() -> None:
        world.put("log.txt", lines(2))
        world.sync("log.txt")

    # when
    outcome = world.worker(Once("store.upsert", overtaken))("log.txt", world.deadline())
    # then
    assert outcome is Outcome.SUPERSEDED
    assert world.points() == 2
    assert world.visible("log.txt") == world.chunks_of(lines(2))


def test_an_item_gone_at_the_commit_is_made_again(world: World) -> None:
    world.put("log.txt", lines(3))
    world.clock.at += 1
    outcome = world.worker(Once("store.count", world.lose_table))("log.txt", world.deadline())
    assert outcome is Outcome.COMMITTED
    assert world.visible("log.txt") == world.chunks_of(lines(3))
    assert world.points() == 3


def test_a_lost_manifest_never_gives_a_generation_twice(world: World) -> None:
    # given
    generations = []
    for number in range(3):
        world.clock.at += 10
        world.put("log.txt", lines(3 - number))
        # when
        world.sync("log.txt")
        generations.append(world.entry("log.txt").generation)
        world.lose_table()
    # then
    assert sorted(set(generations)) == generations
    world.clock.at += 10
    world.sync("log.txt")
    assert world.points() == 1
    assert world.visible("log.txt") == world.chunks_of(lines(1))


def test_a_version_gone_between_look_and_download_is_looked_at_again(world: World) -> None:
    # given
    old = world.put("log.txt", "old")

    def replaced() -> None:
        world.put("log.txt", "new")
        world.s3.delete_object(Bucket=BUCKET, Key="log.txt", VersionId=old)

    # when
    outcome = world.worker(Once("s3.get_object", replaced))("log.txt", world.deadline())
    # then
    assert outcome is Outcome.COMMITTED
    assert world.visible("log.txt") == ("new",)


def test_a_version_gone_before_its_tags_are_read_is_not_taken_for_a_deletion(world: World) -> None:
    # given
    world.put("log.txt", "first")
    second = world.put("log.txt", "second")

    def expired() -> None:
        world.s3.delete_object(Bucket=BUCKET, Key="log.txt", VersionId=second)

    # when
    with pytest.raises(TryAgain, match="changed"):
        world.worker(Once("s3.get_object_tagging", expired))("log.txt", world.deadline())
    world.sync("log.txt")
    # then
    assert world.visible("log.txt") == ("first",)


def test_a_key_that_changes_at_every_look_is_left_to_the_queue(world: World) -> None:
    world.put("log.txt", "0")

    def changed(name: str) -> None:
        if name == "s3.get_object":
            version = world.s3.head_object(Bucket=BUCKET, Key="log.txt")["VersionId"]
            world.put("log.txt", "again")
            world.s3.delete_object(Bucket=BUCKET, Key="log.txt", VersionId=version)

    with pytest.raises(TryAgain, match="changed 3 times"):
        world.worker(changed)("log.txt", world.deadline())


@pytest.mark.parametrize("code", ["403", "AccessDenied", "SlowDown", "NoSuchBucket"])
def test_any_answer_but_absence_is_a_fault_and_deletes_nothing(world: World, code: str) -> None:
    # given
    world.put("log.txt", lines(3))
    world.sync("log.txt")

    def refuse(name: str) -> None:
        if name == "s3.head_object":
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "HeadObject")

    # when
    with pytest.raises(TryAgain):
        world.worker(refuse)("log.txt", world.deadline())
    # then
    assert world.visible("log.txt") == world.chunks_of(lines(3))


def test_a_deletion_cut_short_is_finished_by_its_redelivery(world: World) -> None:
    """Nothing of a deleted document is kept because a worker died after the commit."""
    # given
    world.put("log.txt", lines(3))
    world.sync("log.txt")
    world.remove("log.txt")
    with pytest.raises(KeyboardInterrupt):
        world.worker(FreezeAtDelete())("log.txt", world.deadline())
    assert world.points() == 3
    # when
    world.sync("log.txt")
    # then
    assert world.points() == 0
    assert world.artifacts.keys("") == []


class FreezeAtDelete(FreezeAt):
    """Killed at the clearing up."""

    def __init__(self) -> None:
        super().__init__(0, lambda: None)

    def __call__(self, name: str) -> None:
        if name == "store.delete":
            raise KeyboardInterrupt
