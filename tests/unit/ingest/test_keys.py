"""A document is its key: exactly that one, whatever it looks like."""

from __future__ import annotations

import pytest

from askbucket.ingest.attempt import Outcome
from askbucket.models import Document, Status
from tests.unit.ingest.parts import BUCKET, World, lines

KEYS = {
    "spaces": "a b/c d.txt",
    "plus": "1+1=2.txt",
    "escaped slash": "a%2Fb.txt",
    "percent": "100%.txt",
    "unicode": "Übergröße/naïve.txt",
    "other scripts": "文書/документ.txt",
    "emoji": "🚢/⚓.txt",
    "parents": "../../etc/passwd",
    "dots": "a/../b/./c.txt",
    "double slash": "/a//b.txt",
    "quotes": '"it\'s" <here> & there.txt',
    "1,024 bytes": "é" * 510 + ".txt",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_any_key_is_indexed_and_deleted(world: World, key: str) -> None:
    # given
    world.put(key, lines(2))
    # when
    world.sync(key)
    # then
    assert world.visible(key) == world.chunks_of(lines(2))
    assert {payload["document"] for payload in world.payloads(key)} == {key}
    assert [entry.document.key for entry in world.manifest.list(BUCKET).entries] == [key]
    # when
    world.remove(key)
    world.sync(key)
    # then
    assert world.points() == 0


def test_a_sweep_finds_nothing_to_do_for_any_key(world: World) -> None:
    for key in KEYS.values():
        world.put(key, "text")
        world.sync(key)
    findings, hinted = world.sweep()
    assert (findings.keys, hinted) == (len(KEYS), [])


def test_the_same_bytes_under_two_keys_are_two_documents(world: World) -> None:
    # given
    for key in ("may/report.txt", "june/report.txt"):
        world.put(key, lines(3))
        world.sync(key)
    assert world.points() == 6
    # when
    world.remove("may/report.txt")
    world.sync("may/report.txt")
    # then
    assert world.visible("may/report.txt") == ()
    assert world.visible("june/report.txt") == world.chunks_of(lines(3))
    assert world.artifacts.keys(Document(BUCKET, "june/report.txt").id)


def test_deleting_a_key_leaves_the_key_it_is_the_beginning_of(world: World) -> None:
    # given
    for key in ("a.txt", "a.txt.old", "a.txt/b"):
        world.put(key, lines(2, key))
        world.sync(key)
    # when
    world.remove("a.txt")
    world.sync("a.txt")
    # then
    old, below = (world.chunks_of(lines(2, key)) for key in ("a.txt.old", "a.txt/b"))
    assert (world.visible("a.txt.old"), world.visible("a.txt/b")) == (old, below)
    assert world.points() == len(old) + len(below)
    assert world.artifacts.keys(Document(BUCKET, "a.txt.old").id)


def test_a_folder_marker_is_no_document(world: World) -> None:
    world.put("folder/", b"")
    assert world.sync("folder/") is Outcome.IGNORED
    world.remove("folder/")
    assert world.sync("folder/") is Outcome.IGNORED
    assert world.manifest.list(BUCKET, tombstones=True).entries == ()


def test_a_key_with_a_slash_at_its_end_and_bytes_is_a_document(world: World) -> None:
    world.put("folder/", "text")
    assert world.sync("folder/") is Outcome.COMMITTED
    assert world.visible("folder/") == ("text",)


def test_a_document_emptied_to_a_folder_marker_is_seen_no_more(world: World) -> None:
    # given
    world.put("folder/", "text")
    world.sync("folder/")
    # when
    world.put("folder/", b"")
    world.sync("folder/")
    # then
    assert world.visible("folder/") == ()
    assert world.entry("folder/").status is Status.FAILED
