"""How far a document is, for those who wait for it: told seldom, and gone when it is at rest."""

from __future__ import annotations

import pytest

from askbucket.entry import Progress
from askbucket.errors import OutOfTime
from askbucket.ingest.attempt import SHOWN_EVERY_MS, Outcome
from askbucket.models import Status
from tests.unit.ingest.files import pdf
from tests.unit.ingest.parts import BUCKET, World, lines
from tests.unit.ingest.test_slices import SlowAfter

KEY = "log.txt"


class Seen:
    """Looks at the entry before every call; calls of that name take so long."""

    def __init__(self, world: World, call: str, ms: int, key: str = KEY) -> None:
        self._world, self._call, self._ms, self._key = world, call, ms, key
        self.progress: list[tuple[Status, Progress]] = []
        self.updates = 0

    def __call__(self, name: str) -> None:
        if name == self._call:
            self._world.clock.at += self._ms
        self.updates += name == "manifest.update_item"
        listed = self._world.manifest.list(BUCKET, key=self._key).entries
        if listed and listed[0].progress:
            seen = (listed[0].status, listed[0].progress)
            if not self.progress or self.progress[-1] != seen:
                self.progress.append(seen)


def test_pages_and_chunks_are_counted_while_they_are_worked_on(world: World) -> None:
    # given
    world.put(
        "long.pdf", pdf([[f"page {number} of a text, and long enough"] for number in range(250)])
    )
    seen = Seen(world, "s3.put_object", SHOWN_EVERY_MS, "long.pdf")
    # when
    outcome = world.worker(seen)("long.pdf", world.deadline())
    # then
    assert outcome is Outcome.COMMITTED
    assert seen.progress == [
        (Status.READING, Progress(100, 250)),
        (Status.READING, Progress(200, 250)),
        (Status.READING, Progress(250, 250)),
        (Status.INDEXING, Progress(250, 250)),
        (Status.INDEXING, Progress(250, 250, 100)),
        (Status.INDEXING, Progress(250, 250, 200)),
        (Status.INDEXING, Progress(250, 250, 250)),
    ]
    assert world.entry("long.pdf").progress is None


def test_progress_is_written_every_two_seconds_at_most(world: World) -> None:
    # given
    world.put(KEY, lines(1000))
    quick, slow = Seen(world, "embedder.embed_all", 0), Seen(world, "embedder.embed_all", 700)
    # when
    world.worker(quick)(KEY, world.deadline())
    world.put(KEY, lines(1000, "other"))
    world.worker(slow)(KEY, world.deadline())
    # then: ten blocks in seven seconds
    assert quick.progress == [(Status.INDEXING, Progress(0, 0))]
    assert [p.chunks_embedded for _, p in slow.progress] == [0, 300, 600, 900]
    assert slow.updates == quick.updates + 3


def test_an_attempt_that_was_cut_leaves_how_far_it_came(world: World) -> None:
    # given
    world.put(KEY, lines(250))
    with pytest.raises(OutOfTime):
        world.worker(SlowAfter(world, "s3.put_object", 2))(KEY, world.deadline())
    # then
    assert world.entry(KEY).progress == Progress(0, 0, 100)
    # when: another version, of which nothing is known yet
    world.put(KEY, "text")
    seen = Seen(world, "nothing", 0)
    world.worker(seen)(KEY, world.deadline())
    # then
    assert [p.chunks_embedded for _, p in seen.progress] == [100, 0]
    assert world.entry(KEY).progress is None


def test_a_fault_that_used_up_its_tries_leaves_no_progress(world: World) -> None:
    world.put(KEY, lines(250))
    with pytest.raises(OutOfTime):
        world.worker(SlowAfter(world, "s3.put_object", 2))(KEY, world.deadline())
    world.worker().give_up(KEY, "the model is busy")
    assert world.entry(KEY).progress is None


def test_pages_that_wait_for_ocr_are_not_read_yet(world: World) -> None:
    # given
    text = [["a page of text that is long enough to be one"]] * 20
    world.put("mixed.pdf", pdf([*text, *range(130)]))
    seen = Seen(world, "s3.put_object", SHOWN_EVERY_MS, "mixed.pdf")
    # when
    world.worker(seen)("mixed.pdf", world.deadline())
    # then
    entry = world.entry("mixed.pdf")
    assert (entry.status, entry.progress) == (Status.OCR, Progress(20, 150))
    # when
    world.textract.finish()
    later = Seen(world, "s3.put_object", SHOWN_EVERY_MS, "mixed.pdf")
    world.worker(later)("mixed.pdf", world.deadline())
    # then
    pages = [progress.pages_read for _, progress in later.progress]
    assert list(dict.fromkeys(pages)) == [20, 120, 150]
