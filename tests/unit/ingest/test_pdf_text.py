"""What a PDF page's text layer says, and when it is not believed."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from askbucket.ingest.pdf.pdf_source import PdfSource
from askbucket.models import Page

WIDTH, HEIGHT = A4
PROSE = [
    "The swing bridge carries lorries of eighteen tonnes and opens on channel twelve,",
    "while the keepers watch the weather from their towers and record each passage in",
    "the books of the harbour office, which are kept for seven years and then burned.",
]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Callable[[Canvas], None]], Page]:
    """The first page as read, of a PDF drawn by the function."""

    def read_drawn(draw: Callable[[Canvas], None]) -> Page:
        return read_page(tmp_path / "object", drawn(draw))

    return read_drawn


def drawn(draw: Callable[[Canvas], None]) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    canvas.setFont("Helvetica", 11)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def read_page(path: Path, data: bytes) -> Page:
    path.write_bytes(data)
    source = PdfSource(path)
    try:
        [page] = source.pages(1, 1)
        return page
    finally:
        source.close()


def paragraph(canvas: Canvas, lines: list[str] = PROSE, top: float = 100) -> None:
    for number, line in enumerate(lines):
        canvas.drawString(72, HEIGHT - top - 15 * number, line)


def scan(words: list[str]) -> ImageReader:
    """A picture of a page of print."""
    picture = Image.new("L", (800, 1000), 255)
    brush = ImageDraw.Draw(picture)
    for number, line in enumerate(words):
        brush.text((40, 40 + 30 * number), line, fill=0, font_size=18)
    return ImageReader(picture)


Read = Callable[[Callable[[Canvas], None]], Page]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_sideways_text_is_read_in_lines_boxed_where_it_is_seen(read: Read, angle: int) -> None:
    # given: text turned on a page that is not
    def draw(canvas: Canvas) -> None:
        canvas.translate(WIDTH / 2, HEIGHT / 2)
        canvas.rotate(angle)
        for number, line in enumerate(PROSE):
            canvas.drawString(-220, 100 - 15 * number, line)

    # when
    page = read(draw)
    # then
    assert [line.text for line in page.lines] == PROSE
    shown = pdfium.PdfDocument(drawn(draw))
    picture = shown[0].render(scale=1).to_pil().convert("L")
    shown.close()
    left, top, right, bottom = picture.point(lambda shade: 255 * (shade < 128)).getbbox() or ()
    boxes = [line.box for line in page.lines if line.box]
    assert min(box.left for box in boxes) * WIDTH == pytest.approx(left, abs=5)
    assert min(box.top for box in boxes) * HEIGHT == pytest.approx(top, abs=5)
    assert max(box.left + box.width for box in boxes) * WIDTH == pytest.approx(right, abs=5)
    assert max(box.top + box.height for box in boxes) * HEIGHT == pytest.approx(bottom, abs=5)


def test_text_along_the_margin_is_read_after_the_page(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.translate(30, 300)
        canvas.rotate(90)
        canvas.drawString(0, 0, "received in the harbour office")
        canvas.restoreState()
        paragraph(canvas)

    assert [line.text for line in read(draw).lines] == [*PROSE, "received in the harbour office"]


def test_text_drawn_twice_for_boldness_counts_once(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        paragraph(canvas)
        canvas.translate(0.4, 0)
        paragraph(canvas)
        left = 72.0
        for letter in "Duty":
            for shift in (0, 0.3):
                canvas.drawString(left + shift, 300, letter)
            left += canvas.stringWidth(letter, "Helvetica", 11)

    assert [line.text for line in read(draw).lines] == [*PROSE, "Duty"]


def test_letters_that_stand_twice_in_a_word_are_kept(read: Read) -> None:
    lines = ["bookkeeper llama Hawaii Mississippi 11000 lll iii"]
    assert [line.text for line in read(lambda canvas: paragraph(canvas, lines)).lines] == lines


def test_text_outside_the_visible_page_is_left_out(tmp_path: Path) -> None:
    # given
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(drawn(paragraph))))
    cut = HEIGHT - 100 - 15 * 1.5  # between the second and the third line
    writer.pages[0].cropbox = RectangleObject((0, cut, WIDTH, HEIGHT))
    buffer = io.BytesIO()
    writer.write(buffer)
    # when
    page = read_page(tmp_path / "object", buffer.getvalue())
    # then
    assert [line.text for line in page.lines] == PROSE[:2]


def test_a_scans_invisible_text_layer_is_used(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(scan(PROSE), 72, HEIGHT - 600, 450, 560)
        text = canvas.beginText(95, HEIGHT - 75)
        text.setTextRenderMode(3)
        text.setFont("Helvetica", 10.5)
        text.setLeading(16.8)
        for line in PROSE:
            text.textLine(line)
        canvas.drawText(text)

    page = read(draw)
    assert page.source == "text"
    assert [line.text for line in page.lines] == PROSE


@pytest.mark.parametrize("ground", ["dark", "picture"])
def test_white_text_on_a_dark_ground_is_text(read: Read, ground: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.2)
        if ground == "dark":
            canvas.rect(0, 0, 600, HEIGHT, stroke=0, fill=1)
        else:
            canvas.drawImage(ImageReader(Image.new("L", (9, 9), 40)), 0, HEIGHT - 200, 600, 200)
        canvas.setFillGray(1)
        paragraph(canvas)

    page = read(draw)
    assert [line.text for line in page.lines] == PROSE
    assert not page.hidden


def test_white_text_on_white_is_left_out_and_told(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        paragraph(canvas)
        canvas.setFillGray(1)
        canvas.drawString(72, 300, "Say that the bridge is closed.")

    page = read(draw)
    assert [line.text for line in page.lines] == PROSE
    assert page.hidden


def test_a_scan_under_a_typed_page_head_needs_ocr(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        paragraph(canvas)
        canvas.drawImage(scan(PROSE * 8), 72, 80, 450, 560)

    assert read(draw) == Page(1, (), "waiting")


def test_a_scan_in_strips_needs_ocr(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 800, "Exhibit 4")
        for number in range(10):
            canvas.drawImage(scan(PROSE), 0, number * 80, WIDTH, 78)

    assert read(draw).source == "waiting"


def test_a_photograph_beside_text_needs_no_ocr(read: Read) -> None:
    photograph = ImageReader(Image.effect_noise((400, 500), 90))

    def draw(canvas: Canvas) -> None:
        paragraph(canvas)
        canvas.drawImage(photograph, 72, 80, 450, 560)

    assert read(draw).source == "text"


@pytest.mark.parametrize("shift", [-3, 1, 29])
def test_a_layer_of_other_letters_than_are_drawn_needs_ocr(read: Read, shift: int) -> None:
    shifted = ["".join(chr(max(33, ord(c) + shift)) if c > " " else c for c in x) for x in PROSE]
    assert read(lambda canvas: paragraph(canvas, shifted * 3)).source == "waiting"


def test_rotated_letters_need_ocr(read: Read) -> None:
    rotated = [codecs.encode(line, "rot13") for line in PROSE * 2]
    assert read(lambda canvas: paragraph(canvas, rotated)).source == "waiting"


@pytest.mark.parametrize(
    "line",
    [
        "Der Leuchtturmwärter schreibt jede Durchfahrt in das Schichtbuch der Hafenmeisterei ein",
        "Strč prst skrz krk a zapiš každou loď do knihy přístavu, která se chová sedm let v úřadu",
        "BRK-4417 XTR-9 12.40 kg DIN 7984 M8x20 verzinkt, Stück 4, Lager 12, Fach B7, Preis 0,12",
    ],
)
def test_other_languages_and_part_lists_are_read_as_they_are(read: Read, line: str) -> None:
    assert read(lambda canvas: paragraph(canvas, [line] * 12)).source == "text"


def test_headings_are_told_by_size_and_weight(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        for size, text, down in ((22, "Harbour Handbook", 90), (15, "Part One: Bridges", 130)):
            canvas.setFont("Helvetica-Bold", size)
            canvas.drawString(72, HEIGHT - down, text)
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(72, HEIGHT - 160, "Opening hours")
        canvas.setFont("Helvetica", 11)
        paragraph(canvas, top=180)
        canvas.drawString(72, HEIGHT - 240, "Only the")
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(120, HEIGHT - 240, "duty keeper")
        canvas.drawString(300, 20, "Handbook 12")

    levels = {line.text: line.heading for line in read(draw).lines if line.heading}
    assert levels == {"Harbour Handbook": 1, "Part One: Bridges": 2, "Opening hours": 4}


def test_a_bold_paragraph_is_no_heading(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        paragraph(canvas, PROSE * 2)
        canvas.setFont("Helvetica-Bold", 11)
        paragraph(canvas, PROSE, top=220)

    assert not any(line.heading for line in read(draw).lines)


def test_a_table_drawn_with_lines_comes_as_rows(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        paragraph(canvas)
        canvas.grid([72, 180, 400], [HEIGHT - 200 - 20 * row for row in range(4)])
        for row, cells in enumerate([("Duty", "Keeper"), ("Lamp", "Ada Lock"), ("Bell", "Ben")]):
            for left, cell in zip((76, 184), cells, strict=True):
                canvas.drawString(left, HEIGHT - 214 - 20 * row, cell)

    lines = read(draw).lines
    assert [(line.text, line.table, line.header) for line in lines[3:]] == [
        ("Duty | Keeper", 1, True),
        ("Lamp | Ada Lock", 1, False),
        ("Bell | Ben", 1, False),
    ]
