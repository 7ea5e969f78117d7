"""The shipped sample documents: what is planted on each page, and the whole text of the scan."""

from __future__ import annotations

from pathlib import Path

from evals.reading.formats import strings_found
from evals.reading.offline_ocr import OfflineOcr
from evals.reading.read import read
from evals.reading.scans import COLUMNS as SCAN_COLUMNS
from evals.reading.scans import scored
from evals.reading.scores import page_text
from evals.reading.table import Table
from local.serve import ROOT
from samples.texts import LETTER

SAMPLES = ROOT / "samples"
COLUMNS = ("page", "strings found", "of", *SCAN_COLUMNS[1:])
NONE = "-"
PLANTED: dict[str, list[list[str]]] = {
    "handbook.pdf": [
        ["founded on 14 March 1987", "148 members", "612 tools", "Wednesdays and Saturdays"],
        ["a share costs 40 pounds", "quorum of 31 members", "notice of 90 days"],
        ["Boat shed B", "255 pounds", "Kiln room", "within 30 days"],
        ["18 tonnes", "VHF channel 12", "extension 417", "red book"],
    ],
    "scan.pdf": [["HB-2026-0417", "Ingrid Solheim", "wear of 3.2 mm", "June 2028", "1,850 pounds"]],
    "notice.html": [["17 October 2026", "8,730 pounds", "from 65 to 70 pounds", "served at 13:00"]],
    "notes.txt": [["Brightwater Electric", "26,400", "7 September 2026", "Eleven tools"]],
}
WHOLE = {("scan.pdf", 1): LETTER}


def measured(ocr: OfflineOcr, folder: Path = SAMPLES) -> Table:
    """A row for each page."""
    table = Table("Samples: what is planted in them, and the letter that was scanned", COLUMNS)
    for name, planted in PLANTED.items():
        pages = read(folder / name, ocr).pages
        for number, strings in enumerate(planted, 1):
            text = page_text(pages[number - 1].lines) if number <= len(pages) else ""
            what = f"{name} {number}" if len(planted) > 1 else name
            whole = WHOLE.get((name, number))
            scores = scored("", whole, text)[1:] if whole else [NONE] * (len(SCAN_COLUMNS) - 1)
            table.rows.append((what, strings_found(text, strings), len(strings), *scores))
    found, wanted = sum(table.column("strings found")), sum(table.column("of"))
    table.notes.append(f"{found:.0f} of {wanted:.0f} strings found")
    return table
