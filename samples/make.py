"""Writes the demo's documents: `python samples/make.py`. The same bytes come out every time.

All are about one invented organisation, Harbour Bridge Cooperative; the facts planted in them are
listed in README.md beside this file.
"""

import io
from pathlib import Path

import numpy as np
import reportlab
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle
from reportlab.platypus.flowables import Flowable
from texts import (
    ABOUT,
    AFTER_TABLE,
    CHARGES,
    CHARGES_TABLE,
    LETTER,
    MEMBERSHIP,
    NOTES,
    NOTICE,
    SAFETY,
    Chapter,
)

HERE = Path(__file__).parent

# ---------------------------------------------------------------------------------- handbook.pdf


def handbook() -> bytes:
    """Four A4 pages with a text layer; the ruled table is on page 3."""
    file = io.BytesIO()
    template = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=25 * mm,
        rightMargin=25 * mm,
        topMargin=25 * mm,
        bottomMargin=25 * mm,
        title="Member handbook",
        author="Harbour Bridge Cooperative",
        invariant=1,
    )
    title = getSampleStyleSheet()["Title"]
    story: list[Flowable] = [
        Paragraph("Harbour Bridge Cooperative", title),
        Paragraph("Member handbook, 2026 edition", getSampleStyleSheet()["Heading3"]),
        *_chapter(ABOUT),
        PageBreak(),
        *_chapter(MEMBERSHIP),
        PageBreak(),
        *_chapter(CHARGES),
        _ruled(CHARGES_TABLE),
        *_chapter(AFTER_TABLE),
        PageBreak(),
        *_chapter(SAFETY),
    ]
    template.build(story, onFirstPage=_page_number, onLaterPages=_page_number)
    return file.getvalue()


def _chapter(chapter: Chapter) -> list[Flowable]:
    heading = getSampleStyleSheet()["Heading2"]
    body = ParagraphStyle("body", fontName="Helvetica", fontSize=11, leading=16, spaceAfter=8)
    return [
        flowable
        for title, paragraphs in chapter
        for flowable in (Paragraph(title, heading), *(Paragraph(text, body) for text in paragraphs))
    ]


def _ruled(rows: list[list[str]]) -> Flowable:
    table = Table(
        rows,
        colWidths=[48 * mm, 32 * mm, 40 * mm, 34 * mm],
        hAlign="LEFT",
        spaceBefore=6,
        spaceAfter=6 * mm,
    )
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.7, colors.black),
                ("FONT", (0, 0), (-1, -1), "Helvetica", 11),
                ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 11),
                ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ]
        )
    )
    return table


def _page_number(canvas: Canvas, template: SimpleDocTemplate) -> None:
    canvas.setFont("Helvetica", 9)
    canvas.drawCentredString(A4[0] / 2, 14 * mm, f"Member handbook, page {template.page} of 4")


# -------------------------------------------------------------------------------------- scan.pdf

SCAN_DPI = 170
SCAN_SKEW_DEGREES = 0.8
NOISE = 7.0
"""Standard deviation of the paper's grey values, of 255."""


def scan() -> bytes:
    """One A4 page that is nothing but a picture: a letter, a little askew and a little noisy."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, invariant=1)
    canvas.drawImage(ImageReader(io.BytesIO(_photographed(_typed(LETTER)))), 0, 0, *A4)
    canvas.save()
    return file.getvalue()


def _typed(text: str) -> Image.Image:
    """The text on white paper, in the typeface that comes with reportlab."""
    size = round(A4[0] / 72 * SCAN_DPI), round(A4[1] / 72 * SCAN_DPI)
    page = Image.new("L", size, 255)
    typeface = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    font = ImageFont.truetype(typeface, round(11 / 72 * SCAN_DPI))
    margin = round(SCAN_DPI * 0.95)
    ImageDraw.Draw(page).multiline_text(
        (margin, margin), text, font=font, fill=25, spacing=round(SCAN_DPI * 0.055)
    )
    return page


def _photographed(page: Image.Image) -> bytes:
    """The page as a scanner delivers it: turned, soft, grainy, JPEG."""
    turned = page.rotate(SCAN_SKEW_DEGREES, Image.Resampling.BICUBIC, fillcolor=255)
    soft = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float64)
    grain = np.random.default_rng(1987).normal(0.0, NOISE, soft.shape)
    grey = np.clip(soft * 0.95 + grain, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=42, dpi=(SCAN_DPI, SCAN_DPI))
    return file.getvalue()


def main() -> None:
    """Write every sample into this folder."""
    contents = {
        "handbook.pdf": handbook(),
        "scan.pdf": scan(),
        "notice.html": NOTICE.encode(),
        "notes.txt": NOTES.format(budget="26,400").encode(),
        "changes/notes-v2.txt": NOTES.format(budget="31,900").encode(),
    }
    for name, content in contents.items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
