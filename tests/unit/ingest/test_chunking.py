"""Chunks are slices of their page, with its lines' boxes, and together they are all of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest.chunking import LARGER, Chunker, halves_of
from askbucket.ingest.searched import meaning_of
from askbucket.models import Box, Chunk, Line, Page
from tests.unit.ingest.marked_pages import page_of, pages, table

SIZES = st.integers(8, 60).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1)))


def boxed(texts: list[str]) -> tuple[Line, ...]:
    """Lines whose boxes tell them apart."""
    return tuple(Line(text, Box(0, number / 100, 1, 0.01)) for number, text in enumerate(texts))


def prose(text: str) -> Page:
    return Page(1, (Line(text),))


def texts_of(chunker: Chunker, *given: Page) -> list[str]:
    return [chunk.text for chunk in chunker.chunks(given, paged=True)]


def assert_of_page(chunk: Chunk, page: Page) -> None:
    """The chunk is where it says it is, and so are its boxes."""
    assert chunk.text == page.text[chunk.start : chunk.end]
    first = page.text.count("\n", 0, chunk.start)
    last = page.text.count("\n", 0, chunk.end)
    boxes = [line.box for line in page.lines[first : last + 1] if line.box]
    assert chunk.boxes == tuple(boxes)


def lost(chunks: list[Chunk], page: Page) -> str:
    """What is in no chunk, but for white space."""
    kept = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
    rest = "".join(letter for at, letter in enumerate(page.text) if at not in kept)
    return "".join(rest.split())


def lines_of(page: Page) -> Iterator[tuple[Line, int, int]]:
    """Each line with its start and end in the page's text."""
    at = 0
    for line in page.lines:
        yield line, at, at + len(line.text)
        at += len(line.text) + 1


@given(pages=pages(), sizes=SIZES)
def test_chunks_are_slices_of_their_pages_and_lose_nothing(
    pages: list[Page], sizes: tuple[int, int]
) -> None:
    chunks = list(Chunker(*sizes).chunks(pages, paged=True))
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.page for chunk in chunks] == sorted(chunk.page or 0 for chunk in chunks)
    for page in pages:
        own = [chunk for chunk in chunks if chunk.page == page.number]
        assert [chunk.start for chunk in own] == sorted(chunk.start for chunk in own)
        assert lost(own, page) == ""
        for chunk in own:
            assert chunk.text == chunk.text.strip() != ""
            assert_of_page(chunk, page)


@given(pages=pages(), sizes=SIZES)
def test_rows_stay_whole_and_only_they_make_a_chunk_larger(
    pages: list[Page], sizes: tuple[int, int]
) -> None:
    for page in pages:
        rows = [(start, end) for line, start, end in lines_of(page) if line.table]
        for chunk in Chunker(*sizes).chunks([page], paged=True):
            within = [row for row in rows if row[0] < chunk.end and chunk.start < row[1]]
            for start, end in within:
                text = page.text[start:end]
                assert text.strip() in chunk.text
            longest = max((end - start + 1 for start, end in within), default=0)
            assert len(chunk.text) <= max(LARGER * sizes[0], longest)


@given(pages=pages(), sizes=SIZES)
def test_the_same_pages_make_the_same_chunks(pages: list[Page], sizes: tuple[int, int]) -> None:
    chunker = Chunker(*sizes)
    assert list(chunker.chunks(pages, paged=False)) == list(chunker.chunks(pages, paged=False))


def test_pages_are_read_when_their_turn_comes() -> None:
    taken = []

    def slow() -> Iterator[Page]:
        for number in range(1, 4):
            taken.append(number)
            yield page_of(number, [[Line("some words")]])

    chunks = Chunker(100, 0).chunks(slow(), paged=True)
    assert taken == []
    assert (next(chunks).page, taken) == (1, [1])
    assert (next(chunks).page, taken) == (2, [1, 2])


