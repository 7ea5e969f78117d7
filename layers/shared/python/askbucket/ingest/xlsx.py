"""Excel workbooks by openpyxl: a page for each sheet, its name first, then a line for each row.

Values as they were last computed, dates as ISO, percentages as such; hidden sheets too. Left out:
formulas, comments, charts, and pictures, except of a sheet without values: then they are a scan.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from askbucket.errors import UnreadableDocument
from askbucket.ingest.package import DAMAGED, Package, pictures_in
from askbucket.ingest.scans import one_scan, picture_scans
from askbucket.ingest.tables import SHEET_HEADER_COLUMNS, RowCount, table_lines
from askbucket.ingest.text import Piece
from askbucket.models import Line

MOST_SHEETS = 1000
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
    lines = list(table_lines(count(_rows(sheet)), SHEET_HEADER_COLUMNS, named=True))
    yield from lines
    if not any(line.text for line in lines):
        yield from one_scan(picture_scans(_pictures(sheet, package)))


def _pictures(sheet: Any, package: Package) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for relation in package.relations(sheet._worksheet_path.lstrip("/")):
        if relation.kind == "drawing":
            root = package.xml(relation.target)
            yield from pictures_in(package, relation.target, root)


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Rows of text without empty cells at their end; of empty rows in a row only one."""
    empty = False
    sheet.reset_dimensions()  # what the sheet says of its own size may be wrong
    for cells in sheet.iter_rows():
        row = [_text(cell) for cell in _filled(cells)]
        if row or not empty:
            yield row
        empty = not row


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
        case dt.datetime() as value:
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
        case dt.date() | dt.time() as value:
            return value.isoformat()
        case int(value) | float(value):
            percent = "%" in (cell.number_format or "")
            return f"{value * 100:.10g}%" if percent else f"{value:.15g}"
        case value:
            return str(value)
