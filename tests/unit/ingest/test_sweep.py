"""Repair: what differs gets a hint, what nobody can ever see again is deleted, nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.entry import Entry
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.recipe import Recipe
from askbucket.ingest.sweep import GROUP, Cursor, Sweep, merged
from askbucket.ingest.sync import DEATHS_REASON, MOST_DEATHS
from askbucket.models import Chunk, Document, Status
from askbucket.stores.port import Point, VectorStore
from tests.unit.ingest.files import image
from tests.unit.ingest.hash_embedder import hash_vector
from tests.unit.ingest.parts import BUCKET, INVOCATION_MS, OCR_WAIT_MS, World, lines
from tests.unit.ingest.steps import KillAt, Killed

KEY = "log.txt"


def _stage(world: World, key: str, generation: int) -> None:
    """Points of a generation, as an attempt leaves them."""
    from askbucket.ingest.sparse import document_vector

    store: VectorStore = world.store
    chunk = Chunk(0, None, 0, 4, "text")
    vectors = hash_vector("text"), document_vector("text")
    store.upsert([Point(Document(BUCKET, key), generation, "default", "v", {}, chunk, *vectors)])


def test_a_settled_index_needs_nothing(world: World) -> None:
    for key in ("a.txt", "b.txt"):
        world.put(key, lines(2))
        world.sync(key)
    findings, hinted = world.sweep()
    assert (findings.keys, findings.hinted, findings.deleted_generations) == (2, {}, 0)
    assert hinted == []


def test_an_upload_nobody_told_of_is_hinted(world: World) -> None:
    world.put(KEY, lines(2))
    findings, hinted = world.sweep()
    assert hinted == [KEY]
    assert findings.hinted == {"not in the manifest": 1}


def test_an_overwrite_nobody_told_of_is_hinted(world: World) -> None:
    world.put(KEY, lines(2))
    world.sync(KEY)
    world.put(KEY, lines(3))
    findings, hinted = world.sweep()
    assert hinted == [KEY]
    assert findings.hinted == {"another version": 1}


def test_a_deletion_nobody_told_of_is_hinted_once(world: World) -> None:
    # given
    world.put(KEY, lines(2))
    world.sync(KEY)
    world.remove(KEY)
    # then
    findings, hinted = world.sweep()
    assert hinted == [KEY]
    assert findings.hinted == {"not in the bucket": 1}
    # when
    world.sync(KEY)
    # then
    assert world.sweep()[1] == []


def killed(world: World) -> None:
    """A worker at KEY dies in the middle of its work."""
    with pytest.raises(Killed):
        world.worker(KillAt(12))(KEY, world.deadline())


def test_an_attempt_that_died_is_hinted(world: World) -> None:
    world.put(KEY, lines(2))
    killed(world)
    findings, hinted = world.sweep()
    assert hinted == [KEY]
    assert findings.hinted == {"unfinished": 1}


def test_a_worker_that_fell_silent_is_due_when_its_lease_ends(world: World) -> None:
    # given
    world.put(KEY, lines(2))
    killed(world)
    hinted: list[str] = []
    sweep = Sweep(
        world.bucket, world.manifest, world.store, Recipe("recipe"), world.limits, hinted.extend
    )
    # then
    assert sweep.due(world.clock()) == 0
    world.clock.at += INVOCATION_MS
    assert sweep.due(world.clock()) == 1
    assert hinted == [KEY]
    # and once it is done nobody looks again
    world.sync(KEY)
    assert sweep.due(world.clock() + OCR_WAIT_MS) == 0


def test_a_file_that_kills_its_workers_fails_with_a_reason_until_the_next_sweep(
    world: World,
) -> None:
    # given
    world.put(KEY, lines(2))
    for _ in range(MOST_DEATHS):
        killed(world)
        world.clock.at += INVOCATION_MS
    # when
    assert world.sync(KEY) is Outcome.GIVEN_UP
    # then
    assert world.entry(KEY).status is Status.FAILED
    assert world.entry(KEY).reason == DEATHS_REASON
    # and it is tried again after a sweep
    assert world.sweep()[1] == [KEY]
    assert world.sync(KEY) is Outcome.COMMITTED


def test_deaths_of_one_version_do_not_count_for_the_next(world: World) -> None:
    world.put(KEY, lines(2))
    for _ in range(MOST_DEATHS):
        killed(world)
        world.clock.at += INVOCATION_MS
    world.put(KEY, lines(3))
    assert world.sync(KEY) is Outcome.COMMITTED


def test_a_sweep_cut_by_the_clock_goes_on_from_its_cursor(world: World) -> None:
    # given
    keys = [f"{number:04d}.txt" for number in range(GROUP + 20)]
    for key in keys:
        world.put(key, "text")
    hinted: list[str] = []
    sweep = Sweep(
        world.bucket, world.manifest, world.store, Recipe("recipe"), world.limits, hinted.extend
    )
    # when
    found, rest = sweep.run(Cursor(), world.deadline(left_ms=0))
    # then
    assert found.keys == GROUP
    assert rest == Cursor("keys", keys[GROUP - 1])
    assert rest is not None
    # and
    found, rest = sweep.run(rest, world.deadline())
    assert (found.keys, rest) == (20, None)
    assert hinted == keys


def test_a_sweep_of_a_prefix_looks_at_nothing_else(world: World) -> None:
    for key in ("a/1.txt", "b/1.txt", "b/2.txt", "c/1.txt"):
        world.put(key, "text")
        if key != "b/2.txt":
            world.sync(key)
    world.chunker = type(world.chunker)(200, 20)
    hinted: list[str] = []
    recipe = world.worker().recipe
    sweep = Sweep(world.bucket, world.manifest, world.store, recipe, world.limits, hinted.extend)
    findings, rest = sweep.run(Cursor(prefix="b/"), world.deadline())
    assert findings.hinted == {"another recipe": 1, "not in the manifest": 1}
    assert (hinted, rest) == (["b/1.txt", "b/2.txt"], None)


def test_documents_of_another_recipe_are_hinted(world: World) -> None:
    world.put(KEY, lines(2))
    world.sync(KEY)
    world.chunker = type(world.chunker)(200, 20)
    assert world.sweep()[1] == [KEY]


def test_one_sweep_makes_every_lost_event_good(world: World) -> None:
    # given
    for number in range(6):
        world.put(f"{number}.txt", lines(2, "old"))
        world.sync(f"{number}.txt")
    for number in range(4, 10):
        world.put(f"{number}.txt", lines(3, "new"))
    for number in range(3):
        world.remove(f"{number}.txt")
    # when
    for key in world.sweep()[1]:
        world.sync(key)
    # then
    for number in range(10):
        body = None if number < 3 else lines(2, "old") if number == 3 else lines(3, "new")
        wanted = world.chunks_of(body) if body else ()
        assert world.visible(f"{number}.txt") == wanted
    assert world.sweep()[1] == []


def test_points_of_a_former_generation_are_deleted(world: World) -> None:
    # given
    world.put(KEY, lines(2))
    world.sync(KEY)
    _stage(world, KEY, world.entry(KEY).generation - 1)
    _stage(world, KEY, 5)
    # when
    findings, hinted = world.sweep()
    # then
    assert findings.deleted_generations == 2
    assert hinted == []
    assert world.points() == 2
    assert world.visible(KEY) == world.chunks_of(lines(2))


def test_an_active_generation_older_than_the_last_commit_stays(world: World) -> None:
    # given
    for _ in range(2):  # the second commit keeps the first one's points
        world.put(KEY, lines(2))
        world.sync(KEY)
    entry = world.entry(KEY)
    assert entry.active is not None
    assert entry.active < entry.committed
    # when
    findings, _ = world.sweep()
    # then
    assert findings.deleted_generations == 0
    assert world.visible(KEY) == world.chunks_of(lines(2))


def test_points_of_an_attempt_under_way_are_never_touched(world: World) -> None:
    world.put(KEY, lines(2))
    world.sync(KEY)
    _stage(world, KEY, world.entry(KEY).generation + 1)
    findings, _ = world.sweep()
    assert findings.deleted_generations == 0
    assert world.points() == 3


def test_points_of_a_deleted_document_are_deleted(world: World) -> None:
    world.put(KEY, lines(2))
    world.sync(KEY)
    generation = world.entry(KEY).generation
    world.remove(KEY)
    world.sync(KEY)
    _stage(world, KEY, generation)
    world.sweep()
    assert world.points() == 0


def test_points_without_an_item_are_hinted_and_go_with_the_hint(world: World) -> None:
    # given
    _stage(world, "gone.txt", world.clock() - 5)
    # when
    findings, hinted = world.sweep()
    # then
    assert findings.hinted == {"points without a document": 1}
    assert hinted == ["gone.txt"]
    assert world.points() == 1
    # when
    world.sync("gone.txt")
    # then
    assert world.points() == 0


def test_ocr_that_should_have_ended_is_hinted(world: World) -> None:
    # given
    for name, shade in (("a.png", 40), ("b.png", 80)):
        world.put(name, image((shade,)))
        world.sync(name)
        world.clock.at += 1000
    world.put("c.txt", "text")
    world.sync("c.txt")
    hinted: list[str] = []
    sweep = Sweep(
        world.bucket, world.manifest, world.store, Recipe("recipe"), world.limits, hinted.extend
    )
    due = world.entry("a.png").job
    assert due is not None
    # then
    assert sweep.due(due.due_at - 1) == 0
    assert sweep.due(due.due_at) == 1
    assert hinted == ["a.png"]
    # when
    world.clock.at += OCR_WAIT_MS
    # then
    assert sweep.due(world.clock()) == 2
    # and a look at a job that still runs waits anew
    world.sync("a.png")
    assert sweep.due(world.clock()) == 1


KEYS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("/+%.~\uffff\U0001f6a2é"),
    min_size=1,
    max_size=6,
)


@given(listed=st.sets(KEYS), known=st.sets(KEYS))
def test_both_lists_are_joined_in_order_of_their_bytes(listed: set[str], known: set[str]) -> None:
    in_bucket = [(key, f"etag of {key}") for key in sorted(listed, key=str.encode)]
    in_table = [_entry(key) for key in sorted(known, key=str.encode)]
    rows = list(merged(in_bucket, in_table))
    assert [key for key, _, _ in rows] == sorted(listed | known, key=str.encode)
    for key, etag, entry in rows:
        assert etag == (f"etag of {key}" if key in listed else None)
        assert (entry.document.key if entry else None) == (key if key in known else None)


def _entry(key: str) -> Entry:
    return Entry(Document(BUCKET, key), "default", 1, 1, status=Status.READY)


def test_clearing_up_that_a_death_left_undone_is_hinted_and_done_once(world: World) -> None:
    # given a worker that dies between its commit and the clearing up
    world.put(KEY, lines(2))
    world.sync(KEY)
    world.put(KEY, lines(3))
    deletes: list[str] = []

    def dies_at_the_first_delete(name: str) -> None:
        if name == "store.delete":
            deletes.append(name)
            raise Killed

    with pytest.raises(Killed):
        world.worker(dies_at_the_first_delete)(KEY, world.deadline())
    assert world.points() > len(world.visible(KEY))
    # when
    findings, _ = world.sweep()
    # then (the points go at once, the artifacts by the hint)
    assert findings.hinted == {"leftovers": 1}
    assert world.sync(KEY) is Outcome.SETTLED
    assert world.points() == 3
    # and a repeated hint clears nothing any more
    world.worker(dies_at_the_first_delete)(KEY, world.deadline())
    assert deletes == ["store.delete"]
