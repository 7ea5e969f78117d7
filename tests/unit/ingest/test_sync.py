"""What one key's hints lead to: whatever came before, the index holds what the bucket holds."""

from __future__ import annotations

import pytest

from askbucket.ingest.attempt import Outcome
from askbucket.ingest.sparse import document_vector
from askbucket.models import DEFAULT_TENANT, Chunk, Document, Status
from askbucket.stores.port import Point
from tests.unit.ingest.hash_embedder import hash_vector
from tests.unit.ingest.parts import ARTIFACTS, BUCKET, World, lines


def test_a_new_text_becomes_ready_with_all_its_chunks(world: World) -> None:
    # given
    version = world.put("logs/may.txt", lines(3))
    # when
    outcome = world.sync("logs/may.txt")
    # then
    entry = world.entry("logs/may.txt")
    assert outcome is Outcome.COMMITTED
    assert (entry.status, entry.chunks, entry.pages, entry.embedded) == (Status.READY, 3, 0, 3)
    assert entry.version == entry.active_version == version
    assert entry.active == entry.committed == entry.generation
    assert world.visible("logs/may.txt") == world.chunks_of(lines(3))


def test_points_carry_what_a_reader_needs(world: World) -> None:
    version = world.put("a/b/c.txt", "one line", {"team": "sea"}, {"year": "2026"})
    world.sync("a/b/c.txt")
    [payload] = world.payloads("a/b/c.txt")
    assert payload == {
        "document_id": Document(BUCKET, "a/b/c.txt").id,
        "document": "a/b/c.txt",
        "generation": world.entry("a/b/c.txt").active,
        "tenant": "default",
        "groups": [],
        "version": version,
        "modified": payload["modified"],
        "folders": ["a/", "a/b/"],
        "labels": {"team": "sea", "year": "2026"},
        "labelled": ["team\nsea", "year\n2026"],
        "number": 0,
        "page": None,
        "text": "one line",
        "context": "c",
        "boxes": [],
    }
    assert payload["modified"] > 1_500_000_000_000  # ms since 1970


def test_a_shorter_version_leaves_no_tail(world: World) -> None:
    # given
    world.put("log.txt", lines(500))
    world.sync("log.txt")
    assert world.points() == 500
    # when
    world.put("log.txt", lines(3, "new"))
    world.sync("log.txt")
    # then
    assert world.points() == 3
    assert world.visible("log.txt") == world.chunks_of(lines(3, "new"))


def test_a_deleted_document_leaves_a_tombstone_and_nothing_else(world: World) -> None:
    # given
    world.put("log.txt", lines(300))
    world.sync("log.txt")
    # when
    world.remove("log.txt")
    outcome = world.sync("log.txt")
    # then
    entry = world.entry("log.txt")
    assert outcome is Outcome.COMMITTED
    assert (entry.status, entry.active, entry.active_version) == (Status.DELETED, None, None)
    assert world.points() == 0
    assert "Contents" not in world.s3.list_objects_v2(Bucket=ARTIFACTS)


def test_a_deleted_document_comes_back_with_its_next_upload(world: World) -> None:
    world.put("log.txt", "first")
    world.sync("log.txt")
    world.remove("log.txt")
    world.sync("log.txt")
    world.put("log.txt", "first")
    world.sync("log.txt")
    assert world.visible("log.txt") == ("first",)
    assert world.entry("log.txt").status is Status.READY


def test_an_undeleted_document_comes_back(world: World) -> None:
    # given
    world.put("log.txt", "first")
    marker = world.s3.delete_object(Bucket=BUCKET, Key="log.txt")["VersionId"]
    world.sync("log.txt")
    # when
    world.s3.delete_object(Bucket=BUCKET, Key="log.txt", VersionId=marker)
    world.sync("log.txt")
    # then
    assert world.visible("log.txt") == ("first",)


