"""A document as pages to look at: PDF through pdfium, PNG, JPEG and TIFF through Pillow.

Pages are only ever rendered; a PDF's text layer is never read, because Textract does not either.
"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
from PIL import Image, ImageOps, UnidentifiedImageError

from local.textract.errors import BadDocument, UnsupportedDocument

RENDER_DPI = 200
"""Tried on scanned filings: as good as 250 dpi, and better than 150 for small print."""
MAX_RENDER_SIDE_PX = 4_000
"""Larger pages are rendered coarser, so that one page never needs more than about 64 MB."""
MAX_IMAGE_SIDE_PX = 10_000
"""Textract's hard limit for pictures."""

MAGIC = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
}
PDF_HEADER_WITHIN = 1_024
"""Readers accept a PDF header anywhere in the first 1,024 bytes."""

_pdfium_lock = threading.Lock()
"""pdfium may only be entered by one thread at a time, whatever document it works on."""


def document_format(head: bytes) -> str:
    """ "pdf", "png", "jpeg" or "tiff", by content.

    Raises:
        UnsupportedDocument: anything else.
    """
    for magic, name in MAGIC.items():
        if head.startswith(magic):
            return name
    if b"%PDF-" in head[:PDF_HEADER_WITHIN]:
        return "pdf"
    raise UnsupportedDocument("Request has unsupported document format")


class Document:
    """A document on disk; opened anew for each page, so that any thread may ask for any page."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.format = document_format(file.read(PDF_HEADER_WITHIN))

    def page_count(self) -> int:
        """How many pages there are.

        Raises:
            BadDocument: the file is broken, locked by a password, or beyond the hard limits.
        """
        if self.format == "pdf":
            with _opened_pdf(self._path) as pdf:
                return len(pdf)
        with _opened_picture(self._path) as picture:
            return getattr(picture, "n_frames", 1)

    def picture(self, page: int) -> Image.Image:
        """Page `page` (from 1) as displayed, in RGB.

        Raises:
            BadDocument: this page cannot be drawn.
        """
        if self.format == "pdf":
            return _rendered(self._path, page)
        return _frame(self._path, page)


@contextmanager
def _opened_pdf(path: Path) -> Iterator[Any]:
    with _pdfium_lock:
        try:
            pdf = pdfium.PdfDocument(path)
        except pdfium.PdfiumError as error:
            raise BadDocument(_why_not_opened(error)) from error
        try:
            if pdf.get_formtype() == pdfium_raw.FORMTYPE_XFA_FULL:
                raise BadDocument("The PDF is an XFA form, which is not supported")
            yield pdf
        finally:
            pdf.close()


def _why_not_opened(error: pdfium.PdfiumError) -> str:
    if error.err_code == pdfium_raw.FPDF_ERR_PASSWORD:
        return "The PDF is protected by a password"
    return f"The PDF cannot be opened: {error}"


def _rendered(path: Path, page: int) -> Image.Image:
    with _opened_pdf(path) as pdf:
        try:
            leaf = pdf[page - 1]
            longest_in = max(leaf.get_size()) / 72
            dpi = min(RENDER_DPI, MAX_RENDER_SIDE_PX / max(longest_in, 1 / 72))
            picture: Image.Image = leaf.render(scale=dpi / 72).to_pil()
            return picture.convert("RGB")
        except (pdfium.PdfiumError, ValueError) as error:
            raise BadDocument(f"Page {page} cannot be drawn: {error}") from error


@contextmanager
def _opened_picture(path: Path) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(path, formats=("PNG", "JPEG", "TIFF"))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise BadDocument(f"The picture cannot be opened: {error}") from error
    with picture:
        if max(picture.size) > MAX_IMAGE_SIDE_PX:
            raise BadDocument(
                f"The picture is {picture.width} x {picture.height} pixels, "
                f"the limit is {MAX_IMAGE_SIDE_PX} on a side"
            )
        yield picture


def _frame(path: Path, page: int) -> Image.Image:
    with _opened_picture(path) as picture:
        try:
            picture.seek(page - 1)
            upright = ImageOps.exif_transpose(picture)
        except (OSError, EOFError, SyntaxError, ValueError) as error:
            raise BadDocument(f"Page {page} cannot be decoded: {error}") from error
        return _on_white(upright)


def _on_white(picture: Image.Image) -> Image.Image:
    """In RGB; transparent parts become paper."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")
