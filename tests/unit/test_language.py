"""A question's language, as far as it matters to an embedder that knows English only."""

import pytest

from askbucket.language import may_be_english


@pytest.mark.parametrize(
    "text",
    [
        "What was the revenue in 2022?",
        "revenue 2022",
        "Société Générale revenue",
        "EBITDAR margin, MGM Q4",
        "2022",
        "",
    ],
)
def test_these_may_be_english(text: str) -> None:
    assert may_be_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wie hoch ist die Kaution für das Bootshaus?",
        "¿Cuánto es la fianza del cobertizo?",
        "押金是多少?",
        "كم يبلغ مبلغ التأمين؟",
        "Сколько стоит залог?",
    ],
)
def test_these_are_not(text: str) -> None:
    assert not may_be_english(text)
