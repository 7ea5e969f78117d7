"""What a chunk stands under: title, headings and table header, never too much of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest.chunking import Chunker
from askbucket.ingest.trail import HEADER_CHARS, NAME_CHARS, PATH_CHARS, title_of
from askbucket.models import Line, Page
from tests.unit.ingest.marked_pages import page_of, pages, table


def contexts(*given: Page, title: str = "") -> list[str]:
    return [chunk.context for chunk in Chunker(100, 0).chunks(given, paged=True, title=title)]


def section(heading: str, level: int) -> list[Line]:
    return [Line(heading, heading=level), Line("word " * 17)]


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("filings/2018/AMAZON_2017_10K.pdf", "AMAZON 2017 10K"),
        ("notes", "notes"),
        ("a/b.c/Report - final__v2.docx", "Report final v2"),
        ("über/Größe 3.5.txt", "Größe 3.5"),
        (".env", ".env"),
    ],
)
def test_the_file_names_the_document(key: str, title: str) -> None:
    assert title_of(key) == title


def test_headings_end_with_their_level_and_go_on_over_pages() -> None:
    first = page_of(1, [section("Part I", 1), section("Sales", 2)])
    second = page_of(2, [[Line("word " * 17)], section("Costs", 2), section("Part II", 1)])
    assert contexts(first, second, title="annual report") == [
        "annual report",
        "annual report > Part I",
        "annual report > Part I > Sales",
        "annual report > Part I",
        "annual report",
    ]


def test_without_title_and_headings_there_is_no_context() -> None:
    assert contexts(page_of(1, [[Line("word " * 30)]])) == ["", ""]


def test_the_nearest_headings_are_kept_where_there_are_too_many() -> None:
    deep = [Line(f"{level} {'long ' * 30}", heading=level) for level in range(1, 6)]
    [*_, last] = contexts(page_of(1, [deep, [Line("word " * 40)]]), title="handbook")
    assert last.startswith("handbook > 4 long")
    assert " > 5 long" in last


def test_a_heading_may_have_several_lines() -> None:
    lines = [Line(text, heading=1) for text in ("Harbour Company", "Balance Sheets")]
    assert contexts(page_of(1, [lines, [Line("word " * 40)]]))[-1] == (
        "Harbour Company Balance Sheets"
    )


def test_short_lines_above_a_table_go_with_each_piece_of_it() -> None:
    above = [Line("word " * 25), Line("Sales by year"), Line("in millions")]
    _, *rest = contexts(page_of(1, [above, table([], ["2001 | 100"] * 30)]), title="report")
    assert rest[-1] == "report\nSales by year\nin millions"


def test_a_header_that_is_too_long_is_left_out() -> None:
    header = " | ".join(["column"] * 100)
    assert set(contexts(page_of(1, [table([header], ["1 | 2"] * 40)]))) == {""}


def test_a_running_head_is_no_heading() -> None:
    def page(number: int, *headings: str) -> Page:
        return page_of(number, [[Line(each, heading=1) for each in headings], [Line("word " * 40)]])

    first, *rest = contexts(page(1, "Table of Contents"), page(2, "Table of Contents", "Costs"))
    assert first == ""
    assert rest[-1] == "Costs"
    assert contexts(page(1, "Table of Contents"), page(2, "Table of Contents"))[-1] == ""


def test_what_follows_a_running_head_does_not_join_what_stood_open_before() -> None:
    def page(number: int, heading: str) -> Page:
        heads = [Line("Harbour Company", heading=4), Line(heading, heading=4)]
        return page_of(number, [heads, [Line(f"word{number} " * 30)]])

    assert contexts(page(1, "Balance Sheets"), page(2, "Cash Flows"))[-1] == "Cash Flows"


def test_a_running_head_is_no_part_of_the_section_before() -> None:
    def page(number: int, heading: str) -> Page:
        heads = [Line("Table of Contents"), Line(heading, heading=4)]
        return page_of(number, [heads, [Line(f"word{number} " * 30)]])

    before = page(1, "Basis for Opinion")
    second = contexts(before, page(2, "Balance Sheets"))[len(contexts(before)) :]
    assert (second[0], second[-1]) == ("", "Balance Sheets")


def test_a_tables_name_is_told_once() -> None:
    name = [Line("Harbour Company", heading=4), Line("Balance Sheets", heading=4)]
    whole = page_of(1, [name, [*table(["| 2021"], ["Cash | 100"] * 30)]])
    assert contexts(whole, title="report")[-1].split("\n")[:4] == [
        "report",
        "Harbour Company",
        "Balance Sheets",
        "| 2021",
    ]


@given(pages=pages(), title=st.text(max_size=300))
def test_a_context_is_bounded(pages: list[Page], title: str) -> None:
    for context in contexts(*pages, title=title):
        assert len(context) <= PATH_CHARS + 2 * HEADER_CHARS + 3 * NAME_CHARS + 4
        assert context == context.strip("\n")
