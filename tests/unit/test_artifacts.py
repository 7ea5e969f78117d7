"""Pages and vectors come back from their bytes as they were."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.response import StreamingBody
from hypothesis import given
from hypothesis import strategies as st

from askbucket.artifacts import (
    Artifacts,
    pages_from_bytes,
    pages_to_bytes,
    text_hash,
    vectors_from_bytes,
    vectors_to_bytes,
)
from askbucket.errors import TryAgain
from askbucket.models import Box, Line, Page
from askbucket.s3 import S3
from tests.unit.ingest.parts import World, made_world

SHARE = st.floats(0, 1)
BOXES = st.builds(Box, SHARE, SHARE, SHARE, SHARE)
LINES = st.builds(
    Line,
    st.text(max_size=9),
    st.none() | BOXES,
    st.just(100.0) | st.floats(0, 100),
    heading=st.integers(0, 6),
    table=st.integers(0, 3),
    header=st.booleans(),
)
PAGES = st.builds(
    Page,
    st.integers(1, 9999),
    st.lists(LINES, max_size=3).map(tuple),
    st.sampled_from(["text", "ocr", "waiting", "lost"]),
)


@pytest.fixture
def world() -> Iterator[World]:
    with made_world() as made:
        yield made


@given(pages=st.lists(PAGES, max_size=3))
def test_pages_come_back_as_they_were(pages: list[Page]) -> None:
    assert list(pages_from_bytes(pages_to_bytes(pages))) == pages


@given(vectors=st.dictionaries(st.text(max_size=5), st.lists(st.floats(width=32, allow_nan=False))))
def test_vectors_come_back_as_they_were(vectors: dict[str, list[float]]) -> None:
    assert vectors_from_bytes(vectors_to_bytes(vectors)) == vectors


@given(texts=st.lists(st.text(max_size=5), min_size=2, max_size=2, unique=True))
def test_texts_are_told_apart_by_their_hash(texts: list[str]) -> None:
    assert text_hash(texts[0]) != text_hash(texts[1])
    assert text_hash(texts[0]) == text_hash(texts[0])


def test_what_was_kept_is_found_by_its_prefix_and_deleted(world: World) -> None:
    # given
    for key in ("a/1", "a/2", "a.old/1", "b/1"):
        world.artifacts.put(key, key.encode())
    # then
    assert world.artifacts.keys("a/") == ["a/1", "a/2"]
    assert world.artifacts.get("a/1") == b"a/1"
    assert world.artifacts.get("a/3") is None
    # when
    world.artifacts.delete(world.artifacts.keys("a/"))
    world.artifacts.delete([])
    # then
    assert world.artifacts.keys("") == ["a.old/1", "b/1"]


def test_more_are_deleted_than_one_request_takes(world: World) -> None:
    for number in (0, 999, 1000, 1002):
        world.artifacts.put(f"many/{number}", b"")
    world.artifacts.delete([f"many/{number}" for number in range(1003)])
    assert world.artifacts.keys("") == []


def test_a_stored_thing_that_breaks_off_is_read_again(world: World) -> None:
    class CutShort:
        def get_object(self, **_: Any) -> Any:
            return {"Body": StreamingBody(io.BytesIO(b"half"), 8)}

    with pytest.raises(TryAgain, match="broke off"):
        Artifacts(S3(CutShort(), "artifacts")).get("a/1")
