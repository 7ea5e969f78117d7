"""How far a page is askew, for an engine that loses whole paragraphs to a degree or two of it."""

import math

import numpy as np
from PIL import Image

from local.ocr.page_text import Box, around, clipped

LOOKED_AT_SIDE_PX = 900
"""The page is shrunk to this size first; lines of text still stand apart in it."""
WIDEST_DEGREES = 4.0
COARSE_STEP = 0.5
FINE_STEP = 0.1


def skew_degrees(image: Image.Image) -> float:
    """The counter-clockwise turn, in degrees, that makes the text level; 0 for a blank page.

    Level text has the sharpest row profile: rows of ink beside rows without (Postl, 1986).
    """
    small = image.convert("L")
    small.thumbnail((LOOKED_AT_SIDE_PX, LOOKED_AT_SIDE_PX), Image.Resampling.BOX)
    ink = Image.fromarray((255 - np.asarray(small)).astype(np.uint8))
    steps = round(WIDEST_DEGREES / COARSE_STEP)
    coarse = _sharpest(ink, [step * COARSE_STEP for step in range(-steps, steps + 1)])
    around_it = [coarse + step * FINE_STEP for step in range(-5, 6)]
    return _sharpest(ink, around_it)


def _sharpest(ink: Image.Image, angles: list[float]) -> float:
    """The angle with the sharpest row profile; of equals, the smallest turn."""
    return max(sorted(angles, key=abs), key=lambda angle: _sharpness(ink, angle))


def _sharpness(ink: Image.Image, degrees: float) -> float:
    rows = np.asarray(ink.rotate(degrees, Image.Resampling.BILINEAR), dtype=np.float64)
    middle = rows[:, rows.shape[1] // 10 : -(rows.shape[1] // 10) or None]  # corners turn black
    return float(np.square(np.diff(middle.sum(axis=1))).sum())


def levelled(image: Image.Image, degrees: float) -> Image.Image:
    """The picture turned counter-clockwise on white paper of the same size."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor="white")


def on_skewed(box: Box, degrees: float, size: tuple[int, int]) -> Box:
    """The box of a levelled picture on the picture as it was; `size` in pixels."""
    corners = ((box.left, box.top), (box.right, box.top), (box.left, box.bottom))
    points = [_turned(x, y, degrees, size) for x, y in (*corners, (box.right, box.bottom))]
    return around(clipped(x, y, x, y) for x, y in points)


def _turned(x: float, y: float, degrees: float, size: tuple[int, int]) -> tuple[float, float]:
    """A point turned clockwise about the middle of the page."""
    across, down = size
    right, below = (x - 0.5) * across, (y - 0.5) * down
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (right * cos - below * sin) / across + 0.5, (right * sin + below * cos) / down + 0.5
