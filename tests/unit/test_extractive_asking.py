"""What the extractive answerer takes a question to ask, and what speaks for its answer."""

from __future__ import annotations

import pytest

from local.bedrock.asking import asked_of
from local.bedrock.quoting import Quote, Source
from local.bedrock.support import COVERAGE_WEIGHT, LACK, NAME_SHARE, absent_names, support


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much did it spend in FY2017? Answer in USD millions, from the P&L statement.",
         "How much did it spend in 2017?"),
        ("What are 3M's FY22 days sales outstanding (DSO)? Two decimals.",
         "What are 3M's 2022 days sales outstanding?"),
        ("Using the cash flow statement, answer this: how much did Block generate in FY2020?",
         "how much did Block generate in 2020?"),
        ("How many copies of Call of Duty: Modern Warfare were sold?",
         "How many copies of Call of Duty: Modern Warfare were sold?"),
        ("From whom does it rent its St. Louis offices, and why?",
         "From whom does it rent its St. Louis offices, and why?"),
        ("(what?)", "(what?)"),
        ("deposit boat shed", "deposit boat shed"),
    ],
)  # fmt: skip
def test_orders_of_how_to_answer_are_no_part_of_what_is_asked(question: str, text: str) -> None:
    assert asked_of(question).text == text


@pytest.mark.parametrize(
    ("question", "lacking", "having"),
    [
        ("How much is the rent?", "The rent rose in 2022.", "The rent is 500 euros."),
        ("How many may come in?", "Members of 3 May 2024 may.", "Two may come in."),
        ("When was it built?", "It took 5 hours.", "It was built in 1887."),
        ("Wann ist offen?", "Es kostet 5 Euro.", "Von 10 bis 14 Uhr."),
        ("Who inspected it?", "The inspection took five hours.", "Our inspector Ada Byron did."),
        ("整机保修几年？", "保修不含损坏。", "整机保修两年。"),
    ],
)
def test_a_figure_a_time_or_a_name_is_asked_for(question: str, lacking: str, having: str) -> None:
    asked = asked_of(question)
    assert asked.lacks(lacking)
    assert not asked.lacks(having)


def test_nothing_in_particular_is_lacking_where_a_reason_is_asked() -> None:
    assert not asked_of("Why did it close?").lacks("It rained.")


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("Amazon", []),
        ("AMZN", []),  # as tickers abbreviate
        ("Netflix", ["netflix"]),
        ("AMD", ["amd"]),
        ("T-Mobile", ["t-mobile"]),
        ("India", []),  # told as Indian
        ("KX90", ["kx90"]),
    ],
)
def test_names_that_no_source_holds_are_absent(name: str, absent: list[str]) -> None:
    source = Source("1", "Indian sales of mobile phones.", document="AMAZON_2017_10K.pdf")
    assert absent_names(asked_of(f"What did {name} sell?"), [source]) == absent


def test_german_nouns_are_no_names() -> None:
    assert absent_names(asked_of("Wie hoch ist die Kaution für das Haus?"), []) == []
    assert absent_names(asked_of("Wie schwer ist die Pumpe KX90?"), []) == ["kx90"]


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        ("What was the revenue in 2022?", 0),
        ("What was the revenue in 2019?", 1),
        ("How much revenue did Netflix have in 2022?", 1),
        ("How much revenue did Netflix have in 2019?", 2),
        ("Who had the revenue of 2022?", 1),
    ],
)
def test_each_thing_lacking_takes_the_same_from_the_support(question: str, lacks: int) -> None:
    source = Source("1", "The revenue of 2022 was 500 euros.", document="report.pdf")
    asked = asked_of(question, source.name)
    quotes = [Quote(source, source.text, source.text, cosine=0.5)]
    full = 0.5 + COVERAGE_WEIGHT * len(asked.terms & set(asked.terms_of(source.text))) / len(
        asked.terms
    )
    assert support(asked, quotes, quotes, [source]) == pytest.approx(full - LACK * lacks)


def test_words_that_name_the_document_speak_little_for_an_answer() -> None:
    source = Source("1", "Acme Tools pays dividends.", document="acme-tools-2022.pdf")
    quotes = [Quote(source, source.text, source.text, cosine=0.5)]
    asked = asked_of("Why does Acme Tools use helicopters?", source.name)
    assert asked.terms == {"acm", "tool", "helicopt", "use"}
    assert support(asked, quotes, quotes, [source]) == pytest.approx(
        0.5 + COVERAGE_WEIGHT * NAME_SHARE * 2 / (2 + NAME_SHARE * 2)
    )
