"""Small files made for the tests; a page of a scan is one shade of grey from edge to edge."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

LINE_HEIGHT = 18
TOP_MARGIN = 72


def pdf(pages: Sequence[Sequence[str] | int], *, rotation: int = 0) -> bytes:
    """A PDF whose pages are lists of lines of text, or a shade of grey for a scan.

    The text of a rotated page is drawn turned, so that it is displayed upright.
    """
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    for page in pages:
        canvas.setPageRotation(rotation)
        if isinstance(page, int):
            canvas.drawImage(ImageReader(Image.new("L", (60, 80), page)), 0, 0, *A4)
        else:
            for number, line in enumerate(page):
                _draw(canvas, line, TOP_MARGIN + LINE_HEIGHT * number, rotation)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, line: str, down: float, rotation: int) -> None:
    """The line as displayed: its baseline so far down, its start TOP_MARGIN from the left."""
    width, height = A4
    places = {
        0: (TOP_MARGIN, height - down),
        90: (down, TOP_MARGIN),
        180: (width - TOP_MARGIN, down),
        270: (height - down, width - TOP_MARGIN),  # reportlab swaps the sides of a page on its side
    }
    canvas.saveState()
    canvas.translate(*places[rotation])
    canvas.rotate(rotation)
    canvas.drawString(0, 0, line)
    canvas.restoreState()


def locked_pdf() -> bytes:
    """A PDF that needs a password."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf([["secret"]]))))
    writer.encrypt("open sesame", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def image(shades: Sequence[int] = (40,), kind: str = "PNG") -> bytes:
    """A picture; with several shades a TIFF of as many pages."""
    frames = [Image.new("L", (60, 80), shade) for shade in shades]
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    frames[0].save(buffer, kind, **more)
    return buffer.getvalue()
