"""What of a chunk is embedded, and what of it is found by its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest.chunking import halves_of
from askbucket.ingest.searched import meaning_of, words_of
from askbucket.models import Chunk

STATEMENT = "Balance Sheets\n | 2016 | 2017\nCash | $ 1,934 | 2,052\nDebt |  | (7.5)%"


def chunk(text: str, context: str = "") -> Chunk:
    return Chunk(0, 1, 0, len(text), text, context=context)


def test_figures_of_tables_are_left_to_the_words() -> None:
    piece = chunk(STATEMENT)
    assert meaning_of(piece) == "Balance Sheets\n2016 | 2017\nCash\nDebt"
    assert words_of(piece) == STATEMENT


def test_figures_of_running_text_are_part_of_its_meaning() -> None:
    text = "Cash was 1,934 in 2016.\n\n12"
    assert meaning_of(chunk(text)) == "Cash was 1,934 in 2016.\n12"


@pytest.mark.parametrize("text", ["1 | 2\n3 | 4", "12"])
def test_a_table_of_figures_alone_is_embedded_as_it_is(text: str) -> None:
    assert meaning_of(chunk(text, "report")) == f"report\n{text}"


def test_a_cell_with_a_letter_of_any_script_is_kept() -> None:
    assert meaning_of(chunk("Ort | München | 12a\n東京 | 7")) == "Ort | München | 12a\n東京"


def test_the_nearest_heading_is_embedded_and_none_is_found_by_its_words() -> None:
    piece = chunk("rows", "report > Part I > Sales\nin millions\nYear | Sum\n--- | ---")
    assert meaning_of(piece) == "report > Sales\nin millions\nYear | Sum\n--- | ---\nrows"
    assert words_of(piece) == "report\nin millions\nYear | Sum\n--- | ---\nrows"


def test_a_word_cut_by_a_line_end_is_found_whole_too() -> None:
    text = "an impor-\ntant long-\nterm plan - no\nword 12-\n13"
    assert words_of(chunk(text, "Plans")) == f"Plans\n{text}\nimportant longterm"
    assert words_of(chunk("text")) == "text"


@given(text=st.text("a1 |\n", min_size=2, max_size=60), context=st.text("b >\n", max_size=20))
def test_what_is_embedded_is_never_longer_and_never_empty(text: str, context: str) -> None:
    """Cutting in halves ends, however small the embedder's limit is."""
    piece = chunk(text, context)
    assert len(meaning_of(piece)) <= len(context) + 1 + len(text)
    assert bool(meaning_of(piece).strip()) >= bool(text.strip())
    assert all(
        len(half.text) + len(half.context) < len(text + context) for half in halves_of(piece)
    )