def test_removing_the_newest_version_brings_back_the_one_before(world: World) -> None:
    first = world.put("log.txt", "first")
    second = world.put("log.txt", "second")
    world.sync("log.txt")
    world.s3.delete_object(Bucket=BUCKET, Key="log.txt", VersionId=second)
    world.sync("log.txt")
    assert world.visible("log.txt") == ("first",)
    assert world.entry("log.txt").active_version == first


def test_a_hint_about_nothing_new_does_nothing(world: World) -> None:
    # given
    world.put("log.txt", lines(3))
    world.sync("log.txt")
    before = world.entry("log.txt")
    # when
    outcomes = [world.sync("log.txt") for _ in range(3)]
    # then
    assert outcomes == [Outcome.SETTLED] * 3
    assert world.entry("log.txt") == before


def test_a_late_hint_of_the_upload_does_not_bring_a_deleted_document_back(world: World) -> None:
    world.put("log.txt", "first")
    world.remove("log.txt")
    world.sync("log.txt")  # the deletion's hint came first
    world.sync("log.txt")  # and now the upload's
    assert world.points() == 0
    assert world.manifest.get(Document(BUCKET, "log.txt").id) is None


def test_hints_out_of_order_end_at_the_newest_version(world: World) -> None:
    for body in ("first", "second", "third"):
        world.put("log.txt", body)
    outcomes = [world.sync("log.txt") for _ in range(3)]
    assert outcomes == [Outcome.COMMITTED, Outcome.SETTLED, Outcome.SETTLED]
    assert world.visible("log.txt") == ("third",)


def test_a_hint_about_a_key_that_never_was_leaves_nothing(world: World) -> None:
    assert world.sync("never.txt") is Outcome.SETTLED
    assert world.manifest.get(Document(BUCKET, "never.txt").id) is None


def test_history_that_a_lost_attempt_went_on_with_is_cleared_away(world: World) -> None:
    document = Document(BUCKET, "gone.txt")
    world.manifest.note(document.id, 7, "embedded", "3 chunks", 1)
    assert world.manifest.step_keys(document.id)
    assert world.sync("gone.txt") is Outcome.SETTLED
    assert world.manifest.step_keys(document.id) == []


@pytest.mark.parametrize(
    "at",
    ["s3.head_object", "s3.list_objects_v2", "store.scroll", "s3.delete_objects", "store.delete"],
)
def test_an_upload_while_a_late_hint_finds_nothing_is_indexed_whole(world: World, at: str) -> None:
    """What the hint's worker clears away is none of the upload's."""
    document = Document(BUCKET, "log.txt")
    world.artifacts.put(f"{document.id}/old/pages-00000", b"left by a lost attempt")
    vectors = hash_vector("x"), document_vector("x")
    lost = Point(document, 7, DEFAULT_TENANT, "v", {}, Chunk(0, None, 0, 1, "x"), *vectors)
    world.store.upsert([lost])
    looked: list[str] = []

    def step(name: str) -> None:
        looked.append(name)
        if name == at and looked.count(at) == 1:
            world.put("log.txt", lines(3))
            world.sync("log.txt")

    world.worker(step)("log.txt", world.deadline())

    assert at in looked
    assert world.visible("log.txt") == world.chunks_of(lines(3))
    content = f"{document.id}/{world.entry('log.txt').content}/"
    assert [key for key in world.artifacts.keys(f"{document.id}/") if key.startswith(content)]


def test_the_same_bytes_again_keep_what_readers_see(world: World) -> None:
    # given
    world.put("log.txt", lines(5))
    world.sync("log.txt")
    before, asked = world.entry("log.txt"), len(world.embedder.embedded)
    # when
    version = world.put("log.txt", lines(5))
    outcome = world.sync("log.txt")
    # then
    entry = world.entry("log.txt")
    assert outcome is Outcome.COMMITTED
    assert entry.active == before.active
    assert (entry.version, entry.active_version) == (version, version)
    assert (entry.chunks, entry.staged_at) == (before.chunks, before.staged_at)
    assert len(world.embedder.embedded) == asked
    assert world.visible("log.txt") == world.chunks_of(lines(5))
    assert world.sync("log.txt") is Outcome.SETTLED


