"""Text formats: txt and md as they stand, HTML as its visible text, CSV as named cells.

Formats without pages are cut into parts, so that no slice of work grows with the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import NavigableString
from charset_normalizer import from_bytes

from askbucket.errors import UnreadableDocument
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
CELL_SEPARATOR = " | "


class TextSource:
    """Lines of text in parts of 400; lines have no boxes."""

    paged = False
    ocr_suffix = ""

    def __init__(self, lines: Iterator[str]) -> None:
        wrapped = [piece for line in lines for piece in _pieces(line)]
        starts = range(0, len(wrapped), PART_LINES)
        self._parts = [wrapped[start : start + PART_LINES] for start in starts]
        self.page_count = len(self._parts)
        if not self._parts:
            raise UnreadableDocument("the file holds no text")

    def pages(self, first: int, last: int) -> list[Page]:
        return [
            Page(number, tuple(Line(text) for text in self._parts[number - 1]))
            for number in range(first, last + 1)
        ]

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        raise ValueError(f"text needs no OCR, but was asked for pages {numbers}")

    def close(self) -> None:
        """Nothing is held open."""


def decoded(path: Path) -> str:
    """The file as text: by its byte order mark, else UTF-8, else the likeliest encoding."""
    data = path.read_bytes()
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
        header = [_one_line(name) for name in next(rows, [])]
        yield CELL_SEPARATOR.join(header)
        named = len(header) > 1 and all(name.strip() and not _number(name) for name in header)
        for row in rows:
            yield CELL_SEPARATOR.join(_cells(row, header if named else []))
    except csv.Error as error:
        raise UnreadableDocument(f"the table cannot be read: {error}") from error


def _cells(row: Sequence[str], header: Sequence[str]) -> Iterator[str]:
    for name, cell in itertools.zip_longest(header, row, fillvalue=""):
        if cell.strip():
            yield f"{name}: {_one_line(cell)}" if name else _one_line(cell)


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _number(text: str) -> bool:
    return text.strip().replace(".", "", 1).replace("-", "", 1).isdigit()


def _pieces(line: str) -> list[str]:
    clean = line.replace("\x00", "").strip("\n")
    if not clean.strip():
        return []
    return [clean] if len(clean) <= LINE_CHARS else textwrap.wrap(clean, LINE_CHARS)
