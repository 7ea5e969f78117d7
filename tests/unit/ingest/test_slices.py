"""Work cut into slices, leases, and giving up."""

from __future__ import annotations

import pytest

from askbucket.errors import OutOfTime
from askbucket.ingest.attempt import Outcome
from askbucket.models import Status
from tests.unit.ingest.parts import BUCKET, INVOCATION_MS, World, lines
from tests.unit.ingest.steps import KillAt, Killed

KEY = "log.txt"
LONG = lines(250)


class SlowAfter:
    """A call of that name takes until the invocation is nearly over, from the given one on."""

    def __init__(self, world: World, call: str, first: int = 1) -> None:
        self._world, self._call, self._first = world, call, first
        self.calls = 0

    def __call__(self, name: str) -> None:
        if name == self._call:
            self.calls += 1
            if self.calls >= self._first:
                self._world.clock.at += INVOCATION_MS - 20_000


def test_embedding_goes_on_where_the_time_ran_out(world: World) -> None:
    # given
    world.put(KEY, LONG)
    # when
    slices = []
    for first in (2, 1):  # the first slice stores the pages, too
        with pytest.raises(OutOfTime) as cut:
            world.worker(SlowAfter(world, "s3.put_object", first))(KEY, world.deadline())
        slices.append((str(cut.value), cut.value.grew))
    outcome = world.worker(SlowAfter(world, "s3.put_object"))(KEY, world.deadline())
    # then
    assert slices == [
        ("embedded 100 chunks", True),
        ("embedded 200 chunks", True),
    ]
    assert outcome is Outcome.COMMITTED
    texts = [text.removeprefix("log\n") for text in world.embedder.embedded]  # the title
    assert sorted(texts) == sorted(world.chunks_of(LONG))
    assert world.visible(KEY) == world.chunks_of(LONG)


def test_reading_goes_on_where_the_time_ran_out(world: World) -> None:
    """120 parts of 400 lines are two blocks; the first is read once."""
    # given
    body = lines(1, "part") + "\n" + "\n".join("x" for _ in range(400 * 120 - 1))
    world.chunker = type(world.chunker)(1000, 0)
    world.put(KEY, body)
    # when
    with pytest.raises(OutOfTime) as cut:
        world.worker(SlowAfter(world, "s3.put_object"))(KEY, world.deadline())
    # then
    assert (str(cut.value), cut.value.grew) == ("read up to page 100 of 120", True)
    # when
    written: list[str] = []
    world.worker(written.append)(KEY, world.deadline())
    # then
    assert world.entry(KEY).status is Status.READY
    assert written.count("s3.put_object") == 2  # the second block of pages, and one of vectors


def test_a_slice_that_got_nowhere_says_so(world: World) -> None:
    world.put(KEY, LONG)
    with pytest.raises(OutOfTime) as cut:
        world.worker()(KEY, world.deadline(left_ms=10_000))
    assert not cut.value.grew


def test_a_slice_gives_its_lease_back(world: World) -> None:
    world.put(KEY, LONG)
    with pytest.raises(OutOfTime):
        world.worker(SlowAfter(world, "embedder.embed_all"))(KEY, world.deadline())
    assert world.entry(KEY).lease_until == 0
    assert world.sync(KEY) is Outcome.COMMITTED


def _killed_while_staging(world: World) -> None:
    """A worker that dies with its lease still running."""
    kill = KillAt(10**6)

    def step(name: str) -> None:
        if name == "store.upsert":
            kill.calls = kill.place
        kill(name)

    with pytest.raises(Killed):
        world.worker(step)(KEY, world.deadline())


def test_an_equal_hint_is_acknowledged_while_the_lease_runs(world: World) -> None:
    # given
    world.put(KEY, lines(3))
    _killed_while_staging(world)
    # then
    assert world.sync(KEY) is Outcome.LEASED
    # when
    world.clock.at += INVOCATION_MS
    # then
    assert world.sync(KEY) is Outcome.COMMITTED
    assert world.points() == 3


@pytest.mark.parametrize("change", ["bytes", "tags", "deletion"])
def test_a_lease_holds_back_no_change(world: World, change: str) -> None:
    # given
    world.put(KEY, lines(3))
    _killed_while_staging(world)
    # when
    if change == "bytes":
        world.put(KEY, lines(2))
    elif change == "tags":
        world.s3.put_object_tagging(
            Bucket=BUCKET, Key=KEY, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
        )
    else:
        world.remove(KEY)
    # then
    assert world.sync(KEY) is Outcome.COMMITTED


def test_giving_up_leaves_a_reason_and_what_readers_see(world: World) -> None:
    # given
    world.put(KEY, lines(3))
    world.sync(KEY)
    world.put(KEY, lines(5))
    with pytest.raises(OutOfTime):
        world.worker()(KEY, world.deadline(left_ms=10_000))
    # when
    world.worker().give_up(KEY, "the model is busy")
    # then
    entry = world.entry(KEY)
    assert (entry.status, entry.reason) == (Status.FAILED, "the model is busy")
    assert world.visible(KEY) == world.chunks_of(lines(3))
    assert world.manifest.steps(entry.document.id)[-1]["detail"] == "the model is busy"
    # and the sweep has it tried again
    assert world.sweep()[1] == [KEY]
    world.sync(KEY)
    assert world.entry(KEY).reason is None
    assert world.visible(KEY) == world.chunks_of(lines(5))


def test_giving_up_does_nothing_to_a_settled_document(world: World) -> None:
    world.put(KEY, lines(3))
    world.sync(KEY)
    before = world.entry(KEY)
    world.worker().give_up(KEY, "late news")
    assert world.entry(KEY) == before


def test_giving_up_does_nothing_while_another_attempt_is_at_work(world: World) -> None:
    world.put(KEY, lines(3))
    _killed_while_staging(world)
    world.worker().give_up(KEY, "late news")
    assert world.entry(KEY).reason is None


def test_giving_up_on_a_key_without_an_item_makes_one_for_the_reason(world: World) -> None:
    # given: no look at the key has ever succeeded
    world.put("a.txt", "text")
    # when
    world.worker().give_up("a.txt", "the bucket cannot be reached")
    # then
    entry = world.entry("a.txt")
    assert (entry.status, entry.reason) == (Status.FAILED, "the bucket cannot be reached")
    # when: a sweep comes by
    assert world.sweep()[1] == ["a.txt"]
    world.sync("a.txt")
    # then
    assert world.visible("a.txt") == ("text",)


def test_giving_up_on_what_may_be_a_folder_marker_does_nothing(world: World) -> None:
    world.worker().give_up("folder/", "late news")
    assert world.manifest.list(BUCKET, tombstones=True).entries == ()
