"""OpenDocument texts as lines, spreadsheets and presentations as pages.

By own code: odfpy has no wheel and no release since 2020. Left out: comments, deleted text of
tracked changes, formulas, charts, hidden text, which is told, and pictures, except of a text, sheet
or slide without text: then they are scans.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator
from xml.etree.ElementTree import Element

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.odf_hidden import hidden_styles, take_out
from askbucket.ingest.readers.package import PASSWORD, Package, attribute, descendants, local
from askbucket.ingest.readers.scans import Loss, one_scan, picture_scans
from askbucket.ingest.readers.tables import SHEET_HEADER_COLUMNS, RowCount, is_number, table_lines
from askbucket.ingest.readers.text import HIDDEN_TEXT, Piece, paragraph_lines
from askbucket.models import Line

SKIPPED = {
    "tracked-changes", "annotation", "annotation-end", "forms", "settings", "title", "desc",
    "sequence-decls", "event-listeners", "shapes", "ruby-text", "note-citation", "number-format",
}  # fmt: skip
INSERTS = {"text-box", "custom-shape", "note-body", "table"}  # stand in a paragraph, read after it
TITLE, SLIDE_TITLE, HEADER_ROWS = "Title", "title", "table-header-rows"
SPACES = {"s": " ", "tab": " ", "line-break": "\n"}
MOST_REPEATED = 1000  # equal cells or rows are stored as one with a count
MOST_COLUMNS = 16_384  # of LibreOffice and Excel


def odf_body(package: Package) -> Element:
    """What is in the file: `text`, `spreadsheet` or `presentation`."""
    manifest = "META-INF/manifest.xml"
    entries = descendants(package.xml(manifest), "file-entry") if manifest in package else ()
    if any(True for each in entries for _ in descendants(each, "encryption-data")):
        raise UnreadableDocument(PASSWORD)
    for body in descendants(package.xml("content.xml"), "body"):
        for child in body:
            return child
    raise UnreadableDocument("the OpenDocument file is empty")


def odf_lines(package: Package, body: Element) -> Iterator[Piece]:
    """Headers, the text in document order, footers."""
    styles = package.xml("styles.xml") if "styles.xml" in package else None
    if take_out(body, hidden_styles(package)):
        yield Loss(HIDDEN_TEXT)
    lines = list(_blocks(body, titles=_titles(package)))
    yield from _once(styles, "header")
    yield from lines
    if not any(line.text for line in lines):
        yield from picture_scans(_pictures(package, body))
    yield from _once(styles, "footer")


def odf_pages(package: Package, body: Element) -> Iterator[list[Piece]]:
    """A page for each sheet, its name first, or for each slide with its notes last."""
    count, hidden = RowCount(), hidden_styles(package)
    for child in body:
        lost = [Loss(HIDDEN_TEXT)] if take_out(child, hidden) else []
        name: list[Line] = []
        if local(child) == "table":
            name = [Line(attribute(child, "name"), heading=1)]
            rows = count(_rows(child))
            lines = list(table_lines(rows, SHEET_HEADER_COLUMNS, named=True))
        elif local(child) == "page":
            lines = list(_slide(child))
        else:
            continue
        empty = not any(line.text.strip() for line in lines)
        scan = one_scan(picture_scans(_pictures(package, child))) if empty else ()
        yield [*name, *lines, *scan, *lost]


def _pictures(package: Package, parent: Element) -> Iterator[tuple[str, Callable[[], bytes]]]:
    shown = (attribute(each, "href") for each in parent.iter() if local(each) == "image")
    for name in dict.fromkeys(posixpath.normpath(each) for each in shown if each):
        if name in package:
            yield posixpath.basename(name), package.later(name)


def _titles(package: Package) -> set[str]:
    """The names of the styles of a document's title."""
    styles = package.xml("content.xml").iter()
    named = (each for each in styles if attribute(each, "parent-style-name") == TITLE)
    return {TITLE, *(attribute(each, "name") for each in named)}


