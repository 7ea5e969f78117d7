"""Word files as lines in document order: headings by their styles, tables row by row.

Not by python-docx: it leaves out inserted (tracked) text, content controls, text boxes, footnotes
and fields, fails on dangling relations, and would add 14 MiB of lxml to the layer. Left out:
comments, deleted text, numbers that Word gives to headings and list items, text that is hidden or
of one point at most, which is told, and pictures, except in a file without other text: then each
picture is a scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile
from xml.etree.ElementTree import Element

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.package import Package, attribute, descendants, local, pictures_in
from askbucket.ingest.readers.scans import Loss, picture_scans
from askbucket.ingest.readers.tables import is_number, names_columns, span, table_lines
from askbucket.ingest.readers.text import HIDDEN_TEXT, Piece, paragraph_lines
from askbucket.models import Line

SKIPPED = {
    "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "sdtPr", "del", "moveFrom", "delText",
    "instrText", "Fallback", "rt",
}  # fmt: skip
LETTERS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
ON, OFF = ("1", "true", "on"), ("0", "false", "off")
NOTE_REFERENCES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
HEADING_NAME = re.compile(r"heading ([1-9])", re.IGNORECASE)  # the same in every language of Word
TITLE_NAME = "title"
BODY_LEVEL = 9  # an outline level that is none
TINY = 2  # half points
MOST_INHERITED = 20  # styles that build on each other


@dataclass(frozen=True, slots=True)
class _Around:
    """What a paragraph needs from other parts: notes by kind and id, heading levels by style."""

    notes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)


def docx_lines(package: Package, main: str) -> Iterator[Piece]:
    """Headers, the text with each note under its paragraph, footers."""
    relations = package.relations(main)
    targets = {kind: [r.target for r in relations if r.kind == kind] for _, kind, _ in relations}
    notes: dict[tuple[str, str], str] = {}
    for kind in NOTE_REFERENCES.values():
        for target in targets.get(kind, ()):
            notes |= _notes(package.xml(target), kind)
    root = package.xml(main)
    body = list(_blocks(root, _Around(notes, _levels(package, targets.get("styles", ())))))
    yield from _once(package, targets.get("header", ()))
    yield from body
    if any(_is_hidden(run) and _says_something(run) for run in descendants(root, "r")):
        yield Loss(HIDDEN_TEXT)
    if not any(line.text for line in body):
        yield from picture_scans(pictures_in(package, main, root))
    yield from _once(package, targets.get("footer", ()))


def _levels(package: Package, parts: Iterable[str]) -> dict[str, int]:
    """The heading level of every style that has one, its own or that of a style it builds on."""
    styles: dict[str, Element] = {}
    with suppress(UnreadableDocument):
        for part in parts:
            found = (each for each in package.xml(part) if local(each) == "style")
            styles |= {attribute(each, "styleId"): each for each in found}
    levels = {name: _style_level(name, styles) for name in styles}
    return {name: level for name, level in levels.items() if level}


def _style_level(name: str, styles: Mapping[str, Element]) -> int:
    for _ in range(MOST_INHERITED):
        style = styles.get(name)
        if style is None:
            return 0
        level = _outline(style)
        if level is not None:
            return level
        shown = _value(style, "name")
        heading = HEADING_NAME.fullmatch(shown)
        if heading or shown.lower() == TITLE_NAME:
            return int(heading[1]) if heading else 1
        name = _value(style, "basedOn")
    return 0


def _outline(owner: Element) -> int | None:
    """The heading level that a paragraph or a style sets itself; 0 is body text."""
    for properties in (each for each in owner if local(each) == "pPr"):
        level = _value(properties, "outlineLvl")
        if level.isdecimal():
            return (int(level[:2]) + 1) % (BODY_LEVEL + 1)
    return None


def _value(parent: Element, name: str) -> str:
    return next((attribute(each, "val") for each in parent if local(each) == name), "")


def _once(package: Package, parts: Iterable[str]) -> Iterator[Line]:
    """The lines of parts that repeat each other, such as first and later pages' headers;
    a number alone is a page number, as it happened to be stored."""
    lines = (line.text for part in parts for line in _blocks(package.xml(part), _Around()))
    yield from map(Line, dict.fromkeys(line for line in lines if not is_number(line)))


def _notes(root: Element, kind: str) -> Iterator[tuple[tuple[str, str], str]]:
    for note in root:
        text = _text(note, _Around())
        if text:
            yield (kind, attribute(note, "id")), f"Note: {text}"


def _text(parent: Element, around: _Around) -> str:
    """All in one line."""
    return " ".join(line.text for line in _blocks(parent, around) if line.text).strip()


def _blocks(parent: Element, around: _Around) -> Iterator[Line]:
    for child in parent:
        kind = local(child)
        if kind == "p":
            yield from _paragraph(child, around)
        elif kind == "tbl":
            yield from _table(child, around)
        elif kind not in SKIPPED:
            yield from _blocks(child, around)


def _paragraph(paragraph: Element, around: _Around) -> Iterator[Line]:
    pieces: list[str] = []
    inserts: list[Element] = []
    _collect(paragraph, pieces, inserts)
    text = "".join(pieces).strip()
    yield from paragraph_lines(text, _level(paragraph, around), _bullet(paragraph))
    for insert in inserts:
        kind = NOTE_REFERENCES.get(local(insert))
        if kind is None:
            yield from _blocks(insert, around)
        else:
            yield Line(around.notes.get((kind, attribute(insert, "id")), ""))


def _level(paragraph: Element, around: _Around) -> int:
    """Of a heading; 0 for other text."""
    level = _outline(paragraph)
    properties = next((each for each in paragraph if local(each) == "pPr"), None)
    if level is not None or properties is None:
        return level or 0
    return around.levels.get(_value(properties, "pStyle"), 0)


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
        elif kind not in SKIPPED and not _is_hidden(child):
            _collect(child, pieces, inserts)


def _is_hidden(run: Element) -> bool:
    """Whether Word does not show it, or so small that nobody reads it."""
    if _marked(run, "rPr", "vanish"):
        return True
    sizes = (_value(each, "sz") for each in run if local(each) == "rPr")
    return any(size.isdecimal() and int(size[:5]) <= TINY for size in sizes)


def _says_something(run: Element) -> bool:
    return any((each.text or "").strip() for each in descendants(run, "t"))


def _bullet(paragraph: Element) -> str:
    """A dash for an item of a list; its number is not in the file."""
    properties = next((each for each in paragraph if local(each) == "pPr"), ())
    return "- " if any(local(each) == "numPr" for each in properties) else ""


def _table(table: Element, around: _Around) -> Iterator[Line]:
    rows = [row for row in descendants(table, "tr") if not _marked(row, "trPr", "del")]
    cells = list(_rows(rows, around))
    repeated = list(takewhile(lambda row: _marked(row, "trPr", "tblHeader"), rows))
    first = cells[0] if cells and _is_headed(table) else ()
    yield from table_lines(cells, declared=len(repeated) or int(names_columns(first)))


def _is_headed(table: Element) -> bool:
    """Whether its style sets the first row apart, as it does unless one chooses otherwise."""
    properties = (each for each in table if local(each) == "tblPr")
    looks = (look for each in properties for look in each if local(look) == "tblLook")
    return any(attribute(look, "firstRow") in ON for look in looks)


def _rows(rows: Iterable[Element], around: _Around) -> Iterator[list[str]]:
    """Cells that are merged over several rows hold the same in each."""
    above: list[str] = []
    for row in rows:
        cells = [""] * _number(row, "trPr", "gridBefore", 0)
        for cell in descendants(row, "tc"):
            text = _text(cell, around)
            if not text and _continues(cell) and len(cells) < len(above):
                text = above[len(cells)]
            cells += [text, *[""] * (_number(cell, "tcPr", "gridSpan", 1) - 1)]
        yield cells
        above = cells


def _continues(cell: Element) -> bool:
    """Whether it belongs to the merged cell above it."""
    properties = next((each for each in cell if local(each) == "tcPr"), ())
    merges = (each for each in properties if local(each) == "vMerge")
    return any(attribute(merge, "val") != "restart" for merge in merges)


def _number(element: Element, properties: str, name: str, absent: int) -> int:
    found = next((each for each in element if local(each) == properties), None)
    value = _value(found, name) if found is not None else ""
    return span(value) if value else absent


def _marked(element: Element, properties: str, mark: str) -> bool:
    """Whether it is marked so, and the mark not switched off."""
    found = next((each for each in element if local(each) == properties), ())
    marks = (attribute(each, "val") for each in found if local(each) == mark)
    return any(value not in OFF for value in marks)
