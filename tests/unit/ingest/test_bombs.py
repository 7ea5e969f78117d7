"""Small files that ask for much: each is read, lost in part or refused, and the worker lives."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.reader import Reader
from askbucket.ingest.readers.reader_process import ReaderLimits
from tests.unit.ingest import bombs
from tests.unit.ingest.bombs import MIB
from tests.unit.ingest.readers import zipped

LIMITS = ReaderLimits(memory_mib=256, open_seconds=20, page_seconds=10)
WORDS = b"BT /F 12 Tf 50 700 Td (harbour) Tj ET\n"


def told(folder: Path, body: bytes, name: str) -> list[str]:
    """What each page says, or its source, as a process with little memory reads it."""
    file = folder / "object"
    file.write_bytes(body)
    source = Reader(LIMITS, {"PATH": os.environ["PATH"]}, 2)(file, name)
    try:
        pages = source.pages(1, source.page_count)
    finally:
        source.close()
    return [page.text or page.source for page in pages]


def twice_deflated() -> bytes:
    return zlib.compress(bombs.deflated(bytes(1024), 512 * MIB), 9)


@pytest.mark.parametrize(
    "body",
    [
        lambda: bombs.pdf_with_content(bombs.deflated(WORDS, 512 * MIB)),
        lambda: bombs.pdf_with_content(twice_deflated(), b"/FlateDecode/FlateDecode"),
    ],
    ids=["once", "twice"],
)
def test_a_page_that_unpacks_without_end_is_lost_alone(
    tmp_path: Path, body: Callable[[], bytes]
) -> None:
    assert told(tmp_path, body(), "bomb.pdf") == ["harbour", "lost", "harbour"]


def test_forms_that_draw_each_other_a_billion_times_are_a_lost_page(tmp_path: Path) -> None:
    assert told(tmp_path, bombs.pdf_of_forms(levels=9, uses=10), "forms.pdf") == ["lost"]


def test_forms_that_draw_each_other_a_few_times_are_read(tmp_path: Path) -> None:
    [text] = told(tmp_path, bombs.pdf_of_forms(levels=2, uses=3), "forms.pdf")
    assert "harbour" in text


def test_pages_nested_without_end_are_lost(tmp_path: Path) -> None:
    assert told(tmp_path, bombs.pdf_of_nested_trees(5000), "deep.pdf") == ["lost"]


def test_operands_nested_without_end_are_no_text(tmp_path: Path) -> None:
    assert told(tmp_path, bombs.pdf_of_nested_arrays(50_000), "deep.pdf") == ["text"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bombs.billion_laughs, "declares XML entities"),
        (lambda: zipped({"word/document.xml": bytes(300 * MIB)}), "as in a zip bomb"),
        (lambda: bombs.tiff_of_sides([100, 60_000]), "the image is 60000 pixels wide or high"),
        (lambda: bombs.word_file(nested(100_000)), "nested too deeply"),
    ],
)
def test_a_file_that_would_grow_is_refused_by_name(
    tmp_path: Path, body: Callable[[], bytes], reason: str
) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        told(tmp_path, body(), "object")


def nested(depth: int) -> bytes:
    """XML so deep, with names that do not repeat, so that it is no bomb by its ratio."""
    names = [f"n{number * 7919 % 1_000_003:x}" for number in range(depth)]
    return "".join([*(f"<{n}>" for n in names), *(f"</{n}>" for n in reversed(names))]).encode()
