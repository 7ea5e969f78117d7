"""Text as pages: of slides and sheets as they are, of other formats cut into parts, so that no
slice of work grows with the file. Also plain text itself, in whatever encoding."""

from __future__ import annotations

import codecs
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from charset_normalizer import from_bytes

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.scans import Loss, Scan, ocr_pdf
from askbucket.models import Line, Page
from askbucket.visible import smuggles, visible

PART_LINES = 400
PART_CHARS = 800_000
LINE_CHARS = 2000  # longer lines are wrapped, so that a part stays small
ROW_CHARS = 10_000  # of a table; better long than torn
SNIFFED_BYTES = 64 * 1024
MOST_WARNINGS = 8  # for the manifest's item is to stay under 4 KB
WARNING_CHARS = 150
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HIDDEN_TEXT = "hidden text was left out"
NO_TEXT = "the file holds no text"
Piece = Line | Scan | Loss  # what readers yield; empty lines end tables and are left out
_Kept = TypeVar("_Kept", Line, Line | Scan)


class PagedText:
    """Pages of text, such as slides; lines have no boxes.

    A page with a scan among its pieces is waiting for OCR. None is a page that cannot be read.
    """

    paged = True
    boxed = False
    ocr_suffix = ".pdf"

    def __init__(
        self, pages: Iterable[Iterable[Piece] | None], losses: list[str] | None = None
    ) -> None:
        """`losses` may grow while the pages are read."""
        losses = [] if losses is None else losses
        self._pages = [None if page is None else _content(page, losses) for page in pages]
        self.page_count = len(self._pages)
        self.warnings = tuple(_shortened(losses))
        if not any(self._pages):
            raise UnreadableDocument("; ".join((NO_TEXT, *self.warnings)))

    def pages(self, first: int, last: int) -> list[Page]:
        return [self._page(number) for number in range(first, last + 1)]

    def _page(self, number: int) -> Page:
        content = self._pages[number - 1]
        if content is None:
            return Page(number, (), "lost")
        if isinstance(content, Scan):
            return Page(number, (), "waiting")
        return Page(number, content)

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        """A PDF with a page for each of these pages. Raises ValueError where one has text."""
        contents = [self._pages[number - 1] for number in numbers]
        scans = [content for content in contents if isinstance(content, Scan)]
        if len(scans) != len(contents):
            raise ValueError(f"text needs no OCR, but was asked for pages {numbers}")
        return ocr_pdf(scans)

    def close(self) -> None:
        """Nothing is held open."""


class TextSource(PagedText):
    """Pieces in parts of 400 lines; a scan among them is a part by itself."""

    paged = False

    def __init__(self, pieces: Iterable[Piece]) -> None:
        losses: list[str] = []
        super().__init__(_parts(_numbered(_kept(pieces, losses))), losses)


def _content(pieces: Iterable[Piece], losses: list[str]) -> tuple[Line, ...] | Scan:
    kept = list(_kept(pieces, losses))
    scans = (piece for piece in kept if isinstance(piece, Scan))
    lines = _numbered(piece for piece in kept if isinstance(piece, Line))
    return next(scans, None) or tuple(lines)


def _kept(pieces: Iterable[Piece], losses: list[str]) -> Iterator[Line | Scan]:
    for piece in pieces:
        if isinstance(piece, Loss):
            losses.append(piece.text)
            continue
        if isinstance(piece, Line) and smuggles(piece.text) and HIDDEN_TEXT not in losses:
            losses.append(HIDDEN_TEXT)
        yield piece


def _shortened(losses: Sequence[str]) -> Iterator[str]:
    for loss in losses[:MOST_WARNINGS]:
        yield textwrap.shorten(loss, WARNING_CHARS, placeholder=" ...")
    if len(losses) > MOST_WARNINGS:
        yield f"{len(losses) - MOST_WARNINGS} more losses like these"


def _parts(pieces: Iterable[Line | Scan]) -> Iterator[Sequence[Line | Scan]]:
    part: list[Line] = []
    size = 0
    for piece in pieces:
        if isinstance(piece, Scan):
            yield from filter(None, (part, [piece]))
            part, size = [], 0
            continue
        part.append(piece)
        size += len(piece.text)
        if len(part) > PART_LINES or size > PART_CHARS:
            cut = _cut(part)
            yield part[:cut]
            part = part[cut:]
            size = sum(len(line.text) for line in part)
    yield from filter(None, (part,))


def _cut(part: Sequence[Line]) -> int:
    """Where in its second half a part ends best: before a heading, else not within a table."""
    last = max(1, len(part) - 1)
    places = range(last, len(part) // 2, -1)
    headings = (at for at in places if part[at].heading)
    apart = (at for at in places if not part[at].table or part[at].table != part[at - 1].table)
    return next(headings, next(apart, last))


def _numbered(pieces: Iterable[_Kept]) -> Iterator[_Kept]:
    """Without empty lines, long ones wrapped, and tables numbered from 1."""
    table = last = 0
    for piece in pieces:
        if isinstance(piece, Scan):
            yield piece
            continue
        table += piece.table not in (0, last)
        last = piece.table
        number = table if last else 0
        for text in _wrapped(piece.text, ROW_CHARS if number else LINE_CHARS):
            same = (text, number) == (piece.text, piece.table)
            yield piece if same else replace(piece, text=text, table=number)


def _wrapped(line: str, width: int) -> list[str]:
    whole = line.encode("utf-8", "replace").decode()  # halves of UTF-16 pairs come out of JSON
    clean = visible(whole).strip("\n")
    if not clean.strip():
        return []
    return [clean] if len(clean) <= width else textwrap.wrap(clean, width)


def decoded(data: bytes) -> str:
    """The bytes as text: by their byte order mark, else UTF-8, else the likeliest encoding."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        telling = b"\n".join(line for line in data.splitlines() if not line.isascii())
        best = from_bytes(telling[:SNIFFED_BYTES]).best()
    if best is None:
        raise UnreadableDocument("the file is neither a known format nor text in a known encoding")
    return data.decode(best.encoding, "replace")


def paragraph_lines(text: str, level: int, bullet: str) -> Iterator[Line]:
    """A heading of this level as one line; at level 0, other text, if there is any, as it is
    broken, its first line after the bullet."""
    if level:
        yield Line(text.replace("\n", " "), heading=level)
    elif text:
        yield from map(Line, f"{bullet}{text}".split("\n"))


def plain_lines(text: str) -> Iterator[Line]:
    return (Line(line.rstrip()) for line in text.splitlines())
