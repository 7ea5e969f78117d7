"""PDFs that are made here, for OCR to read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from askbucket.errors import UnreadableDocument

if TYPE_CHECKING:
    import pypdfium2 as pdfium


def pdf_of(fill: Callable[[pdfium.PdfDocument], object], fault: str) -> bytes:
    """A new PDF with what `fill` puts into it. Raises UnreadableDocument, which begins with
    `fault`."""
    import pypdfium2 as pdfium

    pdf = pdfium.PdfDocument.new()
    try:
        fill(pdf)
        buffer = io.BytesIO()
        pdf.save(buffer)
        return buffer.getvalue()
    except pdfium.PdfiumError as error:
        raise UnreadableDocument(f"{fault}: {error}") from error
    finally:
        pdf.close()
