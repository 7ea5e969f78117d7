"""Bold lines that are headings: not in prose, and in several lines only right above a table."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from askbucket.ingest.pdf.headings import BOLD_LEVEL, Body, levels_of
from askbucket.ingest.pdf.words import Word
from tests.unit.ingest.typesetting import LETTER, line

BODY = Body(12.0, bold=False)
TABLE: Sequence[Word] = ()
NAME = ["Harbour Company", "Consolidated Balance Sheets", "At December 31"]


def bold(texts: Sequence[str], top: float = 0.3) -> list[list[Word]]:
    return [line(text, 0.3, top + 0.015 * at, bold=True) for at, text in enumerate(texts)]


def prose(text: str = "All amounts are audited.", top: float = 0.5) -> list[Word]:
    return line(text, 0.1, top)


def test_the_name_of_a_table_may_have_several_lines() -> None:
    assert levels_of([*bold(NAME), TABLE], BODY) == [BOLD_LEVEL] * 3 + [0]


def test_the_name_of_a_table_may_stand_at_the_very_top() -> None:
    assert levels_of([*bold(NAME, top=0.01), TABLE], BODY) == [BOLD_LEVEL] * 3 + [0]


def test_a_unit_in_brackets_may_stand_between() -> None:
    unit = prose("(in millions, except per share data)")
    assert levels_of([*bold(NAME), unit, TABLE], BODY) == [BOLD_LEVEL] * 3 + [0, 0]


@pytest.mark.parametrize("below", [[], [prose()], [prose(), TABLE]])
def test_as_many_bold_lines_elsewhere_are_a_paragraph(below: list[list[Word]]) -> None:
    assert not any(levels_of([*bold(NAME), *below], BODY))


def test_more_lines_than_a_name_has_are_a_paragraph() -> None:
    assert not any(levels_of([*bold([*NAME, "Audited", "Unchanged"]), TABLE], BODY))


def test_a_bold_running_head_is_none_and_hides_none() -> None:
    head, heading = line("Annual Report", 0.1, 0.01, bold=True), bold(["Basis for Opinion"], 0.08)
    assert levels_of([head, *heading, prose()], BODY) == [0, BOLD_LEVEL, 0]


@pytest.mark.parametrize(
    ("text", "level"), [("Harbour Company, Inc.", 1), ("and what it may cost us.", 0)]
)
def test_the_end_of_a_large_sentence_is_no_heading(text: str, level: int) -> None:
    assert levels_of([line(text, 0.1, 0.3, letter=2 * LETTER), prose()], BODY) == [level, 0]
