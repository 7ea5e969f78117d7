"""An index put back to an older day, as by a snapshot: wrong never, whole again by a tag."""

from __future__ import annotations

from qdrant_client.models import PointStruct

from askbucket.ingest.attempt import Outcome
from askbucket.stores.port import Equals, Filter
from tests.unit.ingest.parts import COLLECTION, World, lines


def put_back(world: World, points: list[PointStruct]) -> None:
    world.worker().store.delete(Filter())
    if points:
        world.qdrant.upsert(COLLECTION, points)


def test_an_older_snapshot_shows_nothing_of_what_was_overwritten_since(world: World) -> None:
    # given
    world.put("log.txt", lines(3))
    world.sync("log.txt")
    before, _ = world.qdrant.scroll(COLLECTION, limit=100, with_vectors=True)
    old = [{"id": p.id, "vector": p.vector, "payload": p.payload} for p in before]
    world.put("log.txt", lines(5, "other"))
    world.sync("log.txt")
    # when
    put_back(world, [PointStruct(**each) for each in old])
    # then
    assert world.points() == 3
    assert world.visible("log.txt") == ()


def test_lost_points_come_back_without_embedding(world: World) -> None:
    # given
    world.put("log.txt", lines(5))
    world.sync("log.txt")
    put_back(world, [])
    world.embedder.embedded.clear()
    assert world.visible("log.txt") == ()
    # when
    assert world.sync("log.txt") is Outcome.COMMITTED
    # then
    assert world.visible("log.txt") == world.chunks_of(lines(5))
    assert world.embedder.embedded == []
    assert world.sync("log.txt") is Outcome.SETTLED


def test_a_sweep_finds_what_the_store_has_lost(world: World) -> None:
    # given
    for key in ("kept.txt", "lost.txt"):
        world.put(key, lines(5, key))
        world.sync(key)
    entry = world.entry("lost.txt")
    world.worker().store.delete(Filter((Equals("document_id", entry.document.id),)))
    # when
    findings, hinted = world.sweep()
    # then
    assert (findings.hinted, hinted) == ({"lost points": 1}, ["lost.txt"])
    world.sync(*hinted)
    assert world.visible("lost.txt") == world.chunks_of(lines(5, "lost.txt"))
