"""Photographed receipts against hand-made lines, boxes and fields (SROIE)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from askbucket.models import Box, Page
from evals.data import json_lines
from evals.reading import tesseract
from evals.reading.offline_ocr import OfflineOcr
from evals.reading.read import read
from evals.reading.scores import folded_words, holds, matched, page_text, recall
from evals.reading.table import Table, Value

COLUMNS = (
    "receipt",
    "word recall",
    "company",
    "date",
    "address",
    "total",
    "mean IoU",
    "IoU >= 0.5",
)
FIELDS = COLUMNS[2:6]
BASELINE = "tesseract word recall"
RECEIPT_LAYOUT = 4  # a column of lines, as the data set's own baseline was read
GOOD_OVERLAP = 0.5


def measured(folder: Path, ocr: OfflineOcr) -> Table:
    """A row for each receipt; a field is 1 where its string stands in the page's text.

    Case and white space do not count. A true line is held against the one of our lines that covers
    it best; ours may hold what the truth tells apart, such as a price and what it is for.
    """
    columns = [*COLUMNS, BASELINE] if tesseract.installed() else COLUMNS
    table = Table("Receipts: text, fields and boxes against hand-made truth", columns)
    overlaps: list[float] = []
    for truth in json_lines(folder / "truth.jsonl"):
        [page] = read(folder / truth["file"], ocr).pages
        pairs = line_overlaps(truth, page)
        row = [*scored(truth, page, pairs)]
        if tesseract.installed():
            plain = tesseract.kept_text(folder / truth["file"], 1, layout=RECEIPT_LAYOUT)
            row.append(recall(folded_words(truth["text"]), folded_words(plain)))
        table.rows.append(tuple(row))
        overlaps += pairs
    table.add_means({name: table.column(name) for name in ("word recall", *FIELDS, *columns[8:])})
    table.add_means({"field found": [value for each in FIELDS for value in table.column(each)]})
    table.add_means({"IoU of matched lines": [value for value in overlaps if value]})
    table.add_means({"lines with IoU >= 0.5": [float(v >= GOOD_OVERLAP) for v in overlaps]})
    if not tesseract.installed():
        table.notes.append(tesseract.ABSENT)
    return table


def scored(truth: Mapping[str, Any], page: Page, overlaps: Sequence[float]) -> tuple[Value, ...]:
    """A row of COLUMNS for one receipt."""
    text = page_text(page.lines)
    met = [value for value in overlaps if value]
    return (
        truth["id"],
        recall(folded_words(truth["text"]), folded_words(text)),
        *(int(holds(text, truth["fields"][field])) for field in FIELDS),
        sum(met) / max(1, len(met)),
        sum(value >= GOOD_OVERLAP for value in overlaps) / max(1, len(overlaps)),
    )


def line_overlaps(truth: Mapping[str, Any], page: Page) -> list[float]:
    """For every true line, its overlap with our line; 0 where none of ours is left for it."""
    size = truth["width"], truth["height"]
    boxes = [_box(line["box"], *size) for line in truth["lines"]]
    return matched(boxes, [line.box for line in page.lines if line.box])


def _box(corners: Sequence[int], width: int, height: int) -> Box:
    """From x1, y1 .. x4, y4 in pixels."""
    across, down = corners[0::2], corners[1::2]
    return Box(
        min(across) / width,
        min(down) / height,
        (max(across) - min(across)) / width,
        (max(down) - min(down)) / height,
    )
