"""Text formats: txt and md as they stand, HTML as its visible text, CSV as named cells.

Formats without pages are cut into parts, so that no slice of work grows with the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from bs4 import BeautifulSoup
from bs4.element import NavigableString
from charset_normalizer import from_bytes

from askbucket.errors import UnreadableDocument
from askbucket.ingest.tables import CELL_SEPARATOR, is_number, one_line, row_line
from askbucket.models import Line, Page

PART_LINES = 400
LINE_CHARS = 2000  # longer lines are wrapped, so that a part stays small
SNIFFED_BYTES = 64 * 1024
CSV_FIELD_CHARS = 1_000_000
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HIDDEN_TAGS = ("script", "style", "template", "noscript", "head", "svg", "math")
BLOCK_TAGS = {
    "address", "article", "aside", "blockquote", "caption", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "table", "tr", "ul", "br",
}  # fmt: skip
CELL_TAGS = {"td", "th"}
WHITE_SPACE = re.compile(r"\s+")
NO_TEXT = "the file holds no text"


class PagedText:
    """Pages of text, such as slides; lines have no boxes. None is a page that cannot be read."""

    paged = True
    ocr_suffix = ""

    def __init__(self, pages: Iterable[Iterable[str] | None]) -> None:
        self._pages = [None if page is None else _wrapped(page) for page in pages]
        self.page_count = len(self._pages)
        if not any(self._pages):
            raise UnreadableDocument(NO_TEXT)

    def pages(self, first: int, last: int) -> list[Page]:
        return [self._page(number) for number in range(first, last + 1)]

    def _page(self, number: int) -> Page:
        lines = self._pages[number - 1]
        if lines is None:
            return Page(number, (), "lost")
        return Page(number, tuple(map(Line, lines)))

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        raise ValueError(f"text needs no OCR, but was asked for pages {numbers}")

    def close(self) -> None:
        """Nothing is held open."""


class TextSource(PagedText):
    """Lines of text in parts of 400; lines have no boxes."""

    paged = False

    def __init__(self, lines: Iterable[str]) -> None:
        wrapped = _wrapped(lines)
        starts = range(0, len(wrapped), PART_LINES)
        super().__init__(wrapped[start : start + PART_LINES] for start in starts)


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


def plain_lines(text: str) -> Iterator[str]:
    return (line.rstrip() for line in text.splitlines())


def html_lines(text: str) -> Iterator[str]:
    """What a reader of the page sees, a line for each block, table rows as cells in a row."""
    soup = BeautifulSoup(text, "html.parser")
    title = soup.title.get_text() if soup.title else ""
    for hidden in soup.find_all(HIDDEN_TAGS):
        hidden.decompose()
    for run in soup.find_all(string=True):
        run.replace_with(WHITE_SPACE.sub(" ", run) if type(run) is NavigableString else "")
    for tag in soup.find_all(True):
        if tag.name in CELL_TAGS:
            tag.insert_before(CELL_SEPARATOR)
        elif tag.name in BLOCK_TAGS and not tag.find_parent(CELL_TAGS):
            tag.insert_before("\n")
            tag.append("\n")
    for line in f"{title}\n{soup.get_text()}".split("\n"):
        yield WHITE_SPACE.sub(" ", line).strip(" |")


def csv_lines(text: str) -> Iterator[str]:
    """A line for each row: `Name: Anna | Age: 41` under a header row, else the cells in a row."""
    csv.field_size_limit(CSV_FIELD_CHARS)
    try:
        dialect: csv.Dialect | type[csv.Dialect] = csv.Sniffer().sniff(text[:8192], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = iter(csv.reader(io.StringIO(text, newline=""), dialect))
        header = [one_line(name) for name in next(rows, [])]
        yield CELL_SEPARATOR.join(header)
        named = len(header) > 1 and all(name and not is_number(name) for name in header)
        for row in rows:
            yield row_line(row, header if named else ())
    except csv.Error as error:
        raise UnreadableDocument(f"the table cannot be read: {error}") from error


def _wrapped(lines: Iterable[str]) -> list[str]:
    return [piece for line in lines for piece in _pieces(line)]


def _pieces(line: str) -> list[str]:
    whole = line.encode("utf-8", "replace").decode()  # halves of UTF-16 pairs come out of JSON
    clean = whole.replace("\x00", "").strip("\n")
    if not clean.strip():
        return []
    return [clean] if len(clean) <= LINE_CHARS else textwrap.wrap(clean, LINE_CHARS)
