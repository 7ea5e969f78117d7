"""Tables among words with boxes, and what is none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest.pdf.cells import Rule, Table
from askbucket.ingest.pdf.grid import tables_of
from askbucket.ingest.pdf.words import Word
from tests.unit.ingest.typesetting import HEIGHT, LEADING, block, figures, line

EDGES = (0.6, 0.75, 0.9)
BODY = [
    ["Net sales", "34,229", "35,355", "32,184"],
    ["Cost of sales", "19,232", "18,795", "16,605"],
    ["Gain on divestitures", "(2,724)", "—", "(389)"],
    ["Operating income", "6,539", "7,369", "7,161"],
]


def rows(table: Table) -> list[str]:
    return [f"* {row.text}" if row.header else row.text for row in table.rows]


def test_a_statement_is_a_table_with_its_years_as_header() -> None:
    # given
    words = line("Consolidated Statement of Income for all three years", 0.1, 0.1)
    words += figures([["", "2022", "2021", "2020"], *BODY], 0.2, EDGES)
    words += line("See the notes, which are a part of these statements, on page 17.", 0.1, 0.32)
    # when
    [table] = tables_of(words)
    # then
    assert rows(table) == [
        "*  | 2022 | 2021 | 2020",
        "Net sales | 34,229 | 35,355 | 32,184",
        "Cost of sales | 19,232 | 18,795 | 16,605",
        "Gain on divestitures | (2,724) | — | (389)",
        "Operating income | 6,539 | 7,369 | 7,161",
    ]


@given(st.permutations(figures(BODY, 0.2, EDGES)))
def test_the_words_order_does_not_matter(words: list[Word]) -> None:
    [table] = tables_of(words)
    assert [row.text for row in table.rows] == [" | ".join(row) for row in BODY]


def test_the_very_words_given_are_those_in_the_cells() -> None:
    words = figures(BODY, 0.2, EDGES)
    [table] = tables_of(words)
    assert {id(word) for word in table.words} == {id(word) for word in words}


def test_signs_join_the_number_they_belong_to() -> None:
    words: list[Word] = []
    for number, (label, first, second) in enumerate(
        [("Sales", "1,240", "12.5"), ("Costs", "(300", "(3.0"), ("Profit", "940", "9.5")]
    ):
        down = 0.2 + LEADING * number
        words += line(label, 0.1, down)
        words += [*line("$", 0.5, down), *line(first, 0.55, down)]
        words += [*line(second, 0.75, down), *line(")%" if "(" in second else "%", 0.8, down)]
        if "(" in first:
            words += line(")", 0.6, down)
    [table] = tables_of(words)
    assert rows(table) == [
        "Sales | $ 1,240 | 12.5 %",
        "Costs | $ (300 ) | (3.0 )%",
        "Profit | $ 940 | 9.5 %",
    ]


def test_an_empty_cell_keeps_its_place() -> None:
    body = [*BODY[:2], ["Impairment", "", "271", ""], *BODY[3:]]
    [table] = tables_of(figures(body, 0.2, EDGES))
    assert table.rows[2].text == "Impairment |  | 271"


def test_leaders_are_left_out() -> None:
    words = figures(BODY, 0.2, EDGES)
    words += line("...........", 0.35, 0.2) + line(". . . . . .", 0.35, 0.2 + LEADING)
    [table] = tables_of(words)
    assert [row.text for row in table.rows] == [" | ".join(row) for row in BODY]


def test_a_label_of_two_lines_is_one_row_and_one_box() -> None:
    words = figures([*BODY[:2], ["Net cash used in"], ["investing", "5", "6", "7"]], 0.2, EDGES)
    [table] = tables_of(words)
    assert table.rows[-1].text == "Net cash used in investing | 5 | 6 | 7"
    *_, last = table.lines(1)
    assert last.box is not None
    assert last.box.top == pytest.approx(0.2 + 2 * LEADING)
    assert last.box.height == pytest.approx(LEADING + HEIGHT)


def test_sections_inside_a_table_are_rows_of_it() -> None:
    words = figures([BODY[0], ["Costs and expenses:"], *BODY[1:]], 0.2, EDGES)
    [table] = tables_of(words)
    assert table.rows[1].text == "Costs and expenses:"
    assert not table.rows[1].header


def test_a_second_row_of_years_begins_another_table() -> None:
    years = ["", "2022", "2021", "2020"]
    words = figures([years, *BODY, years, *BODY], 0.2, EDGES)
    assert [[row.header for row in table.rows] for table in tables_of(words)] == [
        [True, False, False, False, False],
        [True, False, False, False, False],
    ]


def test_short_words_in_three_columns_are_a_table() -> None:
    people = [("Ada Lock", "Keeper", "Northport"), ("Ben Weir", "Warden", "Southport")] * 2
    words = [
        replace(word, bold=True)
        for text, left in (("Name", 0.1), ("Office", 0.4), ("Town", 0.7))
        for word in line(text, left, 0.18)
    ]
    for number, person in enumerate(people):
        for text, left in zip(person, (0.1, 0.4, 0.7), strict=True):
            words += line(text, left, 0.2 + LEADING * number)
    [table] = tables_of(words)
    assert rows(table)[:2] == ["* Name | Office | Town", "Ada Lock | Keeper | Northport"]


LETTER = block(
    ["In 2021 the bridge carried 4,200 lorries and in 2022 it carried", "5,100 of them."] * 6,
    0.1, 0.1,
)  # fmt: skip
CONTENTS = figures(
    [[f"Chapter {each} on the keepers", "", "", str(3 * each)] for each in range(1, 12)],
    0.2, EDGES,
)  # fmt: skip
PARTS = [
    word
    for each in range(1, 12)
    for text, left in ((f"Item {each}.", 0.1), ("On the keepers", 0.25), (str(3 * each), 0.9))
    for word in line(text, left, 0.1 + LEADING * each)
]
LIST = [
    word
    for each in range(1, 12)
    for text, left in ((f"{each}.", 0.1), ("The keeper shall watch the water by night", 0.14))
    for word in line(text, left, 0.1 + LEADING * each)
]
ADDRESSES = block(["Ada Lock", "Bridge House", "Northport 12345"] * 2, 0.1, 0.1) + block(
    ["Ben Weir", "Mill Lane", "Southport 54321"] * 2, 0.6, 0.1
)


@pytest.mark.parametrize(
    "words",
    [LETTER, CONTENTS, PARTS, LIST, ADDRESSES, []],
    ids=["prose", "contents", "contents in three columns", "list", "addresses", "nothing"],
)
def test_what_only_looks_like_a_table_is_none(words: list[Word]) -> None:
    assert tables_of(words) == []


def drawn(xs: tuple[float, ...], ys: tuple[float, ...]) -> list[Rule]:
    across = [Rule(xs[0], y, xs[-1], y) for y in ys]
    return across + [Rule(x, ys[0], x, ys[-1]) for x in xs]


def test_a_drawn_table_has_the_cells_that_are_drawn() -> None:
    # given: two columns, which alone would be no table, and a cell of two lines
    xs, ys = (0.1, 0.4, 0.9), (0.1, 0.14, 0.19, 0.23)
    words = line("Duty", 0.12, 0.11) + line("Who does it", 0.42, 0.11)
    words += line("Lamp", 0.12, 0.15) + block(
        ["the keeper at night,", "the boy by day"], 0.42, 0.15
    )
    words += line("Bell", 0.12, 0.2) + line("the warden", 0.42, 0.2)
    # when
    [table] = tables_of(words, drawn(xs, ys))
    # then
    assert rows(table) == [
        "* Duty | Who does it",
        "Lamp | the keeper at night, the boy by day",
        "Bell | the warden",
    ]


def test_a_cell_over_two_drawn_columns_stands_in_the_first() -> None:
    xs, ys = (0.1, 0.4, 0.6, 0.8), (0.1, 0.14, 0.18, 0.22)
    rules = [Rule(xs[0], y, xs[-1], y) for y in ys]
    rules += [Rule(x, 0.14 if x == 0.6 else 0.1, x, 0.22) for x in xs]
    words = line("Tolls", 0.12, 0.11) + line("Year ended in December", 0.5, 0.11)
    words += line("Cars", 0.12, 0.15) + line("12", 0.42, 0.15) + line("13", 0.62, 0.15)
    words += line("Carts", 0.12, 0.19) + line("7", 0.42, 0.19) + line("8", 0.62, 0.19)
    [table] = tables_of(words, rules)
    assert rows(table) == ["* Tolls | Year ended in December", "Cars | 12 | 13", "Carts | 7 | 8"]


def test_a_frame_around_prose_is_no_table() -> None:
    frame = drawn((0.05, 0.95), (0.05, 0.5))
    assert tables_of(LETTER, frame) == []


def test_a_drawing_of_many_lines_is_given_up_at_once() -> None:
    rules = [Rule(0.1, n / 9000, 0.9, n / 9000) for n in range(6000)]
    assert tables_of(LETTER, [*rules, Rule(0.5, 0, 0.5, 1)]) == []
