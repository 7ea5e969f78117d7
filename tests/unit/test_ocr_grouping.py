"""Large numbers keep their commas where the engine hesitates over points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ocr.grouping import SURE, with_commas
from local.ocr.page_text import Box, Word

BOX = Box(0.1, 0.1, 0.2, 0.2)
DOUBT = SURE - 20


def word(text: str, confidence: float = 99.9) -> list[Word]:
    return [Word(letter, BOX, confidence if letter in ".," else 99.9) for letter in text]


def texts(*words: list[Word]) -> list[str]:
    return ["".join(c.text for c in each) for each in with_commas(words)]


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("226.083", "226,083"),
        ("(47.660)", "(47,660)"),
        ("$1.551.252", "$1,551,252"),
        ("5.,094", "5,094"),
        ("3.14", "3.14"),
        ("1.2345", "1.2345"),
        ("12.5%", "12.5%"),
        ("10.1.2026", "10.1.2026"),
        ("www.mgm.com", "www.mgm.com"),
    ],
)
def test_a_hesitant_point_between_groups_of_three_is_a_comma(read: str, meant: str) -> None:
    assert texts(word(read, DOUBT)) == [meant]


def test_a_sure_point_stays_but_in_a_number_with_commas() -> None:
    assert texts(word("1.125"), word("1,000"), word("1,750.135")) == ["1.125", "1,000", "1,750,135"]


def test_a_page_that_groups_by_points_keeps_them() -> None:
    assert texts(word("1.000"), word("2.000"), word("3.500", DOUBT)) == ["1.000", "2.000", "3.500"]


@given(st.lists(st.text(alphabet="12.,a(", min_size=1, max_size=9), max_size=6), st.booleans())
def test_only_points_change_and_only_separators_go(read: list[str], sure: bool) -> None:
    found = texts(*(word(each, 99.9 if sure else DOUBT) for each in read))
    strip = str.maketrans("", "", ".,")
    assert [each.translate(strip) for each in found] == [each.translate(strip) for each in read]
