"""What every kind of file is read as: pages, a slice at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from askbucket.models import Page

READER_RECIPE = "reader-5"  # raise it when what is read from any file changes


class Source(Protocol):
    """An opened file. Its methods raise UnreadableDocument where the file is at fault."""

    paged: bool
    """False where the format has no pages; then "pages" are parts and never shown."""

    page_count: int

    boxed: bool
    """Whether pages of `ocr_input` look as the file's own do, so that OCR's boxes hold on them."""

    warnings: tuple[str, ...]
    """What of the file is lost, in plain words; complete once its pages were read."""

    ocr_suffix: str
    """File name ending of what `ocr_input` returns, as Textract expects it."""

    def pages(self, first: int, last: int) -> list[Page]:
        """Pages `first` to `last`, both counted from 1 and included.

        A page whose text must come from OCR has no lines and the source "waiting".
        """

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        """A file with just these pages, in this order."""

    def close(self) -> None:
        """Gives the file back."""
