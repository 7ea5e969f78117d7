"""Whether a PDF page shows text that its text layer does not hold: a scan, or one pasted in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pypdfium2 as pdfium

from askbucket.ingest.pdf.display import Display, Sides
from askbucket.ingest.pdf.drawn import Handle, bounds_of

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_SHARE = 0.3  # of the page, from which images can be a scan
LOOK_WIDTH = 600  # pixels of the page that is looked at
DARK = 140  # of 0..255: ink, on paper
PAPER_SHARE = 0.6  # of a scan of text is paper; a photograph has less
LETTER_EDGES = 12  # from paper to ink in a row of pixels through a line of text
TEXT_ROWS = 80  # such rows of pixels: ten lines of print; the labels of a chart have half as many


def picture_of(page: pdfium.PdfPage, images: Iterable[Handle]) -> Sides | None:
    """The box around the images, whole or in strips, where they cover much of the page."""
    display = Display.of(page)
    shown = [sides for image in images if (sides := display.sides(*bounds_of(image)))]
    if sum(map(_area, shown)) < PICTURE_SHARE:
        return None
    lefts, tops, rights, bottoms = zip(*shown, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def shows_more(page: pdfium.PdfPage, picture: Sides, read: Iterable[Sides]) -> bool:
    """Whether lines of print can be seen in the picture besides what was read; boxes as
    displayed."""
    seen = _unread(page, picture, read)
    ink = seen.point([0] * DARK + [255] * (256 - DARK)).tobytes()
    if ink.count(b"\xff") < PAPER_SHARE * len(ink):
        return False
    rows = (ink[at : at + seen.width] for at in range(0, len(ink), seen.width))
    return sum(row.count(b"\xff\x00") >= LETTER_EDGES for row in rows) >= TEXT_ROWS


def _unread(page: pdfium.PdfPage, part: Sides, read: Iterable[Sides]) -> Image:
    """That part of the page in grey, with what was read wiped out."""
    from PIL import ImageDraw

    bitmap = page.render(scale=LOOK_WIDTH / page.get_width(), grayscale=True)
    picture: Image = bitmap.to_pil().convert("L")
    brush = ImageDraw.Draw(picture)
    for sides in read:
        brush.rectangle(_pixels(sides, picture.size, 1), fill=255)
    left, top, right, bottom = _pixels(part, picture.size, -1)
    return picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _pixels(sides: Sides, size: Sequence[int], more: int) -> tuple[int, int, int, int]:
    """The box in pixels, and some more all round."""
    left, top, right, bottom = sides
    width, height = size
    return (
        int(left * width) - more,
        int(top * height) - more,
        int(right * width) + more,
        int(bottom * height) + more,
    )


def _area(sides: Sides) -> float:
    left, top, right, bottom = sides
    return (right - left) * (bottom - top)
