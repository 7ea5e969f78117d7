"""One text once, and never a text that says anything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.answer import duplicates
from askbucket.answer.duplicates import collapsed
from askbucket.answer.prompt import user_message
from askbucket.models import Hit
from tests.unit.answer.parts import hit

NOTICE = "The rent is due on the first of each month. Payments by post are accepted."


def copies(*texts: str, context: str = "") -> list[Hit]:
    return [
        replace(hit(text, key=f"{n}.txt", chunk=f"c{n}", score=1 - n / 10, page=n), context=context)
        for n, text in enumerate(texts)
    ]


def test_the_best_of_equal_texts_is_kept_and_names_the_others() -> None:
    first, second, third = copies(NOTICE, "Dogs are welcome.", NOTICE)

    kept = collapsed([third, second, first])

    assert [each.document for each in kept] == ["0.txt", "1.txt"]
    assert kept[0].duplicates == (third.place,)
    assert kept[1].duplicates == ()


@pytest.mark.parametrize(
    "other",
    [
        NOTICE.replace(" of", "\nof").replace("month.", "month"),
        NOTICE.replace("accepted", "accep-\nted"),
        NOTICE.replace("The rent", "“The rent”"),
    ],
)
def test_line_breaks_quotes_and_stops_make_no_other_text(other: str) -> None:
    assert len(collapsed(copies(NOTICE, other))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Shed A 95 m2 255 pounds", "Shed A 95 m2 256 pounds"),
        ("Shed A 95 m2 255 pounds", "Shed B 95 m2 255 pounds"),
        ("a loss of 1.5 million", "a loss of 15 million"),
        ("a loss of 1.5 million", "a loss of 1 5 million"),
        ("a change of 5 %", "a change of -5 %"),
        ("a change of 5", "a change of (5)"),
        ("it costs $ 5", "it costs € 5"),
        ("10² units", "102 units"),
        ("the fee is refundable", "the fee is not refundable"),
        ("you may leave the key", "you must leave the key"),
        ("rent | 500 | | 20", "rent | | 500 | 20"),
        ("paid in May", "paid in may"),
        ("Delivered?", "Delivered"),
        ("黑豹队丢了308分", "黑豹队丢了309分"),
        ("You may keep a dog", "You may keep a dog in shed B"),
    ],
)
def test_texts_that_differ_in_anything_said_are_both_kept(one: str, other: str) -> None:
    assert len(collapsed(copies(one, other))) == 2
    assert len(collapsed(copies(other, one))) == 2


def test_equal_rows_under_other_headings_are_both_kept() -> None:
    [one] = copies("Rent | 500", context="lease > Summer 2025")
    other = replace(one, chunk_id="other", document="b.txt", context="lease > Summer 2026")

    assert len(collapsed([one, other])) == 2
    moved = replace(other, context="another title > Summer 2025")
    assert len(collapsed([one, moved])) == 1


def test_the_model_is_told_where_else_a_text_stands() -> None:
    kept = collapsed(copies(NOTICE, NOTICE))

    assert "<context>The same text: 1.txt</context>" in user_message("When?", kept)


PIECES = ("Rent 500", "Rent 501", "rent 500.", "it is due", "it is not due", "Rent\n500")
HITS = st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5), max_size=8).flatmap(
    lambda texts: st.permutations(
        [
            hit(" ".join(text), chunk=f"c{n}", key=f"{n % 3}.txt", score=(n % 4) / 4)
            for n, text in enumerate(texts)
        ]
    )
)


def said(text: str) -> str:
    return text.replace(".", "").replace("\n", " ")


@given(hits=HITS, data=st.data())
def test_the_order_of_the_hits_does_not_count(hits: list[Hit], data: st.DataObject) -> None:
    assert collapsed(data.draw(st.permutations(hits))) == collapsed(hits)


@given(hits=HITS)
def test_a_second_time_changes_nothing(hits: list[Hit]) -> None:
    assert collapsed(collapsed(hits)) == collapsed(hits)


@given(hits=HITS)
def test_no_word_and_no_place_is_lost(hits: list[Hit]) -> None:
    assert_nothing_lost(collapsed, hits)


def assert_nothing_lost(collapse: Callable[[list[Hit]], list[Hit]], hits: list[Hit]) -> None:
    kept = collapse(hits)
    for each in hits:
        assert said(each.text) in {said(other.text) for other in kept}
    assert {p for h in kept for p in (h.place, *h.duplicates)} == {h.place for h in hits}


def test_comparing_without_figures_loses_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: likeness of the letters alone."""
    letters = duplicates.regex.compile(r"\p{L}+")
    monkeypatch.setattr(duplicates, "WORD", letters)
    with pytest.raises(AssertionError):
        assert_nothing_lost(collapsed, copies("Rent 500", "Rent 501"))
