"""Words of many scripts: what is written in two ways, or asked in another form, is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest import sparse
from askbucket.ingest.words import document_words, question_words
from askbucket.language import languages_of


def matched(document: str, question: str) -> set[str]:
    """The tokens by which the question finds the document."""
    return tokens(document_words(document)) & tokens(question_words(question))


def tokens(words: list[tuple[str, ...]]) -> set[str]:
    return {token for word in words for token in word}


@pytest.mark.parametrize(
    ("document", "question"),
    [
        ("黑豹队的防守只丢了308分", "防守"),
        ("一杯茶。", "茶"),
        ("東京都に住んでいます", "東京"),
        ("メーター", "ﾒｰﾀｰ"),
        ("한국어를 공부합니다", "한국어"),
        ("น้ำแข็งละลาย", "น้ำแข็ง"),
        ("हिन्दी भाषा", "हिन्दी"),
        ("الْمُدَرِّسَةُ هنا", "المدرسة"),
        ("أحمد إلى القاهرة", "احمد"),
        ("مـــصر", "مصر"),
        ("Größe", "GROSSE"),
        ("Größe", "Grösse"),
        ("CAFÉ", "cafe"),
        ("cafe\u0301", "café"),
        ("Łódź, Ærø, smørrebrød", "lodz"),
        ("８月", "8"),
        ("ＡＢＣ株式会社", "abc"),
        ("ﬁne print", "fine"),
        ("московских", "московский"),
        ("ёлка", "елка"),
        ("1,577 euros", "1577"),
        ("1.577 Euro", "1,577"),
        ("1’577.00 Franken", "1577"),
        ("2023年報告", "2023"),
    ],
)
def test_what_is_written_in_two_ways_is_found(document: str, question: str) -> None:
    assert matched(document, question)


@pytest.mark.parametrize(
    ("document", "question"),
    [
        ("Die Häuser sind von der Stadt", "Wer hat das Haus?"),
        ("Las naciones de la región son", "¿Cuál es la nación?"),
        ("Les chevaux sont dans les champs", "Où est le cheval?"),
        ("Huset og husene er ikke store", "Hvor er husene?"),
    ],
)
def test_a_word_is_found_in_another_of_its_forms(document: str, question: str) -> None:
    assert any(":" in token for token in matched(document, question))


def test_a_wrong_guess_keeps_the_token_of_a_plain_word() -> None:
    assert matched("Die Panthers sind in der Stadt und nicht zu Hause", "Panthers") == {"panther"}


def test_another_number_is_not_found() -> None:
    assert not matched("1,577 euros", "1578")
    assert not matched("3.14 and 12,34", "314")


def test_pairs_of_characters_are_in_order() -> None:
    assert not matched("上海", "海上") - {"上", "海"}
    assert tokens(question_words("上海人")) == {"上海", "海人"}
    assert document_words("上海人") == [("上", "上海"), ("海", "海人"), ("人",)]


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Wie viele Punkte gab die Verteidigung der Panthers ab?", ("german",)),
        ("¿Cuántos puntos dejaron escapar en defensa los Panthers?", ("spanish",)),
        ("How many points did the Panthers give up?", ()),
        ("Panthers 308", ()),
        ("", ()),
    ],
)
def test_function_words_tell_the_language(text: str, languages: tuple[str, ...]) -> None:
    assert languages_of(text.lower().replace("?", "").replace("¿", "").split()) == languages


@given(text=st.text(max_size=60))
def test_any_text_finds_itself(text: str) -> None:
    """Every question token of a text is one of its document tokens: both are cut alike."""
    assert tokens(question_words(text)) <= tokens(document_words(text))
    assert bool(question_words(text)) == bool(document_words(text))
    assert len(sparse.document_vector(text).indices) >= len(sparse.question_vector(text).indices)


@given(before=st.text("的防守丢东京", max_size=6), after=st.text("的防守丢东京", max_size=6))
def test_a_piece_of_a_line_without_spaces_is_found_in_it(before: str, after: str) -> None:
    assert {"卢克", "克坎"} <= matched(f"{before}卢克坎{after}", "卢克坎")
