"""Two passes: nothing is staged before every vector is kept; what lost takes its points away."""

from __future__ import annotations

import pytest

from askbucket.artifacts import Cleared
from askbucket.clock import Deadline
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.indexing import Indexing
from askbucket.ingest.sync import Sync
from askbucket.ingest.vectors import CACHED_BLOCKS, Embedded
from tests.unit.ingest.files import pdf
from tests.unit.ingest.parts import World, lines
from tests.unit.ingest.test_faults import Once
from tests.unit.ingest.test_slices import SlowAfter

KEY = "log.txt"
MANY = 100 * (CACHED_BLOCKS + 2)  # chunks, more than are held in memory


def test_a_document_of_many_blocks_is_staged_whole_and_in_order(world: World) -> None:
    world.put(KEY, lines(MANY))
    world.sync(KEY)
    assert world.visible(KEY) == world.chunks_of(lines(MANY))
    assert len(world.embedder.embedded) == world.entry(KEY).embedded == MANY


def test_pages_of_many_blocks_are_staged_under_their_numbers(world: World) -> None:
    world.put("long.pdf", pdf([[f"page {n} of a text, and long enough"] for n in range(1, 251)]))
    world.sync("long.pdf")
    texts = {p["page"]: p["text"] for p in world.payloads("long.pdf")}
    assert texts == {n: f"page {n} of a text, and long enough" for n in range(1, 251)}


def cut_after_the_first_block(world: World, worker: Sync) -> None:
    with pytest.raises(OutOfTime):
        worker(KEY, world.deadline())


def test_nothing_is_staged_before_every_vector_is_kept(world: World) -> None:
    world.put(KEY, lines(250))
    cut_after_the_first_block(world, world.worker(SlowAfter(world, "s3.put_object", 2)))
    assert world.points() == 0


class StagesAsItEmbeds(Indexing):
    """One pass instead of two: less to read, and half a document staged where it is cut."""

    def embed(self, deadline: Deadline) -> Embedded:
        chunks = list(self.chunker.chunks(self.pages.pages(), paged=self.paged))
        for start in range(0, len(chunks), 100):
            block = chunks[start : start + 100]
            embedded = self.vectors.embed(block, None, deadline)
            self.staging.stage(self.attempt.generation, "", {}, self.vectors.embedded(block))
        return embedded


class OnePass(Sync):
    def _indexing(self, *parts: object) -> Indexing:
        made = Sync._indexing(self, *parts)  # type: ignore[arg-type]
        return StagesAsItEmbeds(**{name: getattr(made, name) for name in Indexing.__slots__})


def test_one_pass_would_stage_half_a_document(world: World) -> None:
    world.put(KEY, lines(250))
    worker = world.worker(SlowAfter(world, "s3.put_object", 2))
    broken = OnePass(**{name: getattr(worker, name) for name in Sync.__slots__})
    cut_after_the_first_block(world, broken)
    assert world.points() == 100


def test_an_attempt_whose_artifacts_are_cleared_away_takes_its_points_with_it(
    world: World,
) -> None:
    # given
    world.put(KEY, lines(MANY, "old"))

    def overtaken() -> None:
        world.put(KEY, lines(2))
        world.sync(KEY)

    # when
    with pytest.raises(Cleared, match="cleared away by another attempt"):
        world.worker(Once("store.upsert", overtaken))(KEY, world.deadline())
    # then
    assert world.points() == 2
    assert world.visible(KEY) == world.chunks_of(lines(2))
    assert world.sync(KEY) is Outcome.SETTLED


def test_a_fault_in_the_middle_of_staging_shows_nothing_and_costs_no_embedding(
    world: World,
) -> None:
    # given
    world.put(KEY, lines(250))
    upserts: list[str] = []

    def busy(name: str) -> None:
        if name == "store.upsert":
            upserts.append(name)
            if len(upserts) == 4:  # each block is written in two halves
                raise TryAgain("the store is busy")

    # when
    with pytest.raises(TryAgain, match="busy"):
        world.worker(busy)(KEY, world.deadline())
    # then
    assert world.visible(KEY) == ()
    # when
    asked = len(world.embedder.embedded)
    world.sync(KEY)
    # then
    assert world.visible(KEY) == world.chunks_of(lines(250))
    assert world.points() == 250
    assert len(world.embedder.embedded) == asked == 250


def test_a_commit_tells_what_the_second_pass_saw(world: World) -> None:
    world.put("mixed.pdf", pdf([["a page of a text, and long enough"], 40, 80]))
    world.sync("mixed.pdf")
    world.textract.finish(lost=[2], message="one was lost")
    world.sync("mixed.pdf")
    end = world.entry("mixed.pdf")
    assert (end.pages, end.ocr_pages, end.chunks, end.embedded) == (3, 1, 2, 2)
    assert end.warnings == ("pages that could not be read: 3", "OCR was incomplete: one was lost")
