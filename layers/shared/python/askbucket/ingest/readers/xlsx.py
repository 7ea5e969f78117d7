"""Excel workbooks by openpyxl: a page for each sheet, its name first, then a line for each row.

Values as they were last computed, dates as ISO, percentages as such; merged cells in each of their
rows; hidden sheets and rows too. Left out: formulas, comments, charts, and pictures, except of a
sheet without values: then they are a scan.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.package import DAMAGED, MOST_XML_BYTES, Package, pictures_in
from askbucket.ingest.readers.scans import one_scan, picture_scans
from askbucket.ingest.readers.tables import SHEET_HEADER_COLUMNS, RowCount, table_lines
from askbucket.ingest.readers.text import Piece
from askbucket.models import Line

MOST_SHEETS = 1000
MOST_MERGED = 20_000  # rows under merged cells
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s+ref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
LITERAL = re.compile(r'"[^"]*"|\\.')  # letters of a number's format that stand for themselves
CODE = re.compile("00+")
_Place = tuple[int, int]  # row and column, from 1
_FAULTS = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, EOFError, OSError, ParseError,
    NotImplementedError, RuntimeError, ValueError, TypeError, AttributeError, LookupError,
    OverflowError,
)  # fmt: skip


def xlsx_pages(path: Path, package: Package) -> list[list[Piece]]:
    """The pieces of every sheet, in the order of their tabs."""
    with warnings.catch_warnings():  # about what is not read: validation, styles, extensions
        warnings.simplefilter("ignore")
        try:
            with path.open("rb") as file:
                workbook = load_workbook(file, read_only=True, data_only=True)
                return _workbook_pages(workbook, package)
        except DefusedXmlException as error:
            raise UnreadableDocument("its XML declares entities, as an attack does") from error
        except RecursionError:
            raise
        except _FAULTS as error:
            raise UnreadableDocument(DAMAGED) from error


def _workbook_pages(workbook: Any, package: Package) -> list[list[Piece]]:
    sheets = workbook.worksheets  # without those that are only a chart
    if len(sheets) > MOST_SHEETS:
        raise UnreadableDocument(f"{len(sheets)} sheets; {MOST_SHEETS} at most are read")
    count = RowCount()
    return [list(_sheet(sheet, package, count)) for sheet in sheets]


def _sheet(sheet: Any, package: Package, count: RowCount) -> Iterator[Piece]:
    yield Line(sheet.title, heading=1)
    rows = _rows(sheet, _merged(sheet, package))
    lines = list(table_lines(count(rows), SHEET_HEADER_COLUMNS, named=True))
    yield from lines
    if not any(line.text for line in lines):
        yield from one_scan(picture_scans(_pictures(sheet, package)))


def _pictures(sheet: Any, package: Package) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for relation in package.relations(sheet._worksheet_path.lstrip("/")):
        if relation.kind == "drawing":
            root = package.xml(relation.target)
            yield from pictures_in(package, relation.target, root)


def _rows(sheet: Any, merged: Mapping[_Place, _Place]) -> Iterator[list[str]]:
    """Rows of text without empty cells at their end; of empty rows in a row only one."""
    empty = False
    seen: dict[_Place, str] = {}  # the merged cells' texts
    sheet.reset_dimensions()  # what the sheet says of its own size may be wrong
    for number, cells in enumerate(sheet.iter_rows(), 1):
        row = [_text(cell) for cell in _filled(cells)]
        for column in range(1, len(row) + 1) if merged else ():
            first = merged.get((number, column))
            if first:
                row[column - 1] = seen.setdefault(first, row[column - 1])
        if row or not empty:
            yield row
        empty = not row


def _merged(sheet: Any, package: Package) -> dict[_Place, _Place]:
    """The place of the first cell for each of those that are merged below one another: openpyxl
    does not tell of them where it reads row by row."""
    part = sheet._worksheet_path.lstrip("/")
    found = MERGED.findall(package.read(part)) if package.size(part) <= MOST_XML_BYTES else []
    places: dict[_Place, _Place] = {}
    for ref in found:
        left, top, _, bottom = range_boundaries(ref.decode())
        rows = range(top, bottom + 1) if top < bottom < top + MOST_MERGED else ()
        places |= {(row, left): (top, left) for row in rows}
        if len(places) > MOST_MERGED:
            break
    return places


def _filled(cells: Sequence[Any]) -> Sequence[Any]:
    last = len(cells)
    while last and cells[last - 1].value is None:
        last -= 1
    return cells[:last]


def _text(cell: Any) -> str:
    """As a reader of the sheet would write it."""
    match cell.value:
        case None:
            return ""
        case bool(value):
            return "TRUE" if value else "FALSE"
        case dt.date() | dt.time() | dt.timedelta() as value:
            return _moment(value)
        case int(value) | float(value):
            return _number(value, cell.number_format or "")
        case value:
            return str(value)


def _moment(value: dt.date | dt.time | dt.timedelta) -> str:
    """Dates as ISO, without a time at midnight; spans of time in hours, minutes and seconds."""
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat()


def _number(value: float, shown: str) -> str:
    """Percentages as such, and the zeros before a code; else the value, not as it is rounded."""
    shown = LITERAL.sub("", shown)
    if "%" in shown:
        return f"{value * 100:.10g}%"
    if isinstance(value, int):
        return f"{value:0{len(shown)}}" if CODE.fullmatch(shown) else str(value)
    return f"{value:.15g}"
