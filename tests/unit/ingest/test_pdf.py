"""PDF pages as lines with boxes, each page for itself."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from reportlab.lib.pagesizes import A4

from askbucket.errors import UnreadableDocument
from askbucket.ingest.pdf.pdf_source import PdfSource
from askbucket.models import Page
from tests.unit.ingest.files import LINE_HEIGHT, TOP_MARGIN, locked_pdf, pdf

HANDBOOK = Path(__file__).parents[3] / "samples" / "handbook.pdf"
ROWS = ["The swing bridge carries 18 tonnes", "and opens on channel twelve", "Duty phone 417"]
WIDTH, HEIGHT = A4


def pages_of(path: Path, data: bytes) -> list[Page]:
    path.write_bytes(data)
    source = PdfSource(path)
    try:
        return source.pages(1, source.page_count)
    finally:
        source.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "object"


def test_the_handbooks_facts_stand_on_their_pages() -> None:
    source = PdfSource(HANDBOOK)
    pages = source.pages(1, source.page_count)
    source.close()
    assert [page.number for page in pages] == [1, 2, 3, 4]
    assert {page.source for page in pages} == {"text"}
    for number, fact in [
        (1, "founded on 14 March 1987"),
        (2, "yearly fee is 65 pounds"),
        (3, "620"),
        (4, "extension 417"),
    ]:
        holding = [page.number for page in pages if fact in " ".join(page.text.split())]
        assert holding == [number], fact


def test_the_handbooks_boxes_hold_the_ink_of_their_lines() -> None:
    source = PdfSource(HANDBOOK)
    [page] = source.pages(1, 1)
    source.close()
    pdf_file = pdfium.PdfDocument(HANDBOOK)
    picture = pdf_file[0].render(scale=2).to_pil().convert("L")
    pdf_file.close()
    for line in page.lines:
        assert line.box is not None
        left, top = line.box.left * picture.width, line.box.top * picture.height
        right = left + line.box.width * picture.width
        bottom = top + line.box.height * picture.height
        inside = picture.crop((int(left), int(top), int(right) + 1, int(bottom) + 1))
        assert min(inside.tobytes()) < 128, f"no ink under {line.text!r}"
        assert line.box.height < 0.05


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_are_those_of_the_page_as_displayed(file: Path, rotation: int) -> None:
    # given
    data = pdf([ROWS], rotation=rotation)
    # when
    [page] = pages_of(file, data)
    # then
    assert [line.text for line in page.lines] == ROWS
    shown = pdfium.PdfDocument(data)
    picture = shown[0].render(scale=1).to_pil().convert("L")
    shown.close()
    ink = picture.point(lambda shade: 255 if shade < 128 else 0).getbbox()
    assert ink is not None
    boxes = [line.box for line in page.lines if line.box]
    assert min(box.left for box in boxes) * picture.width == pytest.approx(ink[0], abs=6)
    assert min(box.top for box in boxes) * picture.height == pytest.approx(ink[1], abs=6)
    assert max(b.left + b.width for b in boxes) * picture.width == pytest.approx(ink[2], abs=6)
    assert max(b.top + b.height for b in boxes) * picture.height == pytest.approx(ink[3], abs=6)


def test_a_line_is_boxed_where_it_was_drawn(file: Path) -> None:
    [page] = pages_of(file, pdf([ROWS]))
    box = page.lines[1].box
    assert box is not None
    baseline = (TOP_MARGIN + LINE_HEIGHT) / HEIGHT
    assert box.left == pytest.approx(TOP_MARGIN / WIDTH, abs=0.005)
    assert box.top < baseline < box.top + box.height


def test_each_page_decides_for_itself_whether_it_needs_ocr(file: Path) -> None:
    pages = pages_of(file, pdf([ROWS * 3, 128, ROWS * 3, []]))
    assert [page.source for page in pages] == ["text", "waiting", "text", "text"]
    assert pages[1].lines == ()


def test_ocr_gets_just_the_pages_it_was_asked_for(file: Path) -> None:
    file.write_bytes(pdf([["first"], ["second"], ["third"], ["fourth"]]))
    source = PdfSource(file)
    taken = pdfium.PdfDocument(io.BytesIO(source.ocr_input([2, 4])))
    source.close()
    texts = [page.get_textpage().get_text_bounded().strip() for page in taken]
    taken.close()
    assert texts == ["second", "fourth"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (locked_pdf(), "the PDF is encrypted and needs a password"),
        (b"%PDF-1.4 nothing", "the file is not a readable PDF: it is damaged or cut short"),
        (pdf([["a"]])[:200], "the file is not a readable PDF: it is damaged or cut short"),
    ],
)
def test_a_pdf_that_cannot_be_opened_says_why(file: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument) as fault:
        pages_of(file, data)
    assert str(fault.value) == reason
