"""Pictures that carry the text of a page without any of its own: made one PDF for OCR.

Drawn by pdfium, which takes JPEGs as they are and everything else without loss. Pictures too
small to hold text, such as logos and bullets, are passed over: every page of OCR is paid for.
"""

from __future__ import annotations

import io
import itertools
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from askbucket.errors import UnreadableDocument
from askbucket.ingest.pdf.written import pdf_of

if TYPE_CHECKING:
    from PIL import Image as Pillow

FEWEST_PIXELS = 100  # wide and high
MOST_SIDE = 20_000  # pixels
MOST_PIXELS = 80_000_000  # an A3 sheet at 600 dpi has 70 million
FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")  # no drawings: EMF, WMF, SVG
UNDECODABLE = (
    OSError, ValueError, SyntaxError, LookupError, TypeError, OverflowError, EOFError, struct.error,
)  # fmt: skip
DPI = 200  # at which OCR renders a page, so that it sees the picture's own pixels
LONGEST_SIDE = 2880.0  # points; Textract's quota
PDF_MAGIC = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Scan:
    """What OCR reads as one page: pictures, one under the other, or one page of a PDF or TIFF.

    `files` give the bytes when they are asked for; `page` counts from 0.
    """

    files: tuple[Callable[[], bytes], ...]
    page: int = 0


@dataclass(frozen=True, slots=True)
class Loss:
    """Something in the file that is not indexed, as people are told."""

    text: str


def picture_scans(pictures: Iterable[tuple[str, Callable[[], bytes]]]) -> Iterator[Scan | Loss]:
    """A scan for each picture, given by name, that is large enough to hold text."""
    for name, data in pictures:
        try:
            large = is_large(data())
        except UnreadableDocument as fault:
            yield Loss(f"the picture {name} was not read: {fault}")
        else:
            if large:
                yield Scan((data,))


def one_scan(pieces: Iterable[Scan | Loss]) -> Iterator[Scan | Loss]:
    """The pictures of one page as one scan, after what was lost."""
    found = list(pieces)
    yield from (piece for piece in found if isinstance(piece, Loss))
    files = tuple(file for piece in found if isinstance(piece, Scan) for file in piece.files)
    if files:
        yield Scan(files)


def is_large(data: bytes) -> bool:
    """Whether the picture may hold text. Raises UnreadableDocument where it cannot be decoded."""
    with _opened(data) as image:
        width, height = image.size
        if min(width, height) < FEWEST_PIXELS:
            return False
        if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
            raise UnreadableDocument(f"it is too large to decode: {width} x {height} pixels")
        image.draft("L", (width // 8, height // 8))  # a JPEG is tried an eighth as large
        _load(image)
    return True


def _opened(data: bytes) -> Pillow.Image:
    """A picture with only its header decoded."""
    from PIL import Image

    with warnings.catch_warnings():  # of pictures between its own limits; MOST_PIXELS is below
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(io.BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError as error:
            raise UnreadableDocument(f"it is too large to decode: {error}") from error
        except UNDECODABLE as error:
            raise UnreadableDocument("it is damaged, or not of a kind that is decoded") from error


def _load(image: Pillow.Image) -> None:
    try:
        image.load()
        image.getexif()
    except UNDECODABLE as error:
        raise UnreadableDocument("it is damaged or cut short") from error


def ocr_pdf(scans: Sequence[Scan]) -> bytes:
    """A PDF with a page for each scan, in this order."""

    def fill(pdf: Any) -> None:
        for files, same in itertools.groupby(scans, key=lambda scan: scan.files):
            data = [file() for file in files]
            _append(pdf, data, [scan.page for scan in same])

    return pdf_of(fill, fault="its pictures cannot be given to OCR")


def _append(pdf: Any, files: Sequence[bytes], pages: Sequence[int]) -> None:
    import pypdfium2 as pdfium

    if files[0].startswith(PDF_MAGIC):
        source = pdfium.PdfDocument(files[0])
        try:
            pdf.import_pages(source, pages)
        finally:
            source.close()
        return
    for page in pages:
        _draw(pdf, files, page)


def _draw(pdf: Any, files: Sequence[bytes], frame: int) -> None:
    """A page of just the size of its pictures, one under the other."""
    import pypdfium2 as pdfium

    images = [_image(pdf, data, frame) for data in files]
    widest = max(width for _, width, _ in images)
    highest = sum(height for _, _, height in images)
    points = min(72 / DPI, LONGEST_SIDE / max(widest, highest))
    page = pdf.new_page(widest * points, highest * points)
    below = highest
    for image, width, height in images:
        below -= height
        matrix = pdfium.PdfMatrix().scale(width * points, height * points)
        image.set_matrix(matrix.translate(0, below * points))
        page.insert_obj(image)
    page.gen_content()
    page.close()


def _image(pdf: Any, data: bytes, frame: int) -> tuple[Any, int, int]:
    """The picture as pdfium has it, its width and its height as displayed."""
    import pypdfium2 as pdfium
    from PIL import ImageOps

    image = pdfium.PdfImage.new(pdf)
    with _opened(data) as picture:
        upright = picture.getexif().get(0x0112, 1) == 1
        if picture.format == "JPEG" and upright and picture.mode in ("L", "RGB"):
            image.load_jpeg(io.BytesIO(data), inline=True)
            return image, *picture.size
        with suppress(EOFError):
            picture.seek(frame)
        _load(picture)
        shown = _on_white(ImageOps.exif_transpose(picture))
        image.set_bitmap(pdfium.PdfBitmap.from_pil(shown))
        return image, *shown.size


def _on_white(image: Pillow.Image) -> Pillow.Image:
    """In shades of grey or colours, without anything to see through."""
    from PIL import Image

    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return image.convert("RGB")
