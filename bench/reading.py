"""CPU for each page read: our reader against the libraries that give plain text, and OCR.

CPU of this process and of the children it has waited for, so that a reader which works in several
processes can stand in the same table; its gain shows in the wall time beside it. All readers take
turns on the same pages, so that a busy machine slows all alike. Only ours places every line.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pypdfium2 as pdfium

from askbucket.ingest.readers.reading import open_source
from bench.measured import Row
from evals.reading import tesseract
from local.ocr.orientation import read_upright
from local.ocr.page_text import Engine
from local.ocr.rapid import RapidOcrEngine
from local.serve import ROOT
from local.textract.document import Document

FOLDER_VARIABLE = "ASKBUCKET_BENCH_PDFS"  # a folder of PDFs to read too
FIRST_PAGES = 20  # of each file; pdfplumber takes long
RUNS = 3
LINES_OF_A_PAGE, WORDS_OF_A_LINE = 48, 13
SCAN = ROOT / "samples" / "scan.pdf"

Reader = Callable[[Path], int]  # reads at most FIRST_PAGES pages; how many they were


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for each page."""

    cpu: float
    wall: float


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="askbucket-bench-") as folder:
        made = Path(folder) / "made.pdf"
        _make_pdf(made)
        found = _rows("made PDF", TEXT_READERS, [made])
    if folder_of_pdfs := os.environ.get(FOLDER_VARIABLE):
        files = sorted(Path(folder_of_pdfs).glob("*.pdf"))
        found += _rows(f"{len(files)} PDFs", TEXT_READERS, files)
    return found + _rows("scan", _ocr_readers(), [SCAN])


def _rows(what: str, readers: Mapping[str, Reader], files: list[Path]) -> list[Row]:
    """A row for each reader, its cost as a ratio to the first one's."""
    costs: dict[str, list[Cost]] = {name: [] for name in readers}
    for _ in range(RUNS):
        for name, reader in readers.items():
            costs[name].append(_cost(reader, files))
    middle = {name: statistics.median(cost.cpu for cost in each) for name, each in costs.items()}
    floor = next(iter(middle.values()))
    return [
        Row(
            f"{what}: {name}",
            f"{cpu * 1000:.1f} ms",
            "",
            f"{cpu / floor:.1f} x the floor; "
            f"{statistics.median(cost.wall for cost in costs[name]) * 1000:.1f} ms wall",
        )
        for name, cpu in middle.items()
    ]


def _cost(reader: Reader, files: list[Path]) -> Cost:
    cpu, wall = _cpu_seconds(), time.perf_counter()
    pages = sum(reader(file) for file in files)
    return Cost((_cpu_seconds() - cpu) / pages, (time.perf_counter() - wall) / pages)


def _cpu_seconds() -> float:
    return sum(os.times()[:4])  # user and system, our own and the children's


# ------------------------------------------------------------------------------- text layers


def _pdfium(path: Path) -> int:
    pdf = pdfium.PdfDocument(path)
    try:
        count = min(FIRST_PAGES, len(pdf))
        for at in range(count):
            pdf[at].get_textpage().get_text_range()
        return count
    finally:
        pdf.close()


def _ours(path: Path) -> int:
    source = open_source(path, path.name)
    try:
        return len(source.pages(1, min(FIRST_PAGES, source.page_count)))
    finally:
        source.close()


def _pypdf(path: Path) -> int:
    import pypdf

    pages = pypdf.PdfReader(path).pages[:FIRST_PAGES]
    return sum(page.extract_text() is not None for page in pages)


def _pdfplumber(path: Path) -> int:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return sum(page.extract_text() is not None for page in pdf.pages[:FIRST_PAGES])


TEXT_READERS: dict[str, Reader] = {
    "pdfium, plain text (floor)": _pdfium,
    "ours, lines and boxes": _ours,
    "pypdf": _pypdf,
    "pdfplumber": _pdfplumber,
}


# -------------------------------------------------------------------------------------- OCR


def _ocr_readers() -> dict[str, Reader]:
    """Ours has loaded its models before it is timed."""
    engine = RapidOcrEngine()
    ours = partial(_recognised, engine)
    ours(SCAN)
    if not tesseract.installed():
        return {f"{engine.name} (floor: tesseract is not installed)": ours}
    return {"tesseract (floor)": _tesseract, f"ours, {engine.name}": ours}


def _recognised(engine: Engine, path: Path) -> int:
    read_upright(engine, Document(path).picture(1))
    return 1


def _tesseract(path: Path) -> int:
    tesseract.text(path, 1)
    return 1


def _make_pdf(path: Path) -> None:
    """FIRST_PAGES pages of prose in the typefaces every PDF reader knows."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for page in range(FIRST_PAGES):
        canvas.setFont("Helvetica", 10)
        for line in range(LINES_OF_A_PAGE):
            numbers = range(line * WORDS_OF_A_LINE, (line + 1) * WORDS_OF_A_LINE)
            text = " ".join(f"word{(page + 7) * number % 997}" for number in numbers)
            canvas.drawString(60, A4[1] - 60 - 15 * line, text)
        canvas.showPage()
    canvas.save()
