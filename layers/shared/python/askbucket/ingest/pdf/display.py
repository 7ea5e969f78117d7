"""Where things on a PDF page are as a viewer shows them, and which way its text runs.

A turn is the angle by which text stands clockwise to a reader, in degrees: 0, 90, 180 or 270.
"""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2 as pdfium

Sides = tuple[float, float, float, float]  # left, top, right, bottom, as fractions of the page
QUARTERS = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True)
class Display:
    """Turns PDF coordinates into fractions of the page as displayed, crop and rotation included."""

    left: float
    bottom: float
    width: float
    height: float
    rotation: int

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> Display:
        media, crop = page.get_mediabox(), page.get_cropbox()
        left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
        right, top = min(media[2], crop[2]), min(media[3], crop[3])
        if right <= left or top <= bottom:
            left, bottom, right, top = media
        return cls(left, bottom, right - left or 1, top - bottom or 1, page.get_rotation())

    def sides(self, left: float, bottom: float, right: float, top: float) -> Sides | None:
        """None for what lies outside the page, by its middle, and so is not shown."""
        x0, x1 = (left - self.left) / self.width, (right - self.left) / self.width
        y0, y1 = (self.bottom - top) / self.height + 1, (self.bottom - bottom) / self.height + 1
        if not (0 <= (x0 + x1) / 2 <= 1 and 0 <= (y0 + y1) / 2 <= 1):
            return None
        inside = (max(0.0, x0), max(0.0, y0), min(1.0, x1), min(1.0, y1))
        return turned(inside, self.rotation) if self.rotation else inside


def turned(sides: Sides, turn: int) -> Sides:
    """The box on the page after the page was turned clockwise by so much."""
    left, top, right, bottom = sides
    match turn % 360:
        case 90:
            return 1 - bottom, left, 1 - top, right
        case 180:
            return 1 - right, 1 - bottom, 1 - left, 1 - top
        case 270:
            return top, 1 - right, bottom, 1 - left
        case _:
            return sides