def test_going_back_to_the_old_bytes_keeps_their_counts(world: World) -> None:
    """An attempt at other bytes that broke off in between leaves no counts of its own behind."""
    # given
    world.put("log.txt", lines(5))
    world.sync("log.txt")
    world.put("log.txt", lines(2, "other"))
    with pytest.raises(KeyboardInterrupt):
        world.worker(_killed_at("store.upsert"))("log.txt", world.deadline())
    # when
    world.put("log.txt", lines(5))
    world.sync("log.txt")
    # then
    assert world.entry("log.txt").chunks == 5
    assert world.visible("log.txt") == world.chunks_of(lines(5))


@pytest.mark.parametrize("labels", [{"metadata": {"team": "b"}}, {"tags": {"year": "2027"}}])
def test_changed_labels_are_indexed_without_embedding(
    world: World, labels: dict[str, dict[str, str]]
) -> None:
    # given
    world.put("log.txt", lines(5), {"team": "a"}, {"year": "2026"})
    world.sync("log.txt")
    before, asked = world.entry("log.txt"), len(world.embedder.embedded)
    # when
    world.put(
        "log.txt", lines(5), **{"metadata": {"team": "a"}, "tags": {"year": "2026"}, **labels}
    )
    world.sync("log.txt")
    # then
    entry = world.entry("log.txt")
    new = next(iter(labels.values()))
    assert entry.active != before.active
    assert (entry.embedded, len(world.embedder.embedded)) == (0, asked)
    assert all(new.items() <= p["labels"].items() for p in world.payloads("log.txt"))


def test_tags_set_on_the_same_version_are_indexed(world: World) -> None:
    world.put("log.txt", lines(2))
    world.sync("log.txt")
    world.s3.put_object_tagging(
        Bucket=BUCKET, Key="log.txt", Tagging={"TagSet": [{"Key": "year", "Value": "2027"}]}
    )
    world.sync("log.txt")
    assert [p["labels"] for p in world.payloads("log.txt")] == [{"year": "2027"}] * 2


def test_only_changed_chunks_are_embedded(world: World) -> None:
    # given
    body = lines(120).split("\n")
    world.put("log.txt", "\n".join(body))
    world.sync("log.txt")
    world.embedder.embedded.clear()
    # when
    body[7] = "a line of another kind " * 4
    world.put("log.txt", "\n".join(body))
    world.sync("log.txt")
    # then
    assert world.embedder.embedded == [f"log\n{body[7].strip()}"]
    assert world.entry("log.txt").embedded == 1
    assert world.visible("log.txt") == world.chunks_of("\n".join(body))


def test_another_recipe_is_indexed_without_reading_again(world: World) -> None:
    world.put("log.txt", lines(5))
    world.sync("log.txt")
    world.chunker = type(world.chunker)(300, 0)
    assert world.sync("log.txt") is Outcome.COMMITTED
    assert world.visible("log.txt") == world.chunks_of(lines(5))
    assert world.entry("log.txt").chunks == world.points() == 2


def test_chunks_the_model_refuses_are_cut_not_cut_off(world: World) -> None:
    # given
    world.embedder.longest = 30
    world.put("log.txt", lines(3))
    # when
    world.sync("log.txt")
    # then
    seen = world.visible("log.txt")
    assert max(map(len, seen)) <= 30
    assert " ".join(" ".join(seen).split()) == " ".join(lines(3).split())
    assert world.entry("log.txt").chunks == len(seen)


def _killed_at(call: str):  # type: ignore[no-untyped-def]
    def step(name: str) -> None:
        if name == call:
            raise KeyboardInterrupt

    return step
