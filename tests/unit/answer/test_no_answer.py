"""What is said where nothing is found, by the languages of the question and of what was found."""

from __future__ import annotations

import pytest

from askbucket.answer.no_answer import NO_ANSWER, TOLD, no_answer
from tests.unit.answer.parts import hit

GERMAN, ENGLISH = "Wie hoch ist die Kaution für das Bootshaus?", "How much is the deposit?"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        (GERMAN, "german"),
        ("¿Cuánto pesa la bomba?", "spanish"),
        ("Combien coûte le badge perdu ?", "french"),
        ("电热水壶的容量是多少？", "chinese"),
        ("この製品の容量は何リットルですか", "japanese"),
        ("كم يبلغ مبلغ التأمين؟", "arabic"),
        (ENGLISH, "english"),
    ],
)
def test_it_is_told_in_the_language_of_the_question(question: str, language: str) -> None:
    assert no_answer(question) == TOLD[language][0]


@pytest.mark.parametrize("question", ["KX40 2022", "", "Сколько стоит залог?"])
def test_what_cannot_be_told_is_told_in_english(question: str) -> None:
    assert no_answer(question) == NO_ANSWER


def test_what_was_found_in_another_language_is_named() -> None:
    english, german = hit("The deposit of the shed is 510 pounds."), hit("Die Kaution ist 5 Euro.")

    assert no_answer(GERMAN, [english]) == " ".join(TOLD["german"])
    assert no_answer(GERMAN, [german]) == TOLD["german"][0]
    assert no_answer(ENGLISH, [german]) == " ".join(TOLD["english"])
    assert no_answer(ENGLISH, [english]) == NO_ANSWER
    assert no_answer(GERMAN, [hit("KX40 510")]) == TOLD["german"][0]
