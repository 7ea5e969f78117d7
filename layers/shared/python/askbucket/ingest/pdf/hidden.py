"""Text of a PDF page that nobody sees: white on white, in a layer switched off, clipped away, or
too small.

Whether doubtful text is seen is read off the rendered page, so that white text on a dark ground
stays. An invisible layer over a picture stays too: that is how OCR is written.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from askbucket.ingest.pdf.display import Sides

if TYPE_CHECKING:
    from PIL.Image import Image

LIGHT = 232  # of 0..255: red, green and blue of a colour near white
FAINT = 24  # of 0..255: opacity that hardly shows
CONTRAST = 20  # of 0..255, in grey: less between letters and ground is not seen
INSET = 0.2  # of a word's height, on each side: what stands there may be its neighbours'
TINY_POINTS, TINY_SHARE = 1.0, 0.0012  # a letter's height, and its share of the longer side
LOOK_SCALE, LOOK_SIDE = 2.0, 2400  # pixels a point, and the most on the longer side
UNDRAWN = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
MOST_CORNERS = 40  # of a path that text is clipped by; a longer one is taken to let it show
LAYER = "OC"  # the mark of optional content


class Doubts:
    """Which characters of a text page may not be seen, remembered by its object.

    `over_picture`: a picture covers much of the page, so that text that is not drawn is its OCR.
    """

    def __init__(self, text: pdfium.PdfTextPage, *, over_picture: bool) -> None:
        self._text = text
        self._over_picture = over_picture
        self._known: dict[int, bool] = {}

    def of(self, index: int) -> bool:
        thing = raw.FPDFText_GetTextObject(self._text.raw, index)
        if not thing:
            return False
        place = ctypes.addressof(thing.contents)
        if place not in self._known:
            self._known[place] = self._is_doubtful(thing, index)
        return self._known[place]

    def _is_doubtful(self, thing: Any, index: int) -> bool:
        if raw.FPDFTextObj_GetTextRenderMode(thing) in UNDRAWN:
            return not self._over_picture
        return self._is_light(index) or _is_in_layer(thing) or _is_clipped(thing)

    def _is_light(self, index: int) -> bool:
        colour = [ctypes.c_uint() for _ in range(4)]
        if not raw.FPDFText_GetFillColor(self._text.raw, index, *colour):
            return False
        red, green, blue, opacity = (each.value for each in colour)
        return min(red, green, blue) >= LIGHT or opacity <= FAINT


def _is_in_layer(thing: Any) -> bool:
    marks = (raw.FPDFPageObj_GetMark(thing, n) for n in range(raw.FPDFPageObj_CountMarks(thing)))
    return any(_name(mark) == LAYER for mark in marks)


def _is_clipped(thing: Any) -> bool:
    """Whether it stands outside of what a path lets show. Both are in the page's coordinates."""
    clip = raw.FPDFPageObj_GetClipPath(thing)
    paths = raw.FPDFClipPath_CountPaths(clip) if clip else 0
    if paths <= 0:
        return False
    sides = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(thing, *sides):
        return False
    left, bottom, right, top = (side.value for side in sides)
    return any(
        max(xs) < left or min(xs) > right or max(ys) < bottom or min(ys) > top
        for xs, ys in filter(all, (_corners(clip, path) for path in range(paths)))
    )


def _corners(clip: Any, path: int) -> tuple[list[float], list[float]]:
    """Across and up, of as many of its points as a plain shape has; none of more."""
    x, y = ctypes.c_float(), ctypes.c_float()
    count = raw.FPDFClipPath_CountPathSegments(clip, path)
    points: list[tuple[float, float]] = []
    for at in range(count if count <= MOST_CORNERS else 0):
        segment = raw.FPDFClipPath_GetPathSegment(clip, path, at)
        if raw.FPDFPathSegment_GetPoint(segment, x, y):
            points.append((x.value, y.value))
    return [each for each, _ in points], [each for _, each in points]


def _name(mark: Any) -> str:
    """Its first letters."""
    size = ctypes.c_ulong()
    letters = (ctypes.c_ushort * 8)()
    raw.FPDFPageObjMark_GetName(mark, letters, ctypes.sizeof(letters), ctypes.byref(size))
    return bytes(letters).decode("utf-16", "replace").rstrip("\0")


def is_tiny(height: float, page: pdfium.PdfPage) -> bool:
    """Whether letters of so many points cannot be read on this page."""
    return height < TINY_POINTS and height < TINY_SHARE * max(page.get_size())


def unseen(page: pdfium.PdfPage, boxes: Sequence[Sides]) -> list[bool]:
    """For each box of a word, as displayed, whether the page shows nothing there."""
    if not boxes:
        return []
    scale = min(LOOK_SCALE, LOOK_SIDE / max(page.get_size()))
    picture = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    return [_is_blank(picture, sides) for sides in boxes]


def _is_blank(picture: Image, sides: Sides) -> bool:
    left, top, right, bottom = sides
    inset = INSET * min(right - left, bottom - top)
    width, height = picture.size
    first = int((left + inset) * width), int((top + inset) * height)
    last = int((right - inset) * width), int((bottom - inset) * height)
    shown = picture.crop((*first, max(last[0], first[0] + 1), max(last[1], first[1] + 1)))
    levels = shown.tobytes()
    return max(levels) - min(levels) < CONTRAST
