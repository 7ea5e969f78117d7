"""The straight lines drawn on a PDF page: borders and rules of tables among its paths."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium
from pypdfium2 import raw

from askbucket.ingest.pdf.cells import Rule
from askbucket.ingest.pdf.display import Display, turned
from askbucket.ingest.pdf.drawn import Handle, bounds_of

THIN = 2.5  # points; a filled path as thin as this is a line
MOST_SEGMENTS = 400  # of one path; a drawing has more
_Sides = tuple[float, float, float, float]  # left, bottom, right, top, in points


def rules_of(page: pdfium.PdfPage, paths: Sequence[Handle], turn: int) -> list[Rule]:
    """The page's lines across and down, as if the page were turned to read text of that turn."""
    display = Display.of(page)
    shown = (display.sides(*sides) for path in paths for sides in _lines(path))
    return [Rule(*turned(sides, -turn)) for sides in shown if sides is not None]


def _lines(path: Handle) -> list[_Sides]:
    """The path itself where it is thin, else the straight lines it is stroked along."""
    left, bottom, right, top = bounds_of(path)
    if min(right - left, top - bottom) <= THIN:
        return [(left, bottom, right, top)]
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, filled, stroked)
    count = raw.FPDFPath_CountSegments(path)
    return list(_straight(path, count)) if stroked.value and count <= MOST_SEGMENTS else []


def _straight(path: Handle, count: int) -> Iterator[_Sides]:
    """The path's lines along the edges of the page, closing ones included."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(path, matrix)
    start = last = (0.0, 0.0)
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        kind, point = raw.FPDFPathSegment_GetType(segment), _point(segment, matrix)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO and _is_level(last, point):
            yield _sides(last, point)
        if raw.FPDFPathSegment_GetClose(segment) and _is_level(point, start):
            yield _sides(point, start)
        last = point


def _point(segment: Handle, matrix: raw.FS_MATRIX) -> tuple[float, float]:
    across, up = ctypes.c_float(), ctypes.c_float()
    raw.FPDFPathSegment_GetPoint(segment, across, up)
    x, y = across.value, up.value
    return (matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f)


def _is_level(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one != other and min(abs(one[0] - other[0]), abs(one[1] - other[1])) <= THIN


def _sides(one: tuple[float, float], other: tuple[float, float]) -> _Sides:
    (x0, y0), (x1, y1) = one, other
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
