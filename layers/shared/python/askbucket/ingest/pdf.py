"""PDF pages through pdfium: the text layer with a box for every line, or "waiting" for OCR.

Each page decides for itself. Its text layer is used unless it is unreadable (characters without a
Unicode meaning) or says next to nothing on a page that is mostly a picture or drawn paths.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from askbucket.errors import UnreadableDocument
from askbucket.ingest.glyphs import REPLACEMENT, words_by_turn
from askbucket.ingest.typeset import page_lines
from askbucket.models import Line, Page

FEW_CHARACTERS = 200  # a header or stamp over a scan has fewer
PICTURE_SHARE = 0.3  # of the page, from which an image can be a scan
UNREADABLE_SHARE = 0.2  # of the characters, from which a text layer is noise
OBJECT_DEPTH = 4  # nested form objects searched for images
REASONS = {
    raw.FPDF_ERR_PASSWORD: "the PDF is encrypted and needs a password",
    raw.FPDF_ERR_FORMAT: "the file is not a readable PDF: it is damaged or cut short",
    raw.FPDF_ERR_SECURITY: "the PDF uses an encryption that cannot be opened",
    raw.FPDF_ERR_FILE: "the PDF has no pages",  # as _forget_error leaves it
}


class PdfSource:
    """An open PDF; pages are counted as a viewer counts them, not by printed numbers."""

    paged = True
    ocr_suffix = ".pdf"

    def __init__(self, path: Path) -> None:
        _forget_error()
        try:
            self._pdf = pdfium.PdfDocument(path)
            self.page_count = len(self._pdf)
        except pdfium.PdfiumError as error:
            code = getattr(error, "err_code", None)
            reason = REASONS.get(code, f"the PDF cannot be opened: {error}")
            raise UnreadableDocument(reason) from error
        if self.page_count == 0:
            raise UnreadableDocument("the PDF has no pages")

    def pages(self, first: int, last: int) -> list[Page]:
        return [self._page(number) for number in range(first, last + 1)]

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        picked = pdfium.PdfDocument.new()
        try:
            picked.import_pages(self._pdf, [number - 1 for number in numbers])
            buffer = io.BytesIO()
            picked.save(buffer)
            return buffer.getvalue()
        except pdfium.PdfiumError as error:
            raise UnreadableDocument(f"its pages cannot be taken out for OCR: {error}") from error
        finally:
            picked.close()

    def close(self) -> None:
        self._pdf.close()

    def _page(self, number: int) -> Page:
        """A page that cannot even be loaded has no lines and the source "lost"."""
        try:
            page = self._pdf[number - 1]
        except pdfium.PdfiumError:
            return Page(number, (), "lost")
        try:
            layer = _read_layer(page)
            if layer.readable and not (layer.sparse and _is_picture(page, layer)):
                return Page(number, layer.lines, "text")
            return Page(number, (), "waiting")
        except pdfium.PdfiumError:
            return Page(number, (), "waiting")
        finally:
            page.close()


@dataclass(frozen=True, slots=True)
class _Layer:
    lines: tuple[Line, ...]
    characters: int
    unreadable: int

    @property
    def readable(self) -> bool:
        return self.unreadable <= UNREADABLE_SHARE * (self.characters + self.unreadable)

    @property
    def sparse(self) -> bool:
        return self.characters < FEW_CHARACTERS


def _forget_error() -> None:
    """pdfium gives no reason for a PDF without pages, so that of the last bad file would stay."""
    raw.FPDF_LoadDocument(b"", None)


def _read_layer(page: pdfium.PdfPage) -> _Layer:
    by_turn = words_by_turn(page)
    text = "".join(word.text for words in by_turn.values() for word in words)
    unreadable = text.count(REPLACEMENT)
    return _Layer(page_lines(page, by_turn), len(text) - unreadable, unreadable)


def _is_picture(page: pdfium.PdfPage, layer: _Layer) -> bool:
    """Whether what can be seen is not in the text layer: a large image, or shapes without text."""
    width, height = page.get_size()
    shapes = False
    for thing in page.get_objects(max_depth=OBJECT_DEPTH):
        if thing.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = thing.get_bounds()
            if (right - left) * (top - bottom) >= PICTURE_SHARE * width * height:
                return True
        shapes = shapes or thing.type in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE)
    return shapes and layer.characters == 0
