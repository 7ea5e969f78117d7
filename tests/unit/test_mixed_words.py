"""Words of letters and figures are found by either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest import sparse
from askbucket.mixed_words import MOST_PARTS, parted


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sales of FY2022", "FY 2022"),
        ("MGM 2022Q4", "2022"),
        ("3M 10K", "10"),
        ("COVID19, b2b", "COVID 19"),
        ("größe42", "größe 42"),
        ("a1b2c3d4 and 2022 alone", ""),
    ],
)
def test_words_of_letters_and_figures_are_found_by_either(text: str, parts: str) -> None:
    assert parted(text) == (f"{text}\n{parts}" if parts else text)


@given(text=st.text(max_size=200))
def test_parting_only_adds(text: str) -> None:
    whole = parted(text)
    assert whole.startswith(text)
    assert len(whole) <= 2 * len(text) + MOST_PARTS


def test_a_fiscal_year_finds_the_year() -> None:
    asked = sparse.question_vector(parted("sales of FY2022")).indices
    assert set(sparse.document_vector(parted("2022 report")).indices) & set(asked)
    assert not set(sparse.document_vector("2022 report").indices) & set(
        sparse.question_vector("sales of FY2022").indices
    )