def _once(styles: Element | None, name: str) -> Iterator[Line]:
    found = descendants(styles, name) if styles is not None else ()
    lines = (line.text for each in found for line in _blocks(each))
    yield from map(Line, dict.fromkeys(line for line in lines if not is_number(line)))


def _slide(page: Element) -> Iterator[Line]:
    shapes = [child for child in page if local(child) not in SKIPPED]
    for shape in sorted(shapes, key=lambda shape: attribute(shape, "class") != SLIDE_TITLE):
        if attribute(shape, "class") == SLIDE_TITLE:
            yield Line(_text(shape), heading=1)
        elif local(shape) == "notes":
            lines = (line.text for line in _blocks(shape))
            yield from (Line(f"Notes: {line}") for line in lines if line.strip())
        else:
            yield from _block(shape)


def _blocks(
    parent: Element, bullet: str = "", titles: Collection[str] = (TITLE,)
) -> Iterator[Line]:
    for child in parent:
        yield from _block(child, bullet, titles)


def _block(
    element: Element, bullet: str = "", titles: Collection[str] = (TITLE,)
) -> Iterator[Line]:
    kind = local(element)
    if kind in ("p", "h"):
        yield from _paragraph(element, bullet, titles)
    elif kind == "table":
        headers = [row for each in descendants(element, HEADER_ROWS) for row in _rows(each)]
        yield from table_lines(RowCount()(_rows(element)), declared=len(headers))
    elif kind not in SKIPPED:
        yield from _blocks(element, "- " if kind == "list-item" else bullet, titles)


def _paragraph(paragraph: Element, bullet: str, titles: Collection[str]) -> Iterator[Line]:
    inserts: list[Element] = []
    text = "".join(_runs(paragraph, inserts)).strip()
    yield from paragraph_lines(text, _level(paragraph, titles), bullet)
    for insert in inserts:
        is_note = local(insert) == "note-body"
        yield from _block(insert, "Note: " if is_note else "", titles)


def _level(paragraph: Element, titles: Collection[str]) -> int:
    if local(paragraph) == "h":
        level = attribute(paragraph, "outline-level")
        return max(1, int(level)) if level.isdecimal() and len(level) < 3 else 1
    return int(attribute(paragraph, "style-name") in titles)


def _text(parent: Element) -> str:
    """All in one line."""
    return " ".join(line.text for line in _blocks(parent) if line.text)


def _runs(element: Element, inserts: list[Element]) -> Iterator[str]:
    """Its text, and in `inserts` what is read after it. Line ends in XML are only spaces."""
    yield (element.text or "").replace("\n", " ")
    for child in element:
        kind = local(child)
        if kind in INSERTS:
            inserts.append(child)
        elif kind in SPACES:
            yield SPACES[kind]
        elif kind not in SKIPPED:
            yield from _runs(child, inserts)
        yield (child.tail or "").replace("\n", " ")


def _rows(table: Element) -> Iterator[list[str]]:
    """Rows of text without empty cells at their end; of equal empty rows only one."""
    for row in descendants(table, "table-row"):
        cells = _cells(row)
        for _ in range(_repeated(row, "number-rows-repeated") if cells else 1):
            yield cells


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    empty = 0
    for cell in row:
        times = _repeated(cell, "number-columns-repeated")
        text = _text(cell) if local(cell) == "table-cell" else ""
        if not text:
            empty += times
            continue
        cells += [""] * empty + [text] * times
        empty = 0
        if len(cells) > MOST_COLUMNS:
            raise UnreadableDocument(f"a table has more than {MOST_COLUMNS} columns")
    return cells


def _repeated(element: Element, name: str) -> int:
    value = attribute(element, name)
    return min(int(value), MOST_REPEATED) if value.isdecimal() and len(value) < 9 else 1
