"""Real files of every kind, where they are at hand: their strings are found, none does harm."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.reading import open_source
from tests.unit.ingest.readers import SHARED_DATA

OLD = (".doc", ".ppt")
MOST_SECONDS = 20


def rows(name: str) -> Iterator[dict[str, str]]:
    manifest = SHARED_DATA / name / "manifest.csv"
    if manifest.exists():
        with manifest.open(encoding="utf-8") as file:
            yield from csv.DictReader(file)


def parameters(name: str) -> list[object]:
    found = [pytest.param(row, id=Path(row["file"]).name) for row in rows(name)]
    absent = pytest.mark.skip(reason="the shared data is not there")
    return found or [pytest.param({}, id="none", marks=absent)]


def text_of(path: Path) -> str:
    """All text with white space made even, as in quotes."""
    source = open_source(path, path.name)
    try:
        pages = source.pages(1, source.page_count)
    finally:
        source.close()
    return " ".join(" ".join(page.text for page in pages).split())


@pytest.mark.parametrize("row", parameters("formats"))
def test_what_must_be_found_is_found(row: dict[str, str]) -> None:
    path = SHARED_DATA / "formats" / row["file"]
    if path.suffix in OLD:
        with pytest.raises(UnreadableDocument, match=r"old .* are not supported; saved as"):
            text_of(path)
        return
    text = text_of(path)
    assert [wanted for wanted in row["must_contain"].split("|") if wanted not in text] == []


@pytest.mark.parametrize("row", parameters("nasty"))
def test_a_nasty_file_is_read_or_refused_in_time(row: dict[str, str]) -> None:
    started = time.monotonic()
    allowed = row["expected"].endswith("clear_error")
    with suppress(UnreadableDocument) if allowed else nullcontext():
        text = text_of(SHARED_DATA / "nasty" / row["file"])
        assert row["expected"] != "clear_error"
        assert row["expected"] != "index" or row["must_contain"] in text
    assert time.monotonic() - started < MOST_SECONDS
