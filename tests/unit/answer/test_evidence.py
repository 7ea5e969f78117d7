"""Whether sources speak of what is asked: names that stand nowhere, in English only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from askbucket.answer.evidence import names_of, speak_of
from tests.unit.answer.parts import hit

FILING = replace(
    hit("The cost of sales of the company in 2022 was 19,232.", key="filings/Acme_10K.pdf"),
    context="Acme 10K > Statement of income",
)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Ingrid Solheim's team inspect in FY2022?", ["ingrid", "solheim", "2022"]),
        ("Is it due? Ask the tenant. \"When\" is it?", []),
        ("In Q4, how did AT&T do (Verizon aside)?", ["q4", "at&t", "verizon"]),
    ],
)  # fmt: skip
def test_names_are_capitals_within_a_sentence_and_numbers(question: str, names: list[str]) -> None:
    assert names_of(question) == names


@pytest.mark.parametrize(
    ("question", "spoken_of"),
    [
        ("What was the cost of sales of Acme in FY2022?", True),
        ("What was the cost of sales in FY2022?", True),
        ("What was the churn of subscribers of Globex?", False),
        ("What was the cost of sales of Globex?", True),  # the words are there: let the model tell
        ("Which submarine won the chess tournament?", True),  # no names: let the model tell
        ("Wie hoch war der Umsatz der Firma Globex und der Gewinn?", True),
        ("¿Cuál fue el ingreso de Globex?", True),
    ],
)
def test_names_and_words_that_stand_nowhere_tell(question: str, spoken_of: bool) -> None:
    assert speak_of([FILING], question) is spoken_of


def test_a_source_in_another_language_is_left_to_the_model() -> None:
    german = hit("Die Umsatzkosten der Firma betrugen 19.232 Euro.")

    assert speak_of([german], "What was the churn of subscribers of Globex?")
