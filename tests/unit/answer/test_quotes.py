"""Quotes found again in lines: what may differ, what may not, and whose boxes come back."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.answer.quotes import Located, locate
from tests.unit.answer.parts import hit

LEASE = "The monthly rent is 1,577 euros.\nIt is due on the third work-\ning day of each month."


def quote_in(text: str, quote: str) -> str | None:
    located = locate(quote, hit(text))
    return located.quote if located else None


def lines_in(text: str, quote: str) -> list[int]:
    located = locate(quote, hit(text))
    return [int(box.top) for box in located.boxes] if located else []


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        (LEASE, "monthly rent", "monthly rent"),
        (LEASE, "  MONTHLY\n\trent ", "monthly rent"),
        (LEASE, "1,577 euros. It is due", "1,577 euros. It is due"),
        (LEASE, "the third working day", "the third work- ing day"),
        (LEASE, "the third work-ing day", "the third work- ing day"),
        ("a well-\nknown name", "well-known name", "well- known name"),
        ("2019–2021 was wet", "2019-2021 was wet", "2019–2021 was wet"),
        ("rent—monthly—is due", "rent - monthly - is due", "rent—monthly—is due"),
        ("he said “no” to ‘all’", "said \"no\" to 'all'", "said “no” to ‘all’"),
        ("sie sagte „nein“ und «doch»", 'sagte "nein" und "doch"', "sagte „nein“ und «doch»"),
        ("eﬃcient ﬂow", "efficient flow", "eﬃcient ﬂow"),
        ("Straße nach Süden", "STRASSE NACH SÜDEN", "Straße nach Süden"),
        ("cafe\u0301 au lait", "caf\u00e9 au lait", "cafe\u0301 au lait"),
        ("co\u00adoperate\u200b fully", "cooperate fully", "co\u00adoperate\u200b fully"),
        ("and so on… the end", "so on... the end", "so on… the end"),
        ("第三条 租金为每月1577元。", "租金为每月1577元", "租金为每月1577元"),
        ("-5 degrees", "-5 degrees", "-5 degrees"),
        ("pages 1-5 only", "5 only", "5 only"),
        ("it ended in 2023.", "ended in 2023", "ended in 2023"),
        # a model's slips
        (LEASE, "the **monthly** rent is _1,577_ euros!", "The monthly rent is 1,577 euros"),
        (LEASE, "The monthly ... third working day", "The monthly … third work- ing day"),
        (LEASE, "“The monthly rent […] of each month”", "The monthly rent … of each month"),
        ("Shed B | 95 m2 | 510 pounds", "Shed B … 510 pounds", "Shed B … 510 pounds"),
        ("Total | 5\nCosts\n| 7 | 8 |", "costs 7 8", "Costs | 7 | 8"),
        ("it weighs 3*4 kg", "weighs 3*4 kg", "weighs 3*4 kg"),
        # what OCR confuses
        ("the rnonthly rent", "the monthly rent", "the rnonthly rent"),
        ("a sma1l am0unt", "a small amount", "a sma1l am0unt"),
        ("lngrid said so", "Ingrid said so", "lngrid said so"),
        ("the tenantsmust pay", "tenants must pay", "tenantsmust pay"),
        # scripts without spaces
        ("租金为每月1577元。押金另付", "每月1577元", "每月1577元"),
        ("Cats may be kept\nNo dogs", "Cats may be kept", "Cats may be kept"),
    ],
)  # fmt: skip
def test_found_whatever_its_case_white_space_dashes_and_quotation_marks(
    text: str, quote: str, found: str
) -> None:
    assert quote_in(text, quote) == found


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("it costs 11,577 euros", "1,577 euros"),
        ("it costs 1,577 euros", "577 euros"),
        ("it costs 1,577 euros", "it costs 1"),
        ("paid 120 in all", "paid 12"),
        ("paid 12.5 million", "paid 12"),
        ("paid 12.5 million", "5 million"),
        ("paid 1\u202f577 euros", "577 euros"),
        ("growth was -5 percent", "5 percent"),
        ("growth was −5 percent", "5 percent"),
        ("see 5\n10 euros", "510 euros"),
        ("see 5 10 euros", "510 euros"),
        ("see 1, 577 euros", "1,577 euros"),
        ("see 2.\n5 euros", "2.5 euros"),
        ("a therapist came", "a the"),
        ("a therapist came", "rapist"),
        ("the café", "the cafe"),
        ("the cafe\u0301", "the cafe"),
        ("die Straße", "die Stras"),
        ("the rent is due", "the rent was due"),
        ("from 10-20 to 30", "from 1020 to 30"),
        ("no more than 10²", "no more than 102"),
        # words that OCR does not confuse
        ("the modern house", "the modem house"),
        ("prices FAIL now", "prices fall now"),
        ("12 million euros", "12 billion euros"),
        ("the employer pays", "the employee pays"),
        ("AI Gore said", "Al Gore said"),
        ("it rose by 10", "it rose by l0"),
        ("part A10B of it", "part AlOB of it"),
        # a unit, sign or negation cut off
        ("it grew 5% then", "it grew 5"),
        ("it made 12 million then", "it made 12"),
        ("a profit of (1,577) in all", "1,577"),
        ("a result of -$5 in all", "$5 in all"),
        ("租金为1577万元", "租金为1577"),
        ("Pets may not be kept", "Pets may"),
        ("No pets may be kept", "pets may be kept"),
        ("Haustiere sind nicht erlaubt", "Haustiere sind"),
        ("it is notable", "it is not able"),
        # an ellipsis that hides what matters
        ("The tenant is not liable. He pays.", "The tenant is ... He pays."),
        ("Rent | 5 | 6\nCosts | 7 | 8", "Rent … 7"),
        (LEASE, "third working … monthly rent"),
    ],
)
def test_never_found_inside_a_word_or_number_or_with_another_letter(text: str, quote: str) -> None:
    assert locate(quote, hit(text)) is None


@pytest.mark.parametrize("quote", ["", " ", "a", "12", "...", "- -"])
def test_too_few_letters_are_no_quote(quote: str) -> None:
    assert locate(quote, hit("a 12 - - b")) is None


def test_a_later_whole_word_is_found_where_the_first_place_cuts_one() -> None:
    assert lines_in("the rented flat\nthe rent", "the rent") == [1]


def test_boxes_are_those_of_the_touched_lines() -> None:
    assert lines_in(LEASE, "monthly rent") == [0]
    assert lines_in(LEASE, "euros. It is") == [0, 1]
    assert lines_in(LEASE, "working day") == [1, 2]
    assert lines_in(LEASE, "day of each month.") == [2]
    assert lines_in(LEASE, LEASE) == [0, 1, 2]


def test_a_format_without_pages_has_a_quote_and_no_boxes() -> None:
    without = hit(LEASE, page=None)
    object.__setattr__(without, "boxes", ())

    assert locate("monthly rent", without) == Located("monthly rent", ())


WORD = st.text("abcdeé" + string.digits, min_size=1, max_size=6)
LINES = st.lists(st.lists(WORD, min_size=1, max_size=6), min_size=1, max_size=5)


@given(lines=LINES, data=st.data())
def test_any_stretch_cut_at_word_ends_is_found_and_its_boxes_cover_it(
    lines: list[list[str]], data: st.DataObject
) -> None:
    text = "\n".join(" ".join(words) for words in lines)
    words = list(re.finditer(r"\S+", text))
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    quote = text[words[first].start() : words[last].end()]
    if len("".join(quote.split())) < 3:
        return

    located = locate(quote, hit(text))

    assert located is not None
    assert located.quote == " ".join(quote.split())
    covered = [text.split("\n")[int(box.top)] for box in located.boxes]
    assert located.quote in " ".join(covered)


@given(before=st.text(string.ascii_lowercase + " .,", max_size=12), data=st.data())
def test_a_changed_digit_is_never_found(before: str, data: st.DataObject) -> None:
    number = data.draw(
        st.from_regex(r"[1-9][0-9]{0,2}(,[0-9]{3}){0,2}(\.[0-9]{1,2})?", fullmatch=True)
    )
    place = data.draw(st.sampled_from([i for i, c in enumerate(number) if c.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in string.digits if d != number[place]]))
    changed = number[:place] + digit + number[place + 1 :]

    assert locate(f"sum: {changed} euros", hit(f"{before}. sum: {number} euros")) is None
    assert locate(f"sum: {number} euros", hit(f"{before}. sum: {number} euros")) is not None
