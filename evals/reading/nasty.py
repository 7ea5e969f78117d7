"""Damaged, locked and misleading files: each one read, or refused with a reason, as it should."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from askbucket.errors import UnreadableDocument
from askbucket.ingest.endings import Tally
from evals.reading.formats import strings_found
from evals.reading.offline_ocr import OfflineOcr
from evals.reading.probe import CRASHED, HUNG, READ, REFUSED, probe
from evals.reading.read import read
from evals.reading.scores import page_text
from evals.reading.table import Table, Value

COLUMNS = ("file", "expected", "outcome", "pages", "strings", "s", "peak MB", "verdict")
INDEXED, PARTIAL, NO_TEXT = "indexed", "partial", "no text"
ACCEPTED = {
    "index": (INDEXED,),
    "index_partial": (PARTIAL,),
    "index_needs_ocr": (INDEXED, NO_TEXT),
    "index_or_clear_error": (INDEXED, PARTIAL, NO_TEXT, REFUSED),
    "no_text_or_clear_error": (NO_TEXT, REFUSED),
    "clear_error": (REFUSED,),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file; `found` of its strings where it was indexed."""

    name: str
    pages: int = 0
    found: int = 0
    reason: str = ""


def measured(folder: Path, ocr: OfflineOcr) -> Table:
    """A row for each file of `manifest.csv`; time and memory are without OCR, one process each."""
    table = Table("Nasty files: indexed or refused as each of them should be", COLUMNS)
    reasons = []
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = folder / row["file"]
            first = probe(path)
            if first.outcome == READ:
                outcome = outcome_of(path, _strings(row), ocr)
            else:
                outcome = Outcome(first.outcome, reason=first.reason)
            table.rows.append(_row(row, outcome, first.seconds, first.peak_mb))
            if outcome.reason:
                reasons.append(f"{path.name}: {outcome.reason}")
    right = sum(row[-1] == "right" for row in table.rows)
    table.notes += [f"{right} of {len(table.rows)} right", *reasons]
    return table


def outcome_of(path: Path, strings: Sequence[str], ocr: OfflineOcr) -> Outcome:
    """The document's end, OCR included, as the rule that indexes it would decide."""
    try:
        tally = Tally()
        pages = list(tally.counting(read(path, ocr).pages))
    except UnreadableDocument as fault:
        return Outcome(REFUSED, reason=str(fault))
    text = "\n".join(page_text(page.lines) for page in pages)
    if not text.strip():
        return Outcome(NO_TEXT, len(pages), reason=tally.no_text)
    name = PARTIAL if any(page.source == "lost" for page in pages) else INDEXED
    return Outcome(name, len(pages), strings_found(text, strings))


def is_right(row: Mapping[str, str], outcome: Outcome) -> bool:
    """Whether the manifest accepts the outcome, with every string and page it names."""
    if outcome.name not in ACCEPTED[row["expected"]]:
        return False
    if outcome.name not in (INDEXED, PARTIAL):
        return bool(outcome.reason)
    pages = row["expected_pages"]
    whole = not pages or int(pages) == outcome.pages
    return whole and outcome.found == len(_strings(row))


def _strings(row: Mapping[str, str]) -> list[str]:
    return [wanted for wanted in row["must_contain"].split("|") if wanted]


def _row(
    row: Mapping[str, str], outcome: Outcome, seconds: float, peak_mb: int
) -> tuple[Value, ...]:
    strings = f"{outcome.found}/{len(_strings(row))}"
    timed = round(seconds, 3) if outcome.name not in (CRASHED, HUNG) else "-"
    verdict = "right" if is_right(row, outcome) else "WRONG"
    name = Path(row["file"]).name
    return name, row["expected"], outcome.name, outcome.pages, strings, timed, peak_mb, verdict
