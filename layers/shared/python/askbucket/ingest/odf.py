"""OpenDocument texts as lines, spreadsheets and presentations as pages.

By own code: odfpy has no wheel and no release since 2020. Left out: comments, deleted text of
tracked changes, formulas, charts and pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from askbucket.errors import UnreadableDocument
from askbucket.ingest.package import PASSWORD, Package, attribute, descendants, local
from askbucket.ingest.tables import SHEET_HEADER_COLUMNS, RowCount, is_number, table_lines

SKIPPED = {
    "tracked-changes", "annotation", "annotation-end", "forms", "settings", "title", "desc",
    "sequence-decls", "event-listeners", "shapes", "ruby-text", "note-citation", "number-format",
}  # fmt: skip
INSERTS = {"text-box", "custom-shape", "note-body", "table"}  # stand in a paragraph, read after it
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


def odf_lines(package: Package, body: Element) -> Iterator[str]:
    """Headers, the text in document order, footers."""
    styles = package.xml("styles.xml") if "styles.xml" in package else None
    yield from _once(styles, "header")
    yield from _blocks(body)
    yield from _once(styles, "footer")


def odf_pages(body: Element) -> Iterator[list[str]]:
    """A page for each sheet, its name first, or for each slide with its notes last."""
    count = RowCount()
    for child in body:
        if local(child) == "table":
            lines = table_lines(count(_rows(child)), SHEET_HEADER_COLUMNS)
            yield [attribute(child, "name"), *lines]
        elif local(child) == "page":
            yield list(_slide(child))


def _once(styles: Element | None, name: str) -> Iterator[str]:
    found = descendants(styles, name) if styles is not None else ()
    lines = (line for each in found for line in _blocks(each))
    yield from dict.fromkeys(line for line in lines if not is_number(line))


def _slide(page: Element) -> Iterator[str]:
    for child in page:
        if local(child) == "notes":
            yield from (f"Notes: {line}" for line in _blocks(child) if line.strip())
        elif local(child) not in SKIPPED:
            yield from _blocks(child, inside=True)


def _blocks(parent: Element, bullet: str = "", inside: bool = False) -> Iterator[str]:
    for child in [parent] if inside else parent:
        kind = local(child)
        if kind in ("p", "h"):
            yield from _paragraph(child, bullet if kind == "p" else "")
        elif kind == "table":
            yield from table_lines(RowCount()(_rows(child)))
        elif kind not in SKIPPED:
            yield from _blocks(child, "- " if kind == "list-item" else bullet)


def _paragraph(paragraph: Element, bullet: str) -> Iterator[str]:
    inserts: list[Element] = []
    text = "".join(_runs(paragraph, inserts)).strip()
    if text:
        yield from f"{bullet}{text}".split("\n")
    for insert in inserts:
        yield from _blocks(insert, "Note: " if local(insert) == "note-body" else "")


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
        text = " ".join(_blocks(cell)) if local(cell) == "table-cell" else ""
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
