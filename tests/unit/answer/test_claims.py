"""What a sentence may claim: the figures of its quotes, and what it computes from them."""

from __future__ import annotations

import pytest

from askbucket.answer.claims import COMPUTED, claimed
from askbucket.answer.quotes import Located
from askbucket.models import Hit
from tests.unit.answer.parts import hit

FILING = hit(
    "Purchases of property | (1,577) | (1,749)\nNet sales | 34,229 | 35,355\nas of 2022",
    key="3M_2021.pdf",
)


def claim(sentence: str, *quotes: str, source: Hit = FILING) -> str | None:
    return claimed(sentence, [(source, Located(quote, ())) for quote in quotes])


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("The rent is 1,577 euros.", "rent is 1,577 euros"),
        ("Die Miete beträgt 1.577 Euro.", "rent is 1,577 euros"),
        ("It cost $1,577 million.", "cost of 1.577 billion dollars"),
        ("It cost 1.6 billion.", "cost of $1,577 million"),
        ("It cost $1.58bn.", "cost of $1,577 million"),
        ("Due in 3 months.", "due within three months"),
        ("It grew 5%.", "grew by 5 percent"),
        ("It rose by 12.5 points.", "rose by 12.50"),
        ("It was 16 percent.", "was 15.7 %"),
        ("On 12 March 2024.", "dated 2024-03-12"),
        ("In 2022 and 2021 it held.", "Net sales"),
        ("3M_2021.pdf says so on net sales.", "Net sales"),
        ("Q4 and FY2019 of the A4 series.", "Net sales"),
        ("一共1577万元", "1577万元"),
        ("Dogs need consent.", "Dogs may not be kept without consent"),
        ("No cats.", "Small pets other than cats may be kept"),
        ("It takes two keys.", "keys"),
        ("Dogs need consent.", "Dogs need consent and must not be left alone"),
    ],
)
def test_a_quote_s_own_figures_in_any_format_are_kept(sentence: str, quote: str) -> None:
    assert claim(sentence, quote) == sentence


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("The rent is 1,578 euros.", "rent is 1,577 euros"),
        ("The rent is 1,577 pounds.", "rent is 1,577 euros"),
        ("It cost 1,577 million.", "cost of 1,577 euros"),
        ("It cost 1,577 million.", "cost of 1,577 billion"),
        ("It cost 2 billion.", "cost of 1,577 million"),
        ("It cost 1.5 billion.", "cost of 1,577 million"),
        ("It grew 5%.", "grew to 5 euros"),
        ("Due in 3 years.", "due within 3 months"),
        ("Net sales were 34,229.", "Purchases of property | (1,577)"),
        ("In 1999 it held.", "Net sales"),
        ("The rent is not due on the third.", "The rent is due on the third."),
        ("Pets may be kept in the house.", "No pets may be kept in the house"),
        ("Haustiere sind erlaubt.", "Haustiere sind nicht erlaubt."),
    ],
)
def test_other_figures_and_the_opposite_are_not(sentence: str, quote: str) -> None:
    assert claim(sentence, quote) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Sales fell by 35,355 - 34,229 = 1,126.",
        "That is 1,577 / 34,229 = 4.6 %.",
        "That is 1,577 / 34,229 × 100 = 4.6.",
        "Growth: (34,229 − 35,355) / 35,355 = -3.2%.",
        "On average (1,577 + 1,749) / 2 = 1,663.",
    ],
)
def test_a_calculation_that_is_shown_is_checked_and_marked(sentence: str) -> None:
    quotes = "(1,577) | (1,749)", "Net sales | 34,229 | 35,355"

    assert claim(sentence, *quotes) == f"{sentence} {COMPUTED}"
    assert claim(sentence, "Net sales | 99") is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Sales fell by 35,355 - 34,229 = 1,127.",
        "That is 1,577 / 34,229 = 5.6 %.",
        "That is 1,600 / 34,229 = 4.7 %.",
        "That is 1,577 / 0 = 4.6 %.",
        "That is 4.6 %.",
        "That is (1,577 / 34,229 = 4.6 %.",
    ],
)
def test_a_wrong_or_hidden_calculation_is_not(sentence: str) -> None:
    assert claim(sentence, "(1,577) | (1,749)", "Net sales | 34,229 | 35,355") is None


def test_a_scale_named_above_the_table_counts() -> None:
    source = hit("(in millions)\nNet sales | 34,229")

    assert claim("Sales were $34.2 billion.", "Net sales | 34,229", source=source)
    assert claim("Sales were $34.2 billion.", "Net sales | 34,229") is None
