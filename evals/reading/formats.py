"""Office, web and text files: strings that must be found, and other converters' text."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from askbucket.errors import UnreadableDocument
from evals.reading.offline_ocr import OfflineOcr
from evals.reading.read import read
from evals.reading.scores import bare_words, folded_words, page_text, recall
from evals.reading.table import Table, Value

COLUMNS = ("file", "outcome", "strings found", "of", "word recall")
NONE = "-"


def measured(folder: Path, ocr: OfflineOcr) -> Table:
    """A row for each file of `manifest.csv`.

    Words are held against the reference Markdown where there is one: what another converter
    accepted, not truth. Its markup does not count.
    """
    table = Table("Formats: strings that must be found, words of the reference", COLUMNS)
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        table.rows += [_row(folder, row, ocr, table.notes) for row in csv.DictReader(file)]
    table.add_means({"word recall": table.column("word recall")})
    found, wanted = sum(table.column("strings found")), sum(table.column("of"))
    table.notes.append(f"{found:.0f} of {wanted:.0f} strings found")
    return table


def _row(
    folder: Path, row: Mapping[str, str], ocr: OfflineOcr, reasons: list[str]
) -> tuple[Value, ...]:
    """The file's row; why it was refused goes to the reasons."""
    path = folder / row["file"]
    strings = row["must_contain"].split("|")
    try:
        text = "\n".join(page_text(page.lines) for page in read(path, ocr).pages)
    except UnreadableDocument as fault:
        reasons.append(f"{path.name}: {fault}")
        return path.name, "refused", 0, len(strings), NONE
    reference = row["reference_markdown"]
    return (
        path.name,
        "read",
        strings_found(text, strings),
        len(strings),
        _reference_recall(folder / reference, text) if reference else NONE,
    )


def strings_found(text: str, strings: Sequence[str]) -> int:
    """How many of them stand in the text, white space and case aside."""
    even = " ".join(folded_words(text))
    return sum(" ".join(folded_words(wanted)) in even for wanted in strings)


def _reference_recall(path: Path, text: str) -> float:
    return recall(bare_words(path.read_text(encoding="utf-8")), bare_words(text))
