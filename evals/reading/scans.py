"""Scanned pages against the text they were made from."""

from __future__ import annotations

from pathlib import Path

from evals.data import json_lines
from evals.reading import tesseract
from evals.reading.offline_ocr import OfflineOcr
from evals.reading.read import read
from evals.reading.scores import (
    bare_words,
    character_error_rate,
    page_text,
    precision,
    recall,
    words,
)
from evals.reading.table import Table, Value

COLUMNS = ("page", "word recall", "word precision", "bare word recall", "character error rate")
BASELINE = "tesseract word recall"


def measured(folder: Path, ocr: OfflineOcr) -> Table:
    """A row for each page of `pages.jsonl`. Plain Tesseract beside it where it is installed.

    A word is right as a whole: `226.083` for `226,083` counts as wrong. Bare words are the runs of
    letters and digits in it, so there both halves are right.
    """
    columns = [*COLUMNS, BASELINE] if tesseract.installed() else COLUMNS
    table = Table("Scanned filings: text found against the original's", columns)
    truth = json_lines(folder / "pages.jsonl")
    for file in sorted({page["file"] for page in truth}):
        found = [page_text(page.lines) for page in read(folder / file, ocr).pages]
        for page in (page for page in truth if page["file"] == file):
            index = page["page_index_0based"]
            row = [*scored(f"{index + 1}", page["text"], found[index])]
            if tesseract.installed():
                plain = tesseract.kept_text(folder / file, index + 1)
                row.append(recall(words(page["text"]), words(plain)))
            table.rows.append(tuple(row))
    table.add_means({name: table.column(name) for name in columns[1:]})
    if not tesseract.installed():
        table.notes.append(tesseract.ABSENT)
    return table


def scored(what: str, truth: str, found: str) -> tuple[Value, ...]:
    """A row of COLUMNS for one page."""
    wanted, there = words(truth), words(found)
    return (
        what,
        recall(wanted, there),
        precision(wanted, there),
        recall(bare_words(truth), bare_words(found)),
        character_error_rate(truth, found),
    )
