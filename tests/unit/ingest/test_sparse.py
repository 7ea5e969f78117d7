"""For plain English our BM25 vectors are those of Qdrant's own engine, weight for weight."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qdrant_edge import Bm25, Bm25Config

from askbucket.ingest import sparse, words
from askbucket.ingest.stop_words import STOP_WORDS
from askbucket.models import SparseVector

SAMPLES = Path(__file__).parents[3] / "samples"
ENGINE = Bm25(Bm25Config())
WORDS = st.sampled_from(
    "the not don't running runs Runner connections 3.14 2026-06-09 a_b C++ e-mail it's U.S.A. "
    "we're we’re ourselves ship emoji🚢ship “quoted” wing-tip".split()
)
GROUPED = re.compile(r"\d+(?:[.,]\d+)+")
PLAIN = st.lists(WORDS, max_size=30).map(" ".join)
ASCII = st.lists(WORDS | st.text(st.characters(max_codepoint=127), max_size=8), max_size=30).map(
    " ".join
)


def engines(vector: object) -> SparseVector:
    pairs = sorted(zip(vector.indices, vector.values, strict=True))  # type: ignore[attr-defined]
    return SparseVector(tuple(i for i, _ in pairs), tuple(v for _, v in pairs))


def assert_equal(ours: SparseVector, theirs: SparseVector) -> None:
    assert ours.indices == theirs.indices
    assert ours.values == pytest.approx(theirs.values, rel=1e-5)


@given(text=PLAIN)
def test_document_vectors_are_the_engines(text: str) -> None:
    assert_equal(sparse.document_vector(text), engines(ENGINE.embed_document(text)))


@given(text=PLAIN)
def test_question_vectors_are_the_engines(text: str) -> None:
    assert_equal(sparse.question_vector(text), engines(ENGINE.embed_query(text)))


@given(text=ASCII)
def test_no_token_of_the_engines_is_lost_to_a_guess(text: str) -> None:
    """Whatever language the letters are taken for, and however numbers are grouped."""
    assert_holds(sparse.document_vector(text), engines(ENGINE.embed_document(text)))


def assert_holds(ours: SparseVector, theirs: SparseVector) -> None:
    held = dict(zip(ours.indices, ours.values, strict=True))
    assert {i: held.get(i) for i in theirs.indices} == pytest.approx(
        dict(zip(theirs.indices, theirs.values, strict=True)), rel=1e-5
    )


@pytest.mark.parametrize("name", ["notes.txt", "notice.html", "README.md"])
def test_vectors_of_whole_documents_hold_the_engines(name: str) -> None:
    """Beside numbers whose groups of digits are joined, nothing is added."""
    text = (SAMPLES / name).read_text()
    assert_holds(sparse.document_vector(text), engines(ENGINE.embed_document(text)))
    text = GROUPED.sub("many", text)
    assert_equal(sparse.document_vector(text), engines(ENGINE.embed_document(text)))


def test_every_stop_word_is_the_engines() -> None:
    for word in STOP_WORDS:
        assert engines(ENGINE.embed_document(word)).indices == (), word


def test_a_broken_stop_list_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with one stop word missing, the comparison fails."""
    monkeypatch.setattr(words, "STOP_WORDS", STOP_WORDS - {"the"})
    with pytest.raises(AssertionError):
        assert_equal(sparse.document_vector("the ship"), engines(ENGINE.embed_document("the ship")))


@pytest.mark.parametrize("text", ["", " \n", "the of and", "...!"])
def test_a_text_without_words_has_an_empty_vector(text: str) -> None:
    assert sparse.document_vector(text) == sparse.question_vector(text) == SparseVector((), ())


def test_no_word_counts_twice_in_a_question() -> None:
    vector = sparse.question_vector("ship ships SHIP harbour")
    assert vector.values == (1.0, 1.0)
