"""Pictures of pages: everything in them comes from OCR."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageSequence, UnidentifiedImageError

from askbucket.errors import UnreadableDocument
from askbucket.models import Page

MAX_SIDE = 10_000  # pixels; Textract's quota
MAX_BYTES = 10 * 1024 * 1024  # Textract's quota for an image
SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "TIFF": ".tiff"}


class ImageSource:
    """A PNG, JPEG or (many-paged) TIFF. Only its headers are decoded here."""

    paged = True
    boxed = True
    warnings: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with Image.open(path, formats=tuple(SUFFIXES)) as image:
                self.page_count = getattr(image, "n_frames", 1)
                self.ocr_suffix = SUFFIXES[image.format or ""]
                side = max(max(frame.size) for frame in ImageSequence.Iterator(image))
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            raise UnreadableDocument("the image is damaged or cut short") from error
        except Image.DecompressionBombError as error:
            raise UnreadableDocument(f"the image is too large to decode: {error}") from error
        size = path.stat().st_size
        if side > MAX_SIDE:
            raise UnreadableDocument(f"the image is {side} pixels wide or high; {MAX_SIDE} at most")
        if size > MAX_BYTES and self.ocr_suffix != ".tiff":
            raise UnreadableDocument(f"the image has {size} bytes; OCR takes {MAX_BYTES} at most")

    def pages(self, first: int, last: int) -> list[Page]:
        return [Page(number, (), "waiting") for number in range(first, last + 1)]

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        """The file itself where all its pages are wanted, else a TIFF of just these."""
        if len(numbers) == self.page_count:
            return self._path.read_bytes()
        try:
            with Image.open(self._path, formats=tuple(SUFFIXES)) as image:
                frames = (_frame(image, number) for number in numbers)
                buffer = io.BytesIO()
                next(frames).save(buffer, "TIFF", save_all=True, append_images=frames)
        except (OSError, EOFError, SyntaxError, ValueError) as error:
            raise UnreadableDocument(f"its pages cannot be taken out for OCR: {error}") from error
        return buffer.getvalue()

    def close(self) -> None:
        """Nothing is held open."""


def _frame(image: Image.Image, number: int) -> Image.Image:
    image.seek(number - 1)
    return image.copy()
