"""PowerPoint files: a page for each slide, its title first, then shapes, charts and notes.

Not by python-pptx: it loads every picture and film into memory, gives no SmartArt text, stops at
one damaged slide, and would add 14 MiB of lxml to the layer. Left out: comments and pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from xml.etree.ElementTree import Element

from askbucket.errors import UnreadableDocument
from askbucket.ingest.package import Package, attribute, descendants, local
from askbucket.ingest.tables import row_line, table_lines

SKIPPED = {"Fallback", "nvSpPr", "nvPicPr", "spPr", "style", "extLst"}
TITLES = {"title", "ctrTitle"}


def pptx_pages(package: Package, main: str) -> Iterator[list[str] | None]:
    """The lines of each slide in the order they are shown, hidden ones too; None for a bad one."""
    targets = {relation.id: relation.target for relation in package.relations(main)}
    for slide in descendants(package.xml(main), "sldId"):
        named = [value for key, value in slide.items() if key.endswith("}id")]
        try:
            yield list(_slide_lines(package, targets.get("".join(named), "a slide")))
        except UnreadableDocument:
            yield None


def _slide_lines(package: Package, part: str) -> Iterator[str]:
    shapes = list(_shapes(package.xml(part)))
    for shape in sorted(shapes, key=lambda shape: _place(shape) not in TITLES):
        yield from _blocks(shape)
    for relation in package.relations(part):
        if relation.kind == "chart":
            yield from _chart_lines(package.xml(relation.target))
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


def _blocks(element: Element) -> Iterator[str]:
    for child in element:
        kind = local(child)
        if kind == "p":
            yield from "".join(_runs(child)).split("\n")
        elif kind == "tbl":
            rows = ([" ".join(_blocks(cell)) for cell in row] for row in descendants(child, "tr"))
            yield from table_lines(rows)
        elif kind not in SKIPPED:
            yield from _blocks(child)


def _runs(paragraph: Element) -> Iterator[str]:
    for child in paragraph:
        kind = local(child)
        if kind == "t":
            yield child.text or ""
        elif kind == "br":
            yield "\n"
        elif attribute(child, "type") != "slidenum":
            yield from _runs(child)


def _note_lines(root: Element) -> Iterator[str]:
    for shape in _shapes(root):
        if _place(shape) == "body":
            for line in _blocks(shape):
                if line.strip():
                    yield f"Notes: {line}"


def _chart_lines(root: Element) -> Iterator[str]:
    """The title, and for each series its name with the value of every category."""
    for title in descendants(root, "title"):
        yield " ".join(_blocks(title))
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
