"""PDF pages through pdfium: the text layer with a box for every line, or "waiting" for OCR.

Each page decides for itself. Its text layer is used unless it is unreadable (characters without a
Unicode meaning) or says next to nothing on a page that is mostly a picture or drawn paths.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from askbucket.errors import UnreadableDocument
from askbucket.ingest.words import Word, lines_of
from askbucket.models import Line, Page

FEW_CHARACTERS = 200  # a header or stamp over a scan has fewer
PICTURE_SHARE = 0.3  # of the page, from which an image can be a scan
UNREADABLE_SHARE = 0.2  # of the characters, from which a text layer is noise
OBJECT_DEPTH = 4  # nested form objects searched for images
LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st",
    0xFB06: "st",
}  # fmt: skip
_Sides = tuple[float, float, float, float]  # left, top, right, bottom, as fractions
LINE_END_HYPHENS = (0x2, 0xFFFE)  # pdfium's marks for a hyphen at a line end
SOFT_HYPHEN, REPLACEMENT = 0xAD, 0xFFFD
REASONS = {
    raw.FPDF_ERR_PASSWORD: "the PDF is encrypted and needs a password",
    raw.FPDF_ERR_FORMAT: "the file is not a readable PDF: it is damaged or cut short",
    raw.FPDF_ERR_SECURITY: "the PDF uses an encryption that cannot be opened",
    raw.FPDF_ERR_FILE: "the PDF has no pages",  # as _forget_error leaves it
}


class PdfSource:
    """An open PDF; pages are counted as a viewer counts them, not by printed numbers."""

    paged = True
    boxed = True
    warnings: tuple[str, ...] = ()
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
    text = page.get_textpage()
    try:
        characters = list(_characters(page, text))
    finally:
        text.close()
    unreadable = sum(1 for each in characters if each.code == REPLACEMENT)
    visible = sum(1 for each in characters if not each.text.isspace()) - unreadable
    return _Layer(lines_of(_words(characters)), visible, unreadable)


@dataclass(frozen=True, slots=True)
class _Character:
    code: int
    text: str
    box: _Sides


def _characters(page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> Iterator[_Character]:
    display = _Display.of(page)
    rectangle = raw.FS_RECTF()
    high = 0
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text.raw, index)
        if 0xD800 <= code < 0xDC00:  # first half of a UTF-16 pair
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        code = _meaning(code)
        if code == SOFT_HYPHEN:
            continue
        raw.FPDFText_GetLooseCharBox(text.raw, index, ctypes.byref(rectangle))
        box = display.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        yield _Character(code, LIGATURES.get(code) or chr(code), box)


def _meaning(code: int) -> int:
    """The character meant: a hyphen, a plain space, or REPLACEMENT where there is none."""
    if code in LINE_END_HYPHENS:
        return ord("-")
    if code in (0x9, 0xA, 0xD, 0xA0):
        return ord(" ")
    private = 0xE000 <= code < 0xF900 or code >= 0xF0000
    if code < 0x20 or 0x7F <= code < 0xA0 or private or 0xD800 <= code < 0xE000:
        return REPLACEMENT
    return code


def _words(characters: Sequence[_Character]) -> Iterator[Word]:
    text = ""
    boxes: list[_Sides] = []
    for each in characters:
        if each.text.isspace() or (boxes and _apart(boxes[-1], each.box)):
            if text:
                yield Word.around(text, boxes)
            text, boxes = "", []
        if not each.text.isspace():
            text += each.text
            boxes.append(each.box)
    if text:
        yield Word.around(text, boxes)


def _apart(last: _Sides, box: _Sides) -> bool:
    """Whether the character starts elsewhere: another line, or back to the left."""
    return box[1] > last[3] or box[3] < last[1] or box[2] < last[0]


@dataclass(frozen=True, slots=True)
class _Display:
    """Turns PDF coordinates into fractions of the page as displayed, crop and rotation included."""

    left: float
    bottom: float
    width: float
    height: float
    rotation: int

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> _Display:
        media, crop = page.get_mediabox(), page.get_cropbox()
        left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
        right, top = min(media[2], crop[2]), min(media[3], crop[3])
        if right <= left or top <= bottom:
            left, bottom, right, top = media
        return cls(left, bottom, right - left or 1, top - bottom or 1, page.get_rotation())

    def box(self, left: float, bottom: float, right: float, top: float) -> _Sides:
        x0, x1 = (left - self.left) / self.width, (right - self.left) / self.width
        y0, y1 = (bottom - self.bottom) / self.height, (top - self.bottom) / self.height
        match self.rotation:
            case 90:
                turned = (y0, x0, y1, x1)
            case 180:
                turned = (1 - x1, y0, 1 - x0, y1)
            case 270:
                turned = (1 - y1, 1 - x1, 1 - y0, 1 - x0)
            case _:
                turned = (x0, 1 - y1, x1, 1 - y0)
        return tuple(min(1.0, max(0.0, side)) for side in turned)  # type: ignore[return-value]


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
