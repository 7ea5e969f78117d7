"""What the extractive answerer makes of tables, and of documents that disagree."""

from __future__ import annotations

import pytest

from askbucket.answer.citations import cited
from askbucket.answer.prompt import user_message
from askbucket.models import Hit
from local.bedrock.converse import parsed_prompt
from local.bedrock.disagreement import age, in_order_of_age
from local.bedrock.extractive import answer
from local.bedrock.minilm import MiniLM
from local.bedrock.quoting import Quote, Source
from local.bedrock.rows import header_of, said
from tests.unit.answer.parts import hit

HEADER = ["Shed", "Area", "Rent", "Deposit"]
ROW = "Boat shed B | 95 m2 | 255 pounds | 510 pounds"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> MiniLM:
    return MiniLM(tmp_path_factory.mktemp("models"))


def answered(model: MiniLM, question: str, *hits: Hit) -> str:
    """What the product makes of the answerer's words."""
    prompt = parsed_prompt(user_message(question, hits))
    return cited(str(answer(prompt.question, prompt.sources, model.sentence_vector)), hits).text


@pytest.mark.parametrize(
    ("context", "text", "header"),
    [
        ("Title > Sheds\nAll sheds\nShed | Rent\n--- | ---", "a | 1", ["Shed", "Rent"]),
        ("Title", "Item | 2022 | 2021\nSales | 5 | 6", ["Item", "2022", "2021"]),
        ("Title", "Sales | 5 | 6\nCosts | 7 | 8", []),
        ("Title", "No table.", []),
        ("", "", []),
    ],
)
def test_columns_are_named_by_the_context_or_the_first_row(
    context: str, text: str, header: list[str]
) -> None:
    assert header_of(context, text) == header


@pytest.mark.parametrize(
    ("row", "header", "question", "sentence"),
    [
        (ROW, HEADER, "deposit for boat shed B", "Boat shed B: Deposit 510 pounds"),
        (ROW, HEADER, "tell me of boat shed B",
         "Boat shed B: Area 95 m2, Rent 255 pounds, Deposit 510 pounds"),
        (ROW, HEADER[:3], "deposit", ROW),
        (ROW, [], "deposit", ROW),
        (ROW, ["", "Area", "in 30 days", "Deposit"], "area", ROW),
        ("Sales | 5 | 6", ["", "2022", "2021"], "sales in 2021", "Sales: 6 (2021)"),
        ("Sales | | 6", ["", "2022", "2021"], "sales", "Sales: 6 (2021)"),
        ("No row.", HEADER, "row", "No row."),
    ],
)  # fmt: skip
def test_a_row_is_said_with_the_names_of_the_columns_asked_for(
    row: str, header: list[str], question: str, sentence: str
) -> None:
    assert said(row, header, question) == sentence


def test_a_row_is_quoted_as_it_stands(model: MiniLM) -> None:
    sheds = hit(f"{' | '.join(HEADER)}\nBoat shed A | 60 m2 | 170 pounds | 340 pounds\n{ROW}")

    text = answered(model, "How much is the deposit for boat shed B?", sheds)

    assert text == "Boat shed B: Deposit 510 pounds [1]"


@pytest.mark.parametrize(
    "nothing",
    [
        "Net sales information is as follows (in millions):",
        "| Year Ended December 31, | 2015 | 2016 | 2017",
        "December 31, December 31, 2022 2021",
    ],
)
def test_what_only_names_columns_or_leads_in_is_no_answer(model: MiniLM, nothing: str) -> None:
    assert answered(model, "What were the net sales ended December 31, 2022?", hit(nothing)) == ""


def test_documents_that_disagree_are_named_newest_first(model: MiniLM) -> None:
    old, new = (
        hit(f"The notice period of the contract is {days} days.", key=f"policy_{year}.txt", chunk=d)
        for days, year, d in ((30, 2022, "a"), (14, 2024, "b"))
    )

    text = answered(model, "What is the notice period of the contract?", old, new)

    assert text == (
        "policy_2024.txt: The notice period of the contract is 14 days. [1] "
        "policy_2022.txt: The notice period of the contract is 30 days. [2]"
    )


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (("policy_2022.txt", "2025-01-01"), ("policy_2024.txt", "2024-01-01")),
        (("policy.txt", "2024-01-01"), ("manual.txt", "2025-01-01")),
    ],
)
def test_a_year_in_a_name_tells_more_than_the_day_of_upload(
    older: tuple[str, str], newer: tuple[str, str]
) -> None:
    assert age(_source(*older)) < age(_source(*newer))


def test_one_document_or_other_words_do_not_disagree() -> None:
    same = [_quote("a.txt", "The rent of floor 5 is 500 euros."), _quote("a.txt", "The rent of 6.")]
    other = [_quote("a.txt", "The rent is due on day 3."), _quote("b.txt", "Keys cost 80 euros.")]

    assert in_order_of_age(same) == tuple(same)
    assert in_order_of_age(other) == tuple(other)


def _source(document: str, uploaded: str = "") -> Source:
    return Source("1", "", document=document, uploaded=uploaded)


def _quote(document: str, text: str) -> Quote:
    return Quote(_source(document), text, text)
