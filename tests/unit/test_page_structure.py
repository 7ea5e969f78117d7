"""What the offline endpoint finds on a page beside its text: ruling lines, pairs, parts."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from local.ocr.page_text import Box, Line, Word
from local.ocr.rules import ruling_lines
from local.textract.forms import pairs_of
from local.textract.layout import parts_of


def _line(text: str, left: float = 0.1, top: float = 0.1, height: float = 0.02) -> Line:
    """A line whose words are a letter's width apart; two spaces are a wide gap."""
    words = []
    for part in text.split(" "):
        if part:
            right = left + 0.01 * len(part)
            words.append(Word(part, Box(left, top, right, top + height), 99.0))
            left = right + 0.01
        else:
            left += 0.1
    return Line(tuple(words))


def _found(*lines: Line) -> list[tuple[str, str]]:
    return [(_text(pair.key), _text(pair.value)) for pair in pairs_of(lines)]


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


# --- ruling lines -------------------------------------------------------------------------------


def test_drawn_lines_are_found_where_they_are() -> None:
    paper = Image.new("L", (1000, 1000), 255)
    draw = ImageDraw.Draw(paper)
    draw.line((100, 300, 900, 300), fill=60, width=3)
    draw.line((500, 200, 500, 800), fill=60, width=3)
    across, down = ruling_lines(paper)
    assert (across.left, across.right) == pytest.approx((0.1, 0.9), abs=0.004)
    assert (across.top, across.bottom) == pytest.approx((0.3, 0.3), abs=0.004)
    assert (down.top, down.bottom) == pytest.approx((0.2, 0.8), abs=0.004)
    assert (down.left, down.right) == pytest.approx((0.5, 0.5), abs=0.004)


def test_bars_specks_and_blank_paper_are_no_lines() -> None:
    paper = Image.new("L", (1000, 1000), 255)
    assert ruling_lines(paper) == []
    draw = ImageDraw.Draw(paper)
    draw.rectangle((100, 100, 900, 140), fill=0)
    draw.line((100, 500, 115, 500), fill=0, width=2)
    assert ruling_lines(paper) == []


def test_a_line_with_a_gap_of_specks_is_one() -> None:
    paper = Image.new("L", (1000, 1000), 255)
    draw = ImageDraw.Draw(paper)
    draw.line((100, 300, 900, 300), fill=0, width=3)
    draw.rectangle((400, 295, 402, 305), fill=255)
    (found,) = ruling_lines(paper)
    assert found.width == pytest.approx(0.8, abs=0.005)


# --- forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Invoice date: 4 May 2024", ("Invoice date:", "4 May 2024")),
        ("Total : 9.00", ("Total :", "9.00")),
        ("Name ........ Anna", ("Name ........", "Anna")),
        ("Total:  9.00", ("Total:", "9.00")),
    ],
)
def test_key_and_value_on_a_line_are_a_pair(text: str, pair: tuple[str, str]) -> None:
    assert _found(_line(text)) == [pair]


@pytest.mark.parametrize(
    "text",
    [
        "a sentence without any key",
        "we met at 10: and left at 12:",
        "12:30 arrival",
        "this sentence is far too long for a key: it is prose",
        "Note: this goes on and on for many more words than any value would do",
        "From: To: Hull",
        "Signature:",
        "5 ..... 7",
    ],
)
def test_what_may_be_prose_is_no_pair(text: str) -> None:
    assert _found(_line(text)) == []


def test_a_value_beside_or_below_its_key_is_found() -> None:
    beside = (_line("Total:"), _line("9.00", left=0.4))
    below = (_line("Customer:", top=0.3), _line("Harbour Office", top=0.33))
    assert _found(*beside, *below) == [("Total:", "9.00"), ("Customer:", "Harbour Office")]


def test_a_value_far_away_or_of_another_key_is_left_alone() -> None:
    assert _found(_line("Total:"), _line("9.00", left=0.8), _line("prose", top=0.5)) == []
    assert _found(_line("Total:"), _line("Date: today", left=0.3)) == [("Date:", "today")]


def test_a_value_answers_one_key_only() -> None:
    lines = (_line("Total:"), _line("Sum:", left=0.3), _line("9.00", left=0.45))
    assert [value for _, value in _found(*lines)] == ["9.00"]


# --- layout -------------------------------------------------------------------------------------


def _kinds(*lines: Line, table: tuple[Line, ...] = ()) -> list[tuple[str, int]]:
    words = {id(word) for line in table for word in line.words}
    return [(part.kind, len(part.lines) or len(part.parts)) for part in parts_of(lines, words, ())]


def test_parts_are_told_by_size_place_and_first_letters() -> None:
    body = [_line(f"running text number {n}", top=0.3 + 0.03 * n) for n in range(4)]
    items = [_line("• salt", top=0.5), _line("2) grain", top=0.53)]
    row = _line("a 1", top=0.7)
    assert _kinds(
        _line("Harbour Board", top=0.01),
        _line("The Report", top=0.1, height=0.05),
        _line("Part one", top=0.2, height=0.028),
        *body,
        *items,
        row,
        _line("confidential", top=0.95),
        _line("Page 3 of 4", top=0.97),
        table=(row,),
    ) == [
        ("LAYOUT_HEADER", 1),
        ("LAYOUT_TITLE", 1),
        ("LAYOUT_SECTION_HEADER", 1),
        ("LAYOUT_TEXT", 4),
        ("LAYOUT_LIST", 2),
        ("LAYOUT_TABLE", 1),
        ("LAYOUT_FOOTER", 1),
        ("LAYOUT_PAGE_NUMBER", 1),
    ]


def test_a_wide_gap_parts_paragraphs() -> None:
    tops = (0.3, 0.325, 0.4, 0.425)
    assert _kinds(*(_line("running text", top=top) for top in tops)) == [("LAYOUT_TEXT", 2)] * 2


def test_a_page_without_lines_has_no_parts() -> None:
    assert _kinds() == []
