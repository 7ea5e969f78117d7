"""Textract's analysis of a page becomes lines: rows, pairs, headings, and nothing lost or twice."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest.analysis import analysed_page
from askbucket.models import Box, Line

Block = dict[str, Any]


class Sheet:
    """A page's blocks as Textract would send them, made line by line."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._ids = count()

    def add(self, kind: str, **fields: Any) -> Block:
        box = {"Left": 0.1, "Top": 0.1, "Width": 0.1, "Height": 0.02} | fields.pop("box", {})
        related = fields.pop("related", {})
        block = {"BlockType": kind, "Id": f"b{next(self._ids)}", "Confidence": 90.0, **fields}
        block["Geometry"] = {"BoundingBox": box}
        ids = [{"Type": how, "Ids": [b["Id"] for b in of]} for how, of in related.items() if of]
        self.blocks.append(block | ({"Relationships": ids} if ids else {}))
        return self.blocks[-1]

    def line(self, text: str, top: float = 0.1) -> list[Block]:
        """The words of a new line, from left to right."""
        words = [
            self.add("WORD", Text=word, box={"Left": 0.1 * n, "Top": top, "Width": 0.05})
            for n, word in enumerate(text.split(), 1)
        ]
        self.add("LINE", Text=text, box={"Top": top}, related={"CHILD": words})
        return words

    def table(self, rows: list[list[list[Block]]], headers: int = 0) -> Block:
        cells = [
            self.add(
                "CELL",
                RowIndex=at,
                ColumnIndex=column,
                EntityTypes=["COLUMN_HEADER"] if at <= headers else [],
                box={"Left": 0.2 * column, "Top": 0.1 * at, "Width": 0.2, "Height": 0.1},
                related={"CHILD": words},
            )
            for at, row in enumerate(rows, 1)
            for column, words in enumerate(row, 1)
        ]
        return self.add("TABLE", related={"CHILD": cells})

    def pair(self, key: list[Block], value: list[Block]) -> None:
        holder = self.add("KEY_VALUE_SET", EntityTypes=["VALUE"], related={"CHILD": value})
        related = {"CHILD": key, "VALUE": [holder]}
        self.add("KEY_VALUE_SET", EntityTypes=["KEY"], related=related)

    def read(self) -> tuple[Line, ...]:
        return analysed_page(3, self.blocks).lines

    def texts(self) -> list[str]:
        return [line.text for line in self.read()]


@pytest.fixture
def sheet() -> Sheet:
    return Sheet()


def test_a_page_without_features_is_its_lines(sheet: Sheet) -> None:
    sheet.line("one  line of text", top=0.3)
    page = analysed_page(3, sheet.blocks)
    assert (page.number, page.source) == (3, "ocr")
    box = Box(0.1, 0.3, 0.1, pytest.approx(0.02))
    assert page.lines == (Line("one line of text", box, 90.0),)


def test_a_table_is_said_row_by_row_in_its_place(sheet: Sheet) -> None:
    # given
    sheet.line("before")
    name, price = sheet.line("Name Price")
    tea, four = sheet.line("Tea 4.00")
    sheet.line("after")
    sheet.table([[[name], [price]], [[tea], [four]]], headers=1)
    # then
    before, header, row, after = sheet.read()
    assert [line.text for line in (before, header, row, after)] == [
        "before",
        "Name | Price",
        "Tea | 4.00",
        "after",
    ]
    assert [(line.table, line.header) for line in (before, header, row, after)] == [
        (0, False),
        (1, True),
        (1, False),
        (0, False),
    ]
    assert row.box == Box(0.2, 0.2, pytest.approx(0.4), pytest.approx(0.1))
    assert row.confidence == 90.0


def test_an_unmarked_table_is_headed_by_its_first_row_of_several_cells(sheet: Sheet) -> None:
    title = sheet.line("Prices")
    name, price = sheet.line("Name Price")
    tea, four = sheet.line("Tea 4.00")
    sheet.table([[title, []], [[name], [price]], [[tea], [four]]])
    assert [(line.text, line.header) for line in sheet.read()] == [
        ("Prices", False),
        ("Name | Price", True),
        ("Tea | 4.00", False),
    ]


def test_empty_cells_keep_the_columns_apart(sheet: Sheet) -> None:
    year, next_year = sheet.line("2023 2024")
    tea, four = sheet.line("Tea 4.00")
    sheet.table([[[], [year], [next_year]], [[tea], [], [four]], [[], [], []]])
    assert sheet.texts() == [" | 2023 | 2024", "Tea |  | 4.00"]


def test_merged_cells_are_said_once(sheet: Sheet) -> None:
    # given
    both, years = sheet.line("Both years")
    tea, four, five = sheet.line("Tea 4 5")
    table = sheet.table([[[], [both], [years]], [[tea], [four], [five]]])
    cells = [block for block in sheet.blocks if block["BlockType"] == "CELL"]
    merged = sheet.add("MERGED_CELL", related={"CHILD": cells[1:3]})
    table["Relationships"].append({"Type": "MERGED_CELL", "Ids": [merged["Id"]]})
    # then
    assert sheet.texts() == [" | Both years", "Tea | 4 | 5"]


def test_two_tables_are_counted(sheet: Sheet) -> None:
    for _ in range(2):
        words = [sheet.line("a b"), sheet.line("c d")]
        sheet.table([[[word] for word in row] for row in words])
    assert [line.table for line in sheet.read()] == [1, 1, 2, 2]


