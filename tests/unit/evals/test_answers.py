"""Measures of an answer, against replies and lines whose truth is plain."""

from __future__ import annotations

from typing import Any

import pytest

from evals.answers import boxes_right, by_measure, held, located, row_of
from evals.asked import Asked


def line(text: str, top: float | None = None) -> dict[str, Any]:
    box = None if top is None else {"left": 0.1, "top": top, "width": 0.8, "height": 0.02}
    return {"text": text, "box": box}


LINES = [
    line("The bridge carries at", 0.1),
    line("most 18 tonnes, and no more.", 0.2),
    line("Ships ask ahead.", 0.3),
]


def cite(quote: str, *tops: float, document: str = "h.pdf", page: int | None = 4) -> dict[str, Any]:
    boxes = [line("", top)["box"] for top in tops]
    return {"id": "h", "document": document, "page": page, "quote": quote, "boxes": boxes}


def reply(*cites: dict[str, Any], text: str = "At most 18 tonnes [1]") -> dict[str, Any]:
    return {"answered": bool(cites), "answer": text, "citations": list(cites)}


class Stub:
    """A library with one reply and one page."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def ask(self, *_: Any) -> dict[str, Any]:
        return self._answer

    def lines(self, *_: Any) -> list[dict[str, Any]]:
        return LINES


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("carries at most 18 tonnes", True),  # over the end of a line
        ("carries  at\nmost", True),
        ("carries at most 19 tonnes", False),
        ("Carries at most", False),
        ("", False),
    ],
)
def test_a_quote_is_located_letter_by_letter(quote: str, stands: bool) -> None:
    assert located(cite(quote), LINES) is stands


@pytest.mark.parametrize(
    ("tops", "right"),
    [((0.1, 0.2), True), ((0.1,), False), ((0.1, 0.2, 0.3), False), ((0.2, 0.3), False)],
)
def test_boxes_are_those_of_the_quotes_lines_no_more_or_less(
    tops: tuple[float, ...], right: bool
) -> None:
    assert boxes_right(cite("carries at most 18 tonnes", *tops), LINES) is right


def test_boxes_may_be_of_any_place_where_the_quote_stands() -> None:
    twice = [line("Ask ahead.", 0.1), line("Ask ahead.", 0.2)]
    assert boxes_right(cite("Ask ahead.", 0.2), twice)


def test_held_is_the_share_of_the_strings_in_text_or_quotes() -> None:
    answer = reply(cite("carries at most"), text="18 tonnes [1]")
    assert held(answer, ["18 Tonnes", "at most"]) == 1
    assert held(answer, ["18", "8", "180", "carries"]) == 0.5  # a number is whole or not there
    assert held(reply(), ["18"]) == 0


def test_a_row_holds_only_what_applies() -> None:
    there = Asked("q", "How much?", frozenset({("h.pdf", 4)}), ("18 tonnes",))
    nowhere = Asked("n", "Who?", frozenset())
    right = reply(
        cite("carries at most 18 tonnes", 0.1, 0.2),
        cite("Ships ask behind.", 0.3, page=5),
    )
    assert row_of(there, Stub(right)) == {  # type: ignore[arg-type]
        "answered": 1,
        "answer held": 1,
        "place cited": 0.5,
        "quote located": 0.5,
        "boxes right": 0.5,
    }
    assert row_of(there, Stub(reply())) == {"answered": 0, "answer held": 0}  # type: ignore[arg-type]
    assert row_of(nowhere, Stub(reply())) == {"refused": 1}  # type: ignore[arg-type]
    assert row_of(nowhere, Stub(right))["refused"] == 0  # type: ignore[arg-type]


def test_a_place_without_pages_needs_only_the_document() -> None:
    asked = Asked("q", "?", frozenset({("n.txt", None)}))
    right = reply(cite("Ships ask ahead.", document="n.txt", page=None))
    row = row_of(asked, Stub(right))  # type: ignore[arg-type]
    assert row == {"answered": 1, "place cited": 1, "quote located": 1}


def test_measures_are_over_the_questions_they_apply_to() -> None:
    rows = {"a": {"answered": 1.0, "quote located": 1.0}, "b": {"answered": 0.0}}
    assert by_measure(rows) == {"answered": {"a": 1, "b": 0}, "quote located": {"a": 1}}
