"""What the extractive answerer makes of tables, and of documents that disagree."""

from __future__ import annotations

import pytest

from askbucket.answer.citations import cited
from askbucket.answer.prompt import user_message
from askbucket.models import Hit
from local.bedrock.asking import asked_of
from local.bedrock.converse import parsed_prompt
from local.bedrock.disagreement import age, in_order_of_age
from local.bedrock.extractive import answer
from local.bedrock.minilm import MiniLM
from local.bedrock.quoting import Quote, Source
from local.bedrock.rows import said
from local.bedrock.statements import statements
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
    ("header", "question", "sentence"),
    [
        (HEADER, "deposit for boat shed B", "Boat shed B: Deposit 510 pounds"),
        (HEADER, "tell me of boat shed B",
         "Boat shed B: Area 95 m2, Rent 255 pounds, Deposit 510 pounds"),
        (HEADER[:3], "deposit", ROW),
        ([], "deposit", ROW),
        (["", "Area", "in 30 days", "Deposit"], "area", ROW),
    ],
)  # fmt: skip
def test_a_row_is_said_with_the_names_of_the_columns_asked_for(
    header: list[str], question: str, sentence: str
) -> None:
    (row,) = statements(ROW, f"Title\n{' | '.join(header)}\n--- | ---" if header else "")
    assert said(row, asked_of(question)) == sentence


STATEMENT = """CONSOLIDATED STATEMENTS OF OPERATIONS
(In thousands, except per share data)
| Three Months Ended | | Twelve Months Ended
| December 31, | December 31, | December 31, | December 31,
| 2022 | 2021 | 2022 | 2021
Revenue:
Rooms | 700 | 600 | $ 3,057 | $ 1,690
Total revenue | 800 | 700 | 3,800 | 1,900
Dividends per share | 0.10 | 0.20 | 0.40 | 0.80"""


@pytest.mark.parametrize(
    ("label", "question", "sentence"),
    [
        ("Rooms", "rooms revenue in FY2022",
         "Revenue, Rooms: $ 3,057 (Twelve Months Ended December 2022), in thousands"),
        ("Rooms", "rooms revenue in the fourth quarter of 2021",
         "Revenue, Rooms: 600 (Three Months Ended December 2021), in thousands"),
        ("Rooms", "By how much did rooms revenue grow in 2022?",
         "Revenue, Rooms: $ 3,057 (Twelve Months Ended December 2022),"
         " $ 1,690 (Twelve Months Ended December 2021), in thousands"),
        ("Total revenue", "total revenue of 2021",
         "Total revenue: 1,900 (Twelve Months Ended December 2021), in thousands"),
        ("Dividends per share", "dividends per share in 2021",
         "Dividends per share: 0.80 (Twelve Months Ended December 2021)"),
    ],
)  # fmt: skip
def test_the_year_and_the_period_asked_choose_the_column(
    label: str, question: str, sentence: str
) -> None:
    row = next(each for each in statements(STATEMENT) if each.cells[:1] == (label,))
    assert said(row, asked_of(question)) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("(Millions) | 2022 | | 2021 |\nDividends paid | | (3,369) | | (3,420)",
         "Dividends paid: (3,420) (2021), in millions"),
        ("In all (in millions): | 2022 | 2021 | Change\nSlots win % | | 9.4 % | 9.2 %",
         "Slots win %: 9.2 % (2021)"),
        ("Three months ended Twelve months ended\n2022 2021 2022 2021\nNet sales $ 5 $ 6 $ 20 $ 24",
         "Net sales: $ 24 (Twelve months ended 2021)"),
        ("Article: K-1 | Name: Seal | Price excl. VAT (EUR): 98.60",
         "K-1: Name Seal, Price excl. VAT (EUR) 98.60"),
        ("Data | Kept\nDonations | seven years", "Donations: Kept seven years"),
        ("How long\nBookings | 18 months", "How long, Bookings: 18 months"),
    ],
)  # fmt: skip
def test_tables_of_other_shapes_are_read(text: str, sentence: str) -> None:
    assert said(statements(text)[-1], asked_of("What was it in 2021?")) == sentence


def test_a_row_tells_the_section_it_stands_in() -> None:
    text = "North America\nNet sales | 5 | 6\nAWS\nNet sales | 7 | 8\nTotal | 12 | 14\nTax | 1 | 1"
    assert [(each.text, each.section) for each in statements(text) if each.is_row] == [
        ("Net sales | 5 | 6", "North America"),
        ("Net sales | 7 | 8", "AWS"),
        ("Total | 12 | 14", "AWS"),
        ("Tax | 1 | 1", ""),
    ]


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


BALANCE = """Balance sheet (in millions)
| 2017 | 2016
Total current assets | 60,197 | 45,781
Other assets | 8,897 | 4,723
Total current liabilities | 57,883 | 43,816"""


def test_what_would_have_to_be_computed_is_answered_with_the_figures_for_it(
    model: MiniLM,
) -> None:
    question = (
        "What is the current ratio of 2017, total current assets over total current liabilities?"
    )

    text = answered(model, question, hit(BALANCE))

    assert text.startswith("To compute it from: ")
    assert "Total current assets: 60,197 (2017), 45,781 (2016), in millions [" in text
    assert "Total current liabilities: 57,883 (2017), 43,816 (2016), in millions [" in text
    assert "Other assets" not in text


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("By what percentage did other assets grow from 2016 to 2017?", True),
        ("What was the ratio of other assets in 2017?", False),  # to what?
        ("What were the other assets in 2017?", False),
        ("By what percentage did other assets grow from 2011 to 2012?", False),
    ],
)
def test_too_few_figures_to_compute_with_are_not_said_to_be_enough(
    model: MiniLM, question: str, lead: bool
) -> None:
    assert answered(model, question, hit(BALANCE)).startswith("To compute") == lead
