"""Word files as lines in document order.

Not by python-docx: it leaves out inserted (tracked) text, content controls, text boxes, footnotes
and fields, fails on dangling relations, and would add 14 MiB of lxml to the layer. Left out:
comments, numbers that Word gives to headings and list items, and pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.etree.ElementTree import Element

from askbucket.ingest.package import Package, attribute, descendants, local
from askbucket.ingest.tables import is_number, table_lines

SKIPPED = {
    "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "sdtPr", "del", "moveFrom", "delText",
    "instrText", "Fallback", "rt",
}  # fmt: skip
LETTERS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
NOTE_REFERENCES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
MOST_SPANNED = 64  # columns of one cell; Word allows 63
_Notes = Mapping[tuple[str, str], str]  # (kind, id) -> text


def docx_lines(package: Package, main: str) -> Iterator[str]:
    """Headers, the text with each note under its paragraph, footers."""
    relations = package.relations(main)
    targets = {kind: [r.target for r in relations if r.kind == kind] for _, kind, _ in relations}
    notes: dict[tuple[str, str], str] = {}
    for kind in NOTE_REFERENCES.values():
        for target in targets.get(kind, ()):
            notes |= _notes(package.xml(target), kind)
    yield from _once(package, targets.get("header", ()))
    yield from _blocks(package.xml(main), notes)
    yield from _once(package, targets.get("footer", ()))


def _once(package: Package, parts: Iterable[str]) -> Iterator[str]:
    """The lines of parts that repeat each other, such as first and later pages' headers;
    a number alone is a page number, as it happened to be stored."""
    lines = (line for part in parts for line in _blocks(package.xml(part), {}))
    yield from dict.fromkeys(line for line in lines if not is_number(line))


def _notes(root: Element, kind: str) -> Iterator[tuple[tuple[str, str], str]]:
    for note in root:
        text = " ".join(_blocks(note, {})).strip()
        if text:
            yield (kind, attribute(note, "id")), f"Note: {text}"


def _blocks(parent: Element, notes: _Notes) -> Iterator[str]:
    for child in parent:
        kind = local(child)
        if kind == "p":
            yield from _paragraph(child, notes)
        elif kind == "tbl":
            yield from _table(child, notes)
        elif kind not in SKIPPED:
            yield from _blocks(child, notes)


def _paragraph(paragraph: Element, notes: _Notes) -> Iterator[str]:
    pieces: list[str] = []
    inserts: list[Element] = []
    _collect(paragraph, pieces, inserts)
    text = "".join(pieces).strip()
    if text:
        yield from f"{_bullet(paragraph)}{text}".split("\n")
    for insert in inserts:
        kind = NOTE_REFERENCES.get(local(insert))
        if kind is None:
            yield from _blocks(insert, notes)
        else:
            yield notes.get((kind, attribute(insert, "id")), "")


def _collect(element: Element, pieces: list[str], inserts: list[Element]) -> None:
    """The text of a paragraph, and what stands in it but is read after it."""
    for child in element:
        kind = local(child)
        if kind == "t":
            pieces.append(child.text or "")
        elif kind in LETTERS:
            pieces.append(LETTERS[kind])
        elif kind == "txbxContent" or kind in NOTE_REFERENCES:
            inserts.append(child)
        elif kind not in SKIPPED:
            _collect(child, pieces, inserts)


def _bullet(paragraph: Element) -> str:
    """A dash for an item of a list; its number is not in the file."""
    properties = next((each for each in paragraph if local(each) == "pPr"), ())
    found = {local(each): each for each in properties}
    if "numPr" not in found or "outlineLvl" in found:
        return ""
    if "pStyle" in found and attribute(found["pStyle"], "val").lower().startswith("heading"):
        return ""
    return "- "


def _table(table: Element, notes: _Notes) -> Iterator[str]:
    rows = [row for row in descendants(table, "tr") if not _marked(row, "trPr", "del")]
    headed = bool(rows) and _marked(rows[0], "trPr", "tblHeader")
    yield from table_lines((_cells(row, notes) for row in rows), *((2,) if headed else ()))


def _cells(row: Element, notes: _Notes) -> list[str]:
    cells: list[str] = []
    for cell in descendants(row, "tc"):
        cells.append(" ".join(_blocks(cell, notes)))
        cells += [""] * (_span(cell) - 1)
    return cells


def _span(cell: Element) -> int:
    for properties in (each for each in cell if local(each) == "tcPr"):
        for span in (each for each in properties if local(each) == "gridSpan"):
            value = attribute(span, "val")
            return min(int(value), MOST_SPANNED) if value.isdecimal() and len(value) < 9 else 1
    return 1


def _marked(element: Element, properties: str, mark: str) -> bool:
    found = (each for each in element if local(each) == properties)
    return any(local(each) == mark for each in next(found, ()))
