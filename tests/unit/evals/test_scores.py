"""Every score has answers known by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.models import Box, Line
from evals.reading.scores import (
    bare_words,
    character_error_rate,
    folded_words,
    holds,
    matched,
    mean_of,
    overlap,
    page_text,
    precision,
    recall,
    shingle_share,
    words,
)


def test_a_word_counts_as_often_as_it_occurs() -> None:
    assert recall(words("a a b c"), words("a b d")) == 0.5
    assert precision(words("a a b c"), words("a b d")) == 2 / 3


def test_of_nothing_everything_is_found() -> None:
    assert recall([], words("a")) == 1.0
    assert precision(words("a"), []) == 1.0
    assert recall(words("a"), []) == 0.0


def test_words_are_plain_characters_between_white_space() -> None:
    assert words("ﬁrst\u00a0line\n  Two, 3") == ["first", "line", "Two,", "3"]
    assert folded_words("Straße A") == ["strasse", "a"]


def test_markup_and_punctuation_are_no_bare_words() -> None:
    markdown = "# Ducks\n\n| **a_b** | 1,2 |\n<!-- image -->\n\\_x"
    assert bare_words(markdown) == ["ducks", "a", "b", "1", "2", "x"]


def test_errors_are_counted_for_each_true_character() -> None:
    assert character_error_rate("kitten", "sitting") == 3 / 6
    assert character_error_rate("two  words\nhere", "two words here") == 0.0
    assert character_error_rate("abcd", "") == 1.0
    assert character_error_rate("", "") == 0.0


def test_a_passage_is_found_in_other_order_and_without_blanks() -> None:
    text = "Total assets 46,455 and more\nConsolidated Balance Sheet"
    assert shingle_share("CONSOLIDATEDBALANCESHEET", text) == 1.0
    assert shingle_share("abcdefghij", "abcdefgh") == pytest.approx(1 / 3)
    assert shingle_share("nowhere to be seen", text) == 0.0


@pytest.mark.parametrize(
    ("text", "wanted", "there"),
    [
        ("TOTAL RM9.00", "9.00", True),
        ("TOTAL 19.00", "9.00", False),
        ("20/06/1809:55", "20/06/18", False),
        ("No. 76,\nJalan  Kenari", "NO.76, JALAN KENARI", True),
        ("anything", "", True),
        ("nothing", "something", False),
    ],
)
def test_a_string_is_held_whatever_blanks_and_case(text: str, wanted: str, there: bool) -> None:
    assert holds(text, wanted) is there


def test_the_overlap_of_boxes_is_shared_over_covered() -> None:
    one = Box(0.0, 0.0, 0.2, 0.2)
    assert overlap(one, one) == pytest.approx(1.0)
    assert overlap(one, Box(0.1, 0.0, 0.2, 0.2)) == pytest.approx(1 / 3)
    assert overlap(one, Box(0.5, 0.5, 0.2, 0.2)) == 0.0


def test_no_box_is_matched_twice() -> None:
    truth = [Box(0.0, 0.0, 0.4, 0.1), Box(0.4, 0.0, 0.1, 0.1), Box(0.0, 0.5, 0.1, 0.1)]
    found = [Box(0.0, 0.0, 0.5, 0.1)]  # ours joins the first two
    assert matched(truth, found) == pytest.approx([0.8, 0.0, 0.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_mean_lies_in_its_interval(values: list[float]) -> None:
    mean = mean_of(values)
    assert mean.count == len(values)
    assert min(values) - 1e-9 <= mean.low <= mean.high <= max(values) + 1e-9


def test_values_that_are_all_equal_leave_no_doubt() -> None:
    mean = mean_of([0.5] * 9)
    assert (mean.low, mean.value, mean.high) == (0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match="nothing"):
        mean_of([])


def test_bars_between_cells_are_no_words_but_those_of_the_text_are() -> None:
    lines = [Line("a | b", table=1), Line("either | or")]
    assert page_text(lines) == "a b\neither | or"
