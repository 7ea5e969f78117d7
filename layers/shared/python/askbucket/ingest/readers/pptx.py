"""PowerPoint files: a page for each slide, its title first, then shapes, charts and notes.

Not by python-pptx: it loads every picture and film into memory, gives no SmartArt text, stops at
one damaged slide, and would add 14 MiB of lxml to the layer. Left out: comments, what a slide does
not show, which is told, and pictures, except of a slide without text: then they are a scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from xml.etree.ElementTree import Element

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.package import Package, attribute, descendants, local, pictures_in
from askbucket.ingest.readers.pptx_hidden import slide_size, take_out
from askbucket.ingest.readers.scans import Loss, one_scan, picture_scans
from askbucket.ingest.readers.tables import Spans, names_columns, row_line, span, table_lines
from askbucket.ingest.readers.text import HIDDEN_TEXT, Piece
from askbucket.models import Line

SKIPPED = {"Fallback", "nvSpPr", "nvPicPr", "spPr", "style", "extLst"}
TITLES = {"title", "ctrTitle"}
CONTINUED = ("hMerge", "vMerge")  # cells that belong to the merged one before or above
ON = ("1", "true")


def pptx_pages(package: Package, main: str) -> Iterator[list[Piece] | None]:
    """The pieces of each slide in the order they are shown, hidden ones too; None for a bad one."""
    targets = {relation.id: relation.target for relation in package.relations(main)}
    presentation = package.xml(main)
    size = slide_size(presentation)
    for slide in descendants(presentation, "sldId"):
        named = [value for key, value in slide.items() if key.endswith("}id")]
        try:
            yield list(_slide(package, targets.get("".join(named), "a slide"), size))
        except UnreadableDocument:
            yield None


def _slide(package: Package, part: str, size: tuple[int, int]) -> Iterator[Piece]:
    root = package.xml(part)
    if take_out(root, size):
        yield Loss(HIDDEN_TEXT)
    lines = list(_slide_lines(package, part, root))
    yield from lines
    if not any(line.text.strip() for line in lines):
        yield from one_scan(picture_scans(pictures_in(package, part, root)))


def _slide_lines(package: Package, part: str, root: Element) -> Iterator[Line]:
    shapes = list(_shapes(root))
    for shape in sorted(shapes, key=lambda shape: _place(shape) not in TITLES):
        if _place(shape) in TITLES:
            yield Line(_text(shape), heading=1)
        else:
            yield from _blocks(shape)
    for relation in package.relations(part):
        if relation.kind == "chart":
            yield from map(Line, _chart_lines(package.xml(relation.target)))
        elif relation.kind == "diagramData":
            yield from _blocks(package.xml(relation.target))
        elif relation.kind == "notesSlide":
            yield from _note_lines(package.xml(relation.target))


def _shapes(element: Element) -> Iterator[Element]:
    """Shapes and tables, in the order they are drawn, out of their groups."""
    for child in element:
        kind = local(child)
        if kind in ("sp", "graphicFrame"):
            yield child
        elif kind not in SKIPPED:
            yield from _shapes(child)


def _place(shape: Element) -> str:
    """What kind of placeholder it fills, if any."""
    return next((attribute(each, "type") for each in descendants(shape, "ph")), "")


def _blocks(element: Element) -> Iterator[Line]:
    for child in element:
        kind = local(child)
        if kind == "p":
            yield from map(Line, "".join(_runs(child)).split("\n"))
        elif kind == "tbl":
            yield from _table(child)
        elif kind not in SKIPPED:
            yield from _blocks(child)


def _text(element: Element) -> str:
    """All in one line."""
    lines = (line.text.strip() for line in _blocks(element))
    return " ".join(filter(None, lines))


def _table(table: Element) -> Iterator[Line]:
    properties = (each for each in table if local(each) == "tblPr")
    headed = any(attribute(each, "firstRow") in ON for each in properties)
    spans = Spans()
    rows = [spans.row(_cells(row)) for row in descendants(table, "tr")]
    first = rows[0] if rows and headed else ()
    yield from table_lines(rows, declared=int(names_columns(first)))


def _cells(row: Element) -> Iterator[tuple[str, int, int]]:
    for cell in descendants(row, "tc"):
        if not any(attribute(cell, name) in ON for name in CONTINUED):
            yield _text(cell), span(attribute(cell, "gridSpan")), span(attribute(cell, "rowSpan"))


def _runs(paragraph: Element) -> Iterator[str]:
    for child in paragraph:
        kind = local(child)
        if kind == "t":
            yield child.text or ""
        elif kind == "br":
            yield "\n"
        elif attribute(child, "type") != "slidenum":
            yield from _runs(child)


def _note_lines(root: Element) -> Iterator[Line]:
    for shape in _shapes(root):
        if _place(shape) == "body":
            for line in _blocks(shape):
                if line.text.strip():
                    yield Line(f"Notes: {line.text}")


def _chart_lines(root: Element) -> Iterator[str]:
    """The title, and for each series its name with the value of every category."""
    for title in descendants(root, "title"):
        yield _text(title)
    for series in descendants(root, "ser"):
        names = [value for each in descendants(series, "tx") for value in _values(each)]
        categories = [value for each in descendants(series, "cat") for value in _values(each)]
        values = [value for each in descendants(series, "val") for value in _values(each)]
        pairs = list(zip_longest(categories, values, fillvalue=""))
        line = row_line([value for _, value in pairs], [name for name, _ in pairs])
        yield ": ".join(part for part in (" ".join(names), line) if part)


def _values(element: Element) -> Iterator[str]:
    for value in descendants(element, "v"):
        yield value.text or ""
