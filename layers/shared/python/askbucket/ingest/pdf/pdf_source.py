"""PDF pages through pdfium: the text layer with a box for every line, or "waiting" for OCR.

Each page decides for itself. Its text layer is used unless it cannot be legible, or the page is a
picture that shows text the layer does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pypdfium2 as pdfium
from pypdfium2 import raw

from askbucket.errors import UnreadableDocument
from askbucket.ingest.pdf.display import turned
from askbucket.ingest.pdf.drawn import Drawn
from askbucket.ingest.pdf.glyphs import words_by_turn
from askbucket.ingest.pdf.legible import is_legible
from askbucket.ingest.pdf.pictures import picture_of, shows_more
from askbucket.ingest.pdf.typeset import page_lines
from askbucket.ingest.pdf.words import Word
from askbucket.ingest.pdf.written import pdf_of
from askbucket.models import Page

FEW_CHARACTERS = 200  # a header or stamp over a scan has fewer
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
        pages = [number - 1 for number in numbers]
        return pdf_of(
            lambda picked: picked.import_pages(self._pdf, pages),
            fault="its pages cannot be taken out for OCR",
        )

    def close(self) -> None:
        self._pdf.close()

    def _page(self, number: int) -> Page:
        """A page that cannot even be loaded has no lines and the source "lost"."""
        try:
            page = self._pdf[number - 1]
        except pdfium.PdfiumError:
            return Page(number, (), "lost")
        try:
            return _read(page, number)
        except pdfium.PdfiumError:
            return Page(number, (), "waiting")
        finally:
            page.close()


def _forget_error() -> None:
    """pdfium gives no reason for a PDF without pages, so that of the last bad file would stay."""
    raw.FPDF_LoadDocument(b"", None)


def _read(page: pdfium.PdfPage, number: int) -> Page:
    """The page's own text, or none of it and "waiting" where OCR would read more."""
    drawn = Drawn.of(page)
    pictured = picture_of(page, drawn.images) is not None
    words, hidden = words_by_turn(page, over_picture=pictured)
    text = " ".join(word.text for each in words.values() for word in each)
    if not is_legible(text) or _is_unread(page, drawn, words, len(text.replace(" ", ""))):
        return Page(number, (), "waiting", hidden)
    return Page(number, page_lines(page, words, drawn), "text", hidden)


def _is_unread(
    page: pdfium.PdfPage, drawn: Drawn, words: Mapping[int, Sequence[Word]], characters: int
) -> bool:
    """Whether the page shows text that the layer does not hold."""
    if not characters:
        return bool(drawn.images or drawn.paths)
    picture = picture_of(page, drawn.images)
    if picture is None or characters < FEW_CHARACTERS:
        return picture is not None
    boxes = (
        turned((word.left, word.top, word.right, word.bottom), turn)
        for turn, each in words.items()
        for word in each
    )
    return shows_more(page, picture, boxes)
