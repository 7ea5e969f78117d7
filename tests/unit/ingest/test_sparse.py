"""Our BM25 vectors are those of Qdrant's own engine, word for word and weight for weight."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qdrant_edge import Bm25, Bm25Config

from askbucket.ingest import sparse
from askbucket.models import SparseVector

SAMPLES = Path(__file__).parents[3] / "samples"
ENGINE = Bm25(Bm25Config())
WORDS = st.sampled_from(
    "the not don't running runs Runner connections 3.14 2026-06-09 Ünïted ÉTÉ résumé naïve "
    "東京都 İstanbul ß ſ ﬁne ½ x² a_b C++ e-mail it's U.S.A. Привет мир emoji🚢ship ８ ٣ we're "
    "ourselves".split()
)
ASSIGNED = st.characters(exclude_categories=["Cs", "Cn"])  # the engine's Unicode may be older
TEXTS = st.lists(WORDS | st.text(ASSIGNED, max_size=8), max_size=30).map(" ".join)


def engines(vector: object) -> SparseVector:
    pairs = sorted(zip(vector.indices, vector.values, strict=True))  # type: ignore[attr-defined]
    return SparseVector(tuple(i for i, _ in pairs), tuple(v for _, v in pairs))


def assert_equal(ours: SparseVector, theirs: SparseVector) -> None:
    assert ours.indices == theirs.indices
    assert ours.values == pytest.approx(theirs.values, rel=1e-5)


@given(text=TEXTS)
def test_document_vectors_are_the_engines(text: str) -> None:
    assert_equal(sparse.document_vector(text), engines(ENGINE.embed_document(text)))


@given(text=TEXTS)
def test_question_vectors_are_the_engines(text: str) -> None:
    assert_equal(sparse.question_vector(text), engines(ENGINE.embed_query(text)))


@pytest.mark.parametrize("name", ["notes.txt", "notice.html", "README.md"])
def test_vectors_of_whole_documents_are_the_engines(name: str) -> None:
    text = (SAMPLES / name).read_text()
    assert_equal(sparse.document_vector(text), engines(ENGINE.embed_document(text)))


def test_every_stop_word_is_the_engines() -> None:
    for word in sparse.STOP_WORDS:
        assert engines(ENGINE.embed_document(word)).indices == (), word


def test_a_broken_stop_list_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with one stop word missing, the comparison fails."""
    monkeypatch.setattr(sparse, "STOP_WORDS", sparse.STOP_WORDS - {"the"})
    with pytest.raises(AssertionError):
        assert_equal(sparse.document_vector("the ship"), engines(ENGINE.embed_document("the ship")))


@pytest.mark.parametrize("text", ["", " \n", "the of and", "...!"])
def test_a_text_without_words_has_an_empty_vector(text: str) -> None:
    assert sparse.document_vector(text) == sparse.question_vector(text) == SparseVector((), ())


def test_no_word_counts_twice_in_a_question() -> None:
    vector = sparse.question_vector("ship ships SHIP harbour")
    assert vector.values == (1.0, 1.0)