@given(pages=pages())
def test_halves_are_slices_of_the_page_and_lose_nothing(pages: list[Page]) -> None:
    """Cut as often as it takes, as an embedder's limit may ask."""
    for page in pages:
        pieces = list(Chunker(1000, 0).chunks([page], paged=True, title="a title"))
        done = []
        while pieces:
            piece = pieces.pop(0)
            assert piece.text.strip()
            assert_of_page(piece, page)
            if len(meaning_of(piece)) <= 3:
                done.append(piece)
            else:
                pieces = [*halves_of(piece), *pieces]
        assert lost(done, page) == ""
        assert [piece.start for piece in done] == sorted(piece.start for piece in done)


def test_halves_keep_rows_whole_and_the_context() -> None:
    text = "Net sales | 34,229\nCost of sales and a long note to it | 19,232\nTax | 612"
    left, right = halves_of(Chunk(0, 1, 0, len(text), text, context="Item 8"))
    assert left.text == "Net sales | 34,229"
    assert right.text.splitlines() == text.splitlines()[1:]
    assert (left.context, right.context) == ("Item 8", "Item 8")


def test_a_context_longer_than_its_text_goes_before_the_text_is_cut() -> None:
    chunk = Chunk(0, 1, 0, 5, "words", context="a long way down")
    assert halves_of(chunk) == (Chunk(0, 1, 0, 5, "words"),)


def test_one_character_cannot_be_cut() -> None:
    with pytest.raises(ValueError, match="one character"):
        halves_of(Chunk(0, 1, 0, 1, "a"))


def test_a_heading_begins_a_chunk_and_ends_none() -> None:
    page = page_of(
        1,
        [
            [Line("Costs", heading=1), Line("word " * 15)],
            [Line("Sales", heading=1), Line("In short", heading=2), Line("text " * 30)],
        ],
    )
    texts = texts_of(Chunker(100, 0), page)
    assert texts[0] == page.lines[0].text + "\n" + page.lines[1].text.strip()
    assert texts[1].startswith("Sales\nIn short\ntext ")


def test_a_heading_with_nothing_below_it_stays() -> None:
    page = page_of(1, [[Line("word " * 15)], [Line("Continued overleaf", heading=1)]])
    assert "Continued overleaf" in texts_of(Chunker(100, 0), page)[-1]


def test_short_sections_share_a_chunk() -> None:
    sections = [[Line(f"Part {n}", heading=2), Line("Few words.")] for n in range(8)]
    chunks = texts_of(Chunker(100, 0), page_of(1, sections))
    assert len(chunks) == 2
    assert all(chunk.startswith("Part") for chunk in chunks)


def test_a_short_end_joins_the_chunk_before_it() -> None:
    assert len(texts_of(Chunker(100, 0), prose("word " * 19 + "and the end."))) == 1


def test_chunks_end_where_sentences_do() -> None:
    text = "Mr. A. Berg paid 3.50 to Inc. Two in the U.S. market. It was late! Was it? Yes."
    assert texts_of(Chunker(80, 0), prose(text)) == [
        "Mr. A. Berg paid 3.50 to Inc. Two in the U.S. market.",
        "It was late! Was it? Yes.",
    ]


@pytest.mark.parametrize(
    "text", ["价格为三。他说：“好。”我们走吧。", "यह एक है। यह दो है। यह तीन है।", "هل هذا؟ نعم. هنا؟"]
)
def test_sentences_end_in_other_scripts_too(text: str) -> None:
    chunks = texts_of(Chunker(30, 0), prose(text))
    assert len(chunks) > 1
    assert all(chunk[-1] in "。”।؟." for chunk in chunks)


def test_a_run_without_any_border_is_cut() -> None:
    chunks = texts_of(Chunker(100, 0), prose("x" * 1000))
    assert "".join(chunks) == "x" * 1000
    assert max(map(len, chunks)) <= 120


