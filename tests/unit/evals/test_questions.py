"""The questions over the filings are well formed, and true where the filings are at hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from evals.data import data_folder, json_lines
from local.serve import ROOT

QUESTIONS = json_lines(ROOT / "evals" / "questions" / "filings.jsonl")
ANSWERED = [row for row in QUESTIONS if row["answer"] is not None]
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
CONSTANTS = {"1", "2", "365"}  # of growth, an average and days in a year: on no page
WORKING = re.compile(r"\((.*)\)$")


def figures(text: str) -> set[str]:
    return set(FIGURE.findall(text))


def pages_of(row: dict[str, Any]) -> Iterator[int]:
    for alternatives in row["evidence"]:
        yield from alternatives


@cache
def page_texts(filing: Path) -> dict[int, str]:
    """The plain text of those pages of a filing that are named and exist."""
    about = [row for row in ANSWERED if row["doc_name"] == filing.stem]
    numbers = {number for row in about for number in pages_of(row)}
    with pypdfium2.PdfDocument(filing) as pdf:
        return {
            number: pdf[number - 1].get_textpage().get_text_range()
            for number in numbers & set(range(1, len(pdf) + 1))
        }


def texts(row: dict[str, Any]) -> dict[int, str]:
    data = data_folder()
    filing = data / "financebench" / "pdfs" / f"{row['doc_name']}.pdf" if data else None
    if filing is None or not filing.exists():
        pytest.skip("the filings are not there")
    return page_texts(filing)


def named(rows: list[dict[str, Any]]) -> list[object]:
    return [pytest.param(row, id=row["id"]) for row in rows]


def test_every_question_has_its_own_id_and_text() -> None:
    assert max(Counter(row["id"] for row in QUESTIONS).values()) == 1
    assert max(Counter(row["question"] for row in QUESTIONS).values()) == 1


@pytest.mark.parametrize("row", named(QUESTIONS))
def test_a_question_is_well_formed(row: dict[str, Any]) -> None:
    assert set(row) == {"id", "doc_name", "question", "answer", "kind", "evidence", "split"}
    assert [name for name, value in row.items() if value == ""] == []
    assert row["kind"] in {"figure", "computed", "text"}
    assert row["split"] in {"tune", "held-out"}


@pytest.mark.parametrize("row", named(QUESTIONS))
def test_only_an_answer_has_evidence(row: dict[str, Any]) -> None:
    assert bool(row["evidence"]) == (row["answer"] is not None)
    assert all(alternatives for alternatives in row["evidence"])
    for alternatives in row["evidence"]:
        assert alternatives == sorted(set(alternatives))


def test_half_of_each_filing_is_held_out() -> None:
    halves = Counter((row["id"].rpartition("-")[0], row["split"]) for row in QUESTIONS)
    for group in {group for group, _ in halves}:
        assert abs(halves[group, "tune"] - halves[group, "held-out"]) <= 1


@pytest.mark.parametrize("row", named(ANSWERED))
def test_the_pages_of_the_evidence_exist(row: dict[str, Any]) -> None:
    assert set(pages_of(row)) <= set(texts(row))


@pytest.mark.parametrize("row", named([row for row in ANSWERED if row["kind"] == "figure"]))
def test_a_figure_stands_on_the_pages_named(row: dict[str, Any]) -> None:
    """Each figure of the answer on one page at least, and each page has one of them."""
    pages, wanted = texts(row), figures(row["answer"])
    shown = {page: wanted & figures(pages[page]) for page in pages_of(row)}
    assert wanted
    assert wanted - set().union(*shown.values()) == set()
    assert [page for page, found in shown.items() if not found] == []


@pytest.mark.parametrize("row", named([row for row in ANSWERED if row["kind"] == "computed"]))
def test_a_working_takes_its_figures_from_the_pages_named(row: dict[str, Any]) -> None:
    pages, working = texts(row), WORKING.search(row["answer"])
    assert working
    wanted = figures(working[1]) - CONSTANTS
    shown = {page: wanted & figures(pages[page]) for page in pages_of(row)}
    assert wanted - set().union(*shown.values()) == set()
    assert [page for page, found in shown.items() if not found] == []