def test_a_frame_around_a_text_is_no_table(sheet: Sheet) -> None:
    sheet.table([[sheet.line("a note")], [sheet.line("in a frame")]])
    assert [(line.text, line.table) for line in sheet.read()] == [("a note", 0), ("in a frame", 0)]


@pytest.mark.parametrize("key", ["Date:", "Date", "Date ....", "Date :"])
def test_a_pair_is_said_as_key_and_value(sheet: Sheet, key: str) -> None:
    words = sheet.line(f"{key} 4 May  page")
    named = len(key.split())
    sheet.pair(words[:named], words[named : named + 2])
    assert sheet.texts() == ["Date: 4 May", "page"]


def test_a_value_below_its_key_is_said_with_it(sheet: Sheet) -> None:
    date, total = sheet.line("Date Total")
    day, sum_ = sheet.line("4.5. 9.00")
    sheet.pair([date], [day])
    sheet.pair([total], [sum_])
    assert sheet.texts() == ["Date: 4.5.", "Total: 9.00"]


@pytest.mark.parametrize(("status", "shown"), [("SELECTED", "[x]"), ("NOT_SELECTED", "[ ]")])
def test_a_check_box_is_shown_as_it_stands(sheet: Sheet, status: str, shown: str) -> None:
    words = sheet.line("Married")
    box = sheet.add("SELECTION_ELEMENT", SelectionStatus=status)
    sheet.pair(words, [box])
    assert sheet.texts() == [f"Married: {shown}"]


def test_a_key_without_a_value_stays_the_line_it_was(sheet: Sheet) -> None:
    sheet.pair(sheet.line("Signature:"), [])
    name, blank = sheet.line("Name: ____")
    sheet.pair([name], [blank])
    assert sheet.texts() == ["Signature:", "Name: ____"]


def test_a_pair_inside_a_table_is_left_to_the_table(sheet: Sheet) -> None:
    rows = [sheet.line("Tax 1"), sheet.line("Total 9")]
    sheet.table([[[word] for word in row] for row in rows])
    sheet.pair(rows[1][:1], rows[1][1:])
    assert sheet.texts() == ["Tax | 1", "Total | 9"]


def test_layout_gives_the_order_and_the_headings(sheet: Sheet) -> None:
    # given: two columns read across, the right order by the layout alone
    for text in ("Report", "left one", "right one", "left two", "loose", "right two", "Part"):
        sheet.line(text)
    line = {block["Text"]: block for block in sheet.blocks if block["BlockType"] == "LINE"}
    # when
    sheet.add("LAYOUT_TITLE", related={"CHILD": [line["Report"]]})
    sheet.add("LAYOUT_SECTION_HEADER", related={"CHILD": [line["Part"]]})
    item = sheet.add("LAYOUT_TEXT", related={"CHILD": [line["left one"], line["left two"]]})
    sheet.add("LAYOUT_LIST", related={"CHILD": [item]})
    sheet.add("LAYOUT_TEXT", related={"CHILD": [line["right one"], line["right two"]]})
    # then: what the layout leaves out follows the line it followed
    assert [(each.text, each.heading) for each in sheet.read()] == [
        ("Report", 1),
        ("Part", 2),
        ("left one", 0),
        ("left two", 0),
        ("loose", 0),
        ("right one", 0),
        ("right two", 0),
    ]


def test_references_to_blocks_that_did_not_come_count_for_nothing(sheet: Sheet) -> None:
    words = [sheet.line("a b"), sheet.line("c d")]
    table = sheet.table([[[word] for word in row] for row in words])
    table["Relationships"].append({"Type": "MERGED_CELL", "Ids": ["gone"]})
    table["Relationships"].append({"Type": "CHILD", "Ids": ["gone"]})
    assert sheet.texts() == ["a | b", "c | d"]


TOKENS = st.text("abcxyz", min_size=1, max_size=3)


@given(st.data())
def test_every_word_is_said_exactly_once(data: st.DataObject) -> None:
    """Whatever is claimed by tables and pairs, even by several at once."""
    sheet = Sheet()
    texts = data.draw(st.lists(st.lists(TOKENS, min_size=1, max_size=5), min_size=1, max_size=6))
    words = [word for text in texts for word in sheet.line(" ".join(text))]
    some = st.lists(st.sampled_from(words), max_size=3, unique_by=lambda word: str(word["Id"]))
    for _ in range(data.draw(st.integers(0, 2))):
        shuffled = data.draw(st.permutations(words))
        sizes = data.draw(st.lists(st.integers(0, 2), min_size=4, max_size=4))
        parts = iter(shuffled)
        cells = [[next(parts) for _ in range(min(size, len(words) // 4))] for size in sizes]
        sheet.table([cells[:2], cells[2:]])
    for _ in range(data.draw(st.integers(0, 3))):
        key = data.draw(some)
        sheet.pair(key, [word for word in data.draw(some) if word not in key])
    lines = [block for block in sheet.blocks if block["BlockType"] == "LINE"]
    for part in data.draw(st.lists(st.lists(st.sampled_from(lines), max_size=3), max_size=3)):
        sheet.add("LAYOUT_TEXT", related={"CHILD": part})
    said = " ".join(sheet.texts()).replace("|", " ").replace(":", " ").split()
    assert Counter(said) == Counter(str(word["Text"]) for word in words)