def test_figures_and_signs_count_three_times() -> None:
    """An embedder makes as many tokens of them."""
    words = texts_of(Chunker(300, 0), prose("eleven " * 100))
    figures = texts_of(Chunker(300, 0), prose("11,500 " * 100))
    assert words[0].split() == ["eleven"] * (300 // 7)
    assert figures[0].split() == ["11,500"] * (300 // (6 * 3 + 1))


def test_room_between_lines_parts_paragraphs() -> None:
    lines = [Line("word " * 7, Box(0, top, 1, 0.01)) for top in (0.1, 0.112, 0.124, 0.15, 0.162)]
    first, second = texts_of(Chunker(120, 0), Page(1, tuple(lines)))
    assert (first.count("\n"), second.count("\n")) == (2, 1)


def test_a_table_that_fits_stays_whole() -> None:
    rows = table(["Year | Sales"], [f"{year} | {year}00" for year in range(2001, 2005)])
    page = page_of(1, [[Line("word " * 30)], rows, [Line("word " * 30)]])
    assert "\n".join(line.text for line in rows) in texts_of(Chunker(160, 20), page)


def test_pieces_of_a_larger_table_read_as_tables() -> None:
    rows = [f"{year} | {year}00" for year in range(2001, 2031)]
    page = page_of(1, [table(["Year | Sales"], rows)])
    first, *rest = Chunker(100, 0).chunks([page], paged=True, title="figures")
    assert first.text.startswith("Year | Sales\n2001 | 200100\n")
    assert first.context == "figures"
    assert {chunk.context for chunk in rest} == {"figures\nYear | Sales\n--- | ---"}
    assert "\n".join([first.text, *(chunk.text for chunk in rest)]) == page.text


def test_the_header_of_a_table_keeps_a_row() -> None:
    page = page_of(1, [[Line("word " * 17)], table(["Year | Sales"], ["2001 | 200100"] * 20)])
    headed = [text for text in texts_of(Chunker(100, 0), page) if "Year" in text]
    assert all("2001" in text for text in headed)
    assert len(headed) == 1


def test_overlap_repeats_whole_sentences() -> None:
    sentences = [f"Sentence {number} is here." for number in range(10)]
    chunks = texts_of(Chunker(100, 30), prose(" ".join(sentences)))
    for chunk, after in pairwise(chunks):
        assert after.startswith(chunk[-len(sentences[0]) :])


def test_a_short_last_line_is_located_where_it_stands() -> None:
    """Its text also stands at the end of the line before, within the overlap."""
    page = Page(1, boxed([f"{'word ' * 23}was 2012", "12"]))
    chunks = list(Chunker(100, 30).chunks([page], paged=True))
    assert chunks[-1].text.endswith("was 2012\n12")
    assert chunks[-1].boxes == tuple(line.box for line in page.lines)


def test_rows_that_repeat_are_located_where_they_stand() -> None:
    page = Page(1, boxed(["yes no"] * 40))
    chunks = list(Chunker(50, 14).chunks([page], paged=True))
    assert lost(chunks, page) == ""
    assert chunks[-1].end == len(page.text)


def test_formats_without_pages_have_neither_page_nor_boxes() -> None:
    [chunk] = Chunker(100, 10).chunks([Page(1, (Line("a"), Line("b")))], paged=False)
    assert (chunk.page, chunk.boxes, chunk.text) == (None, (), "a\nb")


def test_a_page_without_lines_has_no_chunks() -> None:
    empty = [Page(1, ()), Page(2, (Line(""), Line(" ")))]
    assert list(Chunker(100, 10).chunks(empty, paged=True)) == []


def test_an_overlap_larger_than_the_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Chunker(10, 11)


def test_a_page_of_very_many_lines_is_cut_in_time() -> None:
    """A sheet is a page, and time must not grow by the square of its rows."""
    rows = [Line(f"row {number} of | many", table=1) for number in range(50_000)]
    page = Page(7, (Line("row | count", table=1, header=True), *rows))
    chunks = list(Chunker(1000, 100).chunks([page], paged=True))
    assert lost(chunks, page) == ""
    for chunk in (chunks[0], chunks[len(chunks) // 2], chunks[-1]):
        assert_of_page(chunk, page)
