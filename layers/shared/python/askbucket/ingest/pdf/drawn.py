"""What is drawn on a PDF page besides text: its images and paths, through pdfium."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

DEPTH = 4  # forms within forms that are searched
MOST_OBJECTS = 20_000  # of a page or form are looked at
Handle = Any  # pdfium's pointer to a page object


@dataclass(frozen=True, slots=True)
class Drawn:
    """The page's images and paths; those within forms are placed as in their form."""

    images: tuple[Handle, ...]
    paths: tuple[Handle, ...]

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> Drawn:
        found = list(_objects(page.raw, raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject, DEPTH))
        return cls(
            tuple(each for each, kind in found if kind == raw.FPDF_PAGEOBJ_IMAGE),
            tuple(each for each, kind in found if kind == raw.FPDF_PAGEOBJ_PATH),
        )


def _objects(parent: Any, count: Any, get: Any, depth: int) -> Iterator[tuple[Handle, int]]:
    kind_of = raw.FPDFPageObj_GetType
    for index in range(min(count(parent), MOST_OBJECTS)):
        thing = get(parent, index)
        kind = kind_of(thing)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth > 1:
            yield from _objects(
                thing, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth - 1
            )
        elif kind != raw.FPDF_PAGEOBJ_TEXT:
            yield thing, kind


def bounds_of(thing: Handle) -> tuple[float, float, float, float]:
    """Left, bottom, right and top in points; all 0 where it has none."""
    sides = [ctypes.c_float() for _ in range(4)]
    raw.FPDFPageObj_GetBounds(thing, *sides)
    left, bottom, right, top = (side.value for side in sides)
    return left, bottom, right, top
