"""Workers on one key, frozen, killed and mixed at the calls that leave them."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from askbucket.entry import Commit, Entry
from askbucket.ingest.ocr import DONE, OcrState
from askbucket.ingest.staging import Staging
from askbucket.models import Document, Status
from tests.unit.ingest.files import image
from tests.unit.ingest.parts import BUCKET, Step, World, lines
from tests.unit.ingest.steps import FreezeAt, KillAt, Killed, Turns
from tests.unit.ingest.story import Act, Story

OLD, NEW, OTHER = lines(2, "old"), lines(3, "new"), lines(1, "other")
SCAN = image((40,))
MOST_CALLS = 60
SEEDS = 5


def overwritten(story: Story) -> None:
    story.put(OTHER)
    story.hint()


def removed(story: Story) -> None:
    story.remove()
    story.hint()


def put_back(story: Story) -> None:
    story.put(OLD)
    story.hint()


def removed_and_put_back(story: Story) -> None:
    removed(story)
    put_back(story)


def looked_at_again(story: Story) -> None:
    story.hint()


def new_version(story: Story) -> None:
    story.put(NEW)


def same_bytes(story: Story) -> None:
    story.put(OLD)


def deletion(story: Story) -> None:
    story.remove()


PAIRS = list(
    itertools.product(
        [new_version, same_bytes, deletion],
        [overwritten, removed, put_back, removed_and_put_back, looked_at_again],
    )
)


@pytest.mark.parametrize("pair", range(len(PAIRS)))
def test_a_worker_frozen_at_a_call_does_no_harm(world: World, pair: int) -> None:
    """Each pair of changes takes every seventh call; all pairs together take each of them."""
    change, meanwhile = PAIRS[pair]
    for place in range(1 + pair % 7, MOST_CALLS, 7):
        # given
        story = Story(world, f"{place}.txt")
        story.put(OLD)
        story.hint()
        change(story)
        # when
        freeze = FreezeAt(place, lambda story=story: meanwhile(story))
        story.hint(freeze)
        # then
        story.ended()
        if not freeze.reached:
            break
    assert not freeze.reached
    world.sweep()
    assert world.points() == sum(
        len(world.visible(entry.document.key)) for entry in world.manifest.list("askbucket").entries
    )


def test_an_undeletion_during_the_deletions_worker_wins(world: World) -> None:
    """The undeleted version is the committed one, but an attempt is under way that saw none."""
    for place in range(1, MOST_CALLS):
        # given
        story = Story(world, f"{place}.txt")
        story.put(OLD)
        story.hint()
        there = story.now
        marker = story.remove()

        # when
        def undelete(story: Story = story, marker: str = marker, there: Any = there) -> None:
            world.s3.delete_object(Bucket=BUCKET, Key=story.key, VersionId=marker)
            story.now = there
            story.hint()

        freeze = FreezeAt(place, undelete)
        story.hint(freeze)
        # then
        if not freeze.reached:
            return
        story.ended()
    raise AssertionError("the worker never came to its end")


def test_points_to_be_kept_may_go_with_an_earlier_attempts_commit(world: World) -> None:
    """A slow attempt at other bytes commits, and clears up, just before ours keeps the points."""
    # given
    story = Story(world, "log.txt")
    story.put(OLD)
    story.hint()
    slow = world.manifest.claim(Document(BUCKET, story.key), "default", world.clock())
    story.put(OLD)

    for place in range(1, MOST_CALLS):
        # when
        def commit_and_collect(slow: Entry = slow) -> None:
            end = Commit(Status.FAILED, None, "v", "f", 1, "r", reason="unreadable")
            if world.manifest.commit(slow.document.id, slow.generation, end, world.clock()):
                return
            Staging(world.store, slow.document, "default").collect(slow.generation, None)

        freeze = FreezeAt(place, commit_and_collect)
        story.hint(freeze)
        # then
        story.ended()
        if not freeze.reached:
            return
        slow = world.manifest.claim(Document(BUCKET, story.key), "default", world.clock())
        story.put(OLD)
    raise AssertionError("the worker never came to its end")


@pytest.mark.parametrize("meanwhile", [overwritten, removed_and_put_back])
def test_a_worker_at_finished_ocr_frozen_at_a_call_does_no_harm(
    world: World, meanwhile: Act
) -> None:
    for place in range(1, MOST_CALLS, 7):
        # given
        story = Story(world, f"{place}.png")
        billed = world.textract.billed
        world.textract.at_once = None
        story.put(SCAN)
        story.hint()
        world.textract.finish()
        world.textract.at_once = OcrState(DONE)

        # when
        def back(story: Story = story) -> None:
            meanwhile(story)
            story.put(SCAN)
            story.hint()

        freeze = FreezeAt(place, back)
        story.hint(freeze)
        # then
        story.ended()
        assert world.textract.billed == billed + 1
        if not freeze.reached:
            return
    raise AssertionError("the worker never came to its end")


@pytest.mark.parametrize(("change", "every"), [(new_version, 3), (same_bytes, 4), (deletion, 4)])
def test_a_worker_killed_at_a_call_is_made_good_by_redelivery(
    world: World, change: Act, every: int
) -> None:
    for place in range(1, MOST_CALLS, every):
        # given
        story = Story(world, f"{place}.txt")
        story.put(OLD)
        story.hint()
        change(story)
        # when
        kill = KillAt(place)
        try:
            world.worker(story.watched(kill))(story.key, world.deadline())
        except Killed:
            world.clock.at += 330_000  # the message comes back after its visibility timeout
            story.hint()
        # then
        assert world.visible(story.key) == story.now
        if not kill.reached:
            break
    assert not kill.reached
    world.sweep()
    assert world.points() == sum(
        len(world.visible(entry.document.key)) for entry in world.manifest.list("askbucket").entries
    )


@pytest.mark.parametrize("body", [OLD, SCAN])
def test_pages_cleared_away_at_a_call_are_read_again(world: World, body: str | bytes) -> None:
    """A late collector of an earlier attempt may clear the pages this attempt found there."""
    for place in range(1, MOST_CALLS, 4):
        # given
        story = Story(world, f"{place}.txt")
        world.textract.at_once = OcrState(DONE)
        story.put(body)
        story.hint()
        kept = {key: world.artifacts.get(key) for key in world.artifacts.keys("")}
        story.remove()
        story.hint()
        for key, data in kept.items():
            world.artifacts.put(key, data or b"")
        story.put(body)

        # when
        def clear() -> None:
            world.artifacts.delete(world.artifacts.keys(""))

        freeze = FreezeAt(place, clear)
        story.hint(freeze)
        # then
        assert world.visible(story.key) == story.now, world.entry(story.key)
        assert not world.entry(story.key).warnings
        clear()
        if not freeze.reached:
            return
    raise AssertionError("the worker never came to its end")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_three_workers_in_any_mixture_end_at_the_bucket(world: World, seed: int) -> None:
    # given
    story = Story(world, "log.txt")
    story.put(OLD)
    story.hint()
    story.put(NEW)

    def overwriting(step: Step) -> None:
        for body in (OTHER, OLD):
            story.put(body)
            step("before the hint")
            story.hint(step)

    def deleting(step: Step) -> None:
        story.remove()
        step("before the hint")
        story.hint(step)

    # when
    Turns(seed, story.look).run([story.hint, overwriting, deleting])
    # then
    assert world.visible(story.key) == story.now
    world.sweep()
    assert world.points() == len(story.now)
