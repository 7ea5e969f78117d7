"""Chunks are slices of their page, with its lines' boxes, and together they are all of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest.chunking import Chunker, halves_of
from askbucket.models import Box, Chunk, Line, Page

WORDS = st.text("ab.é🚢 -\u3000", min_size=1, max_size=30).map(str.strip).filter(bool)
SIZES = st.integers(5, 60).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


def boxed(texts: list[str]) -> tuple[Line, ...]:
    """Lines whose boxes tell them apart."""
    return tuple(Line(text, Box(0, number / 100, 1, 0.01)) for number, text in enumerate(texts))


PAGES = st.lists(WORDS, min_size=1, max_size=8).map(lambda texts: Page(3, boxed(texts)))


def assert_of_page(chunk: Chunk, page: Page) -> None:
    """The chunk is where it says it is, and so are its boxes."""
    assert chunk.text == page.text[chunk.start : chunk.end]
    first = page.text.count("\n", 0, chunk.start)
    last = page.text.count("\n", 0, chunk.end)
    assert chunk.boxes == tuple(line.box for line in page.lines[first : last + 1])


def lost(chunks: list[Chunk], page: Page) -> str:
    """What is in no chunk. Full stops that end a chunk of nothing else cannot be told apart."""
    kept = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
    rest = "".join(letter for at, letter in enumerate(page.text) if at not in kept)
    return "".join(rest.split()).replace(".", "")


@given(page=PAGES, sizes=SIZES)
def test_chunks_are_slices_of_the_page_and_lose_nothing(page: Page, sizes: tuple[int, int]) -> None:
    chunks = list(Chunker(*sizes).chunks([page], paged=True))
    for number, chunk in enumerate(chunks):
        assert (chunk.number, chunk.page) == (number, 3)
        assert len(chunk.text) <= sizes[0]
        assert chunk.text == chunk.text.strip()
        assert_of_page(chunk, page)
    assert lost(chunks, page) == ""


@given(page=PAGES)
def test_halves_are_slices_of_the_page_and_lose_nothing(page: Page) -> None:
    """Cut as often as it takes, as an embedder's limit may ask."""
    [whole] = Chunker(1000, 0).chunks([page], paged=True)
    pieces, done = [whole], []
    while pieces:
        piece = pieces.pop(0)
        assert piece.text.strip()
        assert_of_page(piece, page)
        if len(piece.text) <= 3:
            done.append(piece)
        else:
            pieces = [*halves_of(piece), *pieces]
    assert lost(done, page) == ""
    assert [piece.start for piece in done] == sorted(piece.start for piece in done)


def test_a_short_last_line_is_located_where_it_stands() -> None:
    """Its text also stands at the end of the line before, within the overlap."""
    page = Page(1, boxed([f"{'word ' * 18}was 2012", "12"]))
    chunks = list(Chunker(100, 30).chunks([page], paged=True))
    assert chunks[-1].text == "12"
    assert chunks[-1].boxes == (page.lines[1].box,)


def test_rows_that_repeat_are_located_where_they_stand() -> None:
    page = Page(1, boxed(["yes no"] * 40))
    chunks = list(Chunker(50, 14).chunks([page], paged=True))
    assert lost(chunks, page) == ""
    assert chunks[-1].end == len(page.text)


def test_chunks_never_cross_pages_and_are_numbered_through() -> None:
    pages = [Page(number, boxed([f"page {number}"] * 5)) for number in (1, 2, 3)]
    chunks = list(Chunker(20, 0).chunks(pages, paged=True))
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    for page in pages:
        texts = [chunk.text for chunk in chunks if chunk.page == page.number]
        assert "\n".join(texts) == page.text


def test_formats_without_pages_have_neither_page_nor_boxes() -> None:
    [chunk] = Chunker(100, 10).chunks([Page(1, (Line("a"), Line("b")))], paged=False)
    assert (chunk.page, chunk.boxes, chunk.text) == (None, (), "a\nb")


def test_a_page_without_lines_has_no_chunks() -> None:
    assert list(Chunker(100, 10).chunks([Page(1, ()), Page(2, ())], paged=True)) == []


def test_an_overlap_larger_than_the_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Chunker(10, 11)


def test_one_character_cannot_be_cut() -> None:
    with pytest.raises(ValueError, match="one character"):
        halves_of(Chunk(0, 1, 0, 1, "a"))


def test_a_page_of_very_many_lines_is_cut_in_time() -> None:
    """A sheet is a page, and time must not grow by the square of its rows."""
    page = Page(7, boxed([f"row {number} of many" for number in range(20_000)]))
    chunks = list(Chunker(1000, 100).chunks([page], paged=True))
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert lost(chunks, page) == ""
    for chunk in (chunks[0], chunks[len(chunks) // 2], chunks[-1]):
        assert_of_page(chunk, page)
