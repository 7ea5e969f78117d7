"""Whether a PDF page shows text that its text layer does not hold: a scan, or one pasted in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pypdfium2 as pdfium

from askbucket.ingest.display import Display, Sides
from askbucket.ingest.drawn import Handle, bounds_of

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_SHARE = 0.3  # of the page, from which images can be a scan
LOOK_WIDTH = 600  # pixels of the page that is looked at
DARK = 140  # of 0..255: ink, on paper
PAPER_SHARE = 0.6  # of a scan of text is paper; a photograph has less
LETTER_EDGES = 12  # from paper to ink in a row of pixels through a line of text
TEXT_ROWS = 80  # such rows of pixels: ten lines of print; the labels of a chart have half as many


def is_mostly_picture(page: pdfium.PdfPage, images: Iterable[Handle]) -> bool:
    """Whether images, whole or in strips, cover much of the page."""
    display = Display.of(page)
    shown = (display.sides(*bounds_of(image)) for image in images)
    return sum(map(_area, filter(None, shown))) >= PICTURE_SHARE


def shows_more(page: pdfium.PdfPage, read: Iterable[Sides]) -> bool:
    """Whether lines of print can be seen besides what was read, by its boxes as displayed."""
    picture = _unread(page, read)
    ink = picture.point([0] * DARK + [255] * (256 - DARK)).tobytes()
    if ink.count(b"\xff") < PAPER_SHARE * len(ink):
        return False
    rows = (ink[at : at + picture.width] for at in range(0, len(ink), picture.width))
    return sum(row.count(b"\xff\x00") >= LETTER_EDGES for row in rows) >= TEXT_ROWS


def _unread(page: pdfium.PdfPage, read: Iterable[Sides]) -> Image:
    """The page in grey, with what was read wiped out."""
    from PIL import ImageDraw

    bitmap = page.render(scale=LOOK_WIDTH / page.get_width(), grayscale=True)
    picture: Image = bitmap.to_pil().convert("L")
    brush = ImageDraw.Draw(picture)
    for sides in read:
        brush.rectangle(_grown(sides, picture.size), fill=255)
    return picture


def _grown(sides: Sides, size: Sequence[int]) -> tuple[float, float, float, float]:
    """The box in pixels, and one more all round."""
    left, top, right, bottom = sides
    width, height = size
    return left * width - 1, top * height - 1, right * width + 1, bottom * height + 1


def _area(sides: Sides) -> float:
    left, top, right, bottom = sides
    return (right - left) * (bottom - top)
