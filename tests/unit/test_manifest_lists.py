"""Many entries at once: lists in key order, and batch reads that ask again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from askbucket.entries import BATCH_GET_TRIES
from askbucket.entry import Commit
from askbucket.errors import TryAgain
from askbucket.manifest import Manifest
from askbucket.models import Document, Status
from tests.unit.ingest.parts import BUCKET, STARTED, TABLE, World, made_world


@pytest.fixture
def world() -> Iterator[World]:
    with made_world() as made:
        yield made


@pytest.fixture
def manifest(world: World) -> Manifest:
    return world.manifest


def add(manifest: Manifest, key: str, status: Status = Status.READY, bucket: str = BUCKET) -> str:
    """The id of a document that ended so."""
    document = Document(bucket, key)
    generation = manifest.claim(document, "default", STARTED).generation
    end = Commit(status, None, "v", "f", 1, "r")
    manifest.commit(document.id, generation, end, STARTED)
    manifest.note(document.id, generation, "step", "", STARTED)
    return document.id


def keys(manifest: Manifest, **query: Any) -> list[str]:
    return [entry.document.key for entry in manifest.list(BUCKET, **query).entries]


def test_documents_are_listed_in_order_of_their_keys_bytes(manifest: Manifest) -> None:
    names = ["b", "a", "é", "Z", "🚢", "\uffee", "a/b"]
    for name in names:
        add(manifest, name)
    add(manifest, "elsewhere", bucket="another")
    assert keys(manifest) == sorted(names, key=str.encode)


def test_a_list_narrows_to_a_prefix_a_key_or_a_status(manifest: Manifest) -> None:
    for name in ("a/1", "a/2", "b/1"):
        add(manifest, name)
    add(manifest, "a/bad", Status.FAILED)
    assert keys(manifest, prefix="a/") == ["a/1", "a/2", "a/bad"]
    assert keys(manifest, key="a/1") == ["a/1"]
    assert keys(manifest, status=Status.FAILED) == ["a/bad"]
    assert keys(manifest, prefix="a/", status=Status.READY) == ["a/1", "a/2"]
    assert keys(manifest, prefix="c") == []


def test_tombstones_are_hidden_unless_asked_for(manifest: Manifest) -> None:
    add(manifest, "here")
    add(manifest, "gone", Status.DELETED)
    assert keys(manifest) == ["here"]
    assert keys(manifest, tombstones=True) == ["gone", "here"]
    assert keys(manifest, status=Status.DELETED) == ["gone"]


def test_only_a_missing_cursor_ends_the_list(manifest: Manifest) -> None:
    # given
    for number in range(7):
        add(manifest, f"{number}", Status.DELETED if number in (2, 3) else Status.READY)
    # when
    pages, cursor = [], None
    while True:
        page = manifest.list(BUCKET, limit=2, cursor=cursor)
        pages.append([entry.document.key for entry in page.entries])
        cursor = page.cursor
        if cursor is None:
            break
    # then
    assert [key for page in pages for key in page] == ["0", "1", "4", "5", "6"]
    assert [] in pages  # a page may be short, even empty


def test_more_than_a_hundred_entries_are_read(manifest: Manifest) -> None:
    claims = [manifest.claim(Document(BUCKET, f"{n}"), "default", STARTED) for n in range(130)]
    ids = [claim.document.id for claim in claims]
    found = manifest.get_many([*ids[:105], Document(BUCKET, "never").id, *ids[105:]])
    assert set(found) == set(ids)
    assert found[ids[129]].document.key == "129"
    assert manifest.get_many([]) == {}


class Grudging:
    """A table whose batch reads answer only `at_once` keys of those asked for."""

    def __init__(self, table: Any, at_once: int) -> None:
        self._table, self._at_once = table, at_once
        self.name, self.reads = table.name, 0

    @property
    def meta(self) -> Any:
        return self

    @property
    def client(self) -> Any:
        return self

    @property
    def exceptions(self) -> Any:
        return self._table.meta.client.exceptions

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803  (boto3's name)
        self.reads += 1
        wanted = RequestItems[TABLE]
        now, later = wanted["Keys"][: self._at_once], wanted["Keys"][self._at_once :]
        assert wanted["ConsistentRead"]
        if not now:
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        request = {TABLE: {**wanted, "Keys": now}}
        reply = self._table.meta.client.batch_get_item(RequestItems=request)
        return {**reply, "UnprocessedKeys": {TABLE: {**wanted, "Keys": later}} if later else {}}


def test_what_was_left_unread_is_asked_for_again(world: World) -> None:
    ids = [add(world.manifest, f"{number}") for number in range(6)]
    table = Grudging(world.dynamodb.Table(TABLE), at_once=2)
    assert set(Manifest(table).get_many(ids)) == set(ids)
    assert table.reads == 3


def test_a_table_that_leaves_everything_unread_is_a_fault(world: World) -> None:
    table = Grudging(world.dynamodb.Table(TABLE), at_once=0)
    with pytest.raises(TryAgain, match="too busy"):
        Manifest(table).get_many(["id"])
    assert table.reads == BATCH_GET_TRIES


def test_a_document_due_but_gone_is_passed_over(world: World) -> None:
    table = world.dynamodb.Table(TABLE)
    table.put_item(Item={"id": "lost", "item": "step#1", "waiting": "ocr", "due_at": STARTED})
    assert list(world.manifest.due(STARTED)) == []
