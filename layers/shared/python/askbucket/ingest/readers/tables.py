"""Tables as lines, one for each row, so that every row can be found and cited by itself.

A table in running text keeps its rows as they stand, `Anna | 41`, under the row that names the
columns. Rows of sheets and records carry the names themselves, `Name: Anna | Age: 41`: their
tables are long and wide, and a row is found alone.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from askbucket.errors import UnreadableDocument
from askbucket.models import Line

CELL_SEPARATOR = " | "
PLAIN_COLUMNS = 3  # with two, a first row of words is as likely a name and its value
SHEET_HEADER_COLUMNS = 2
MOST_SPANNED = 64  # columns or rows of one cell; Word allows 63 columns
MOST_ROWS = 200_000  # of all sheets together, with something in them
MOST_CELLS = 1_000_000  # about 50 µs each
NUMBER_CHARS = 40
NUMBER = re.compile(r"[^\w]*\d[\d.,:/\s-]*[^\w]*")  # amounts, shares, dates and times too
YEAR = re.compile(r"(19|20)\d\d")
NO_LINE = Line("")  # ends a table, and is left out of the page


def row_line(row: Sequence[str], header: Sequence[str] = ()) -> str:
    """`Name: Anna | Age: 41` under a header, else the cells in a row; empty cells are left out."""
    cells = itertools.zip_longest(header, map(one_line, row), fillvalue="")
    return CELL_SEPARATOR.join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def table_lines(
    rows: Iterable[Sequence[str]],
    columns: int = PLAIN_COLUMNS,
    *,
    declared: int = 0,
    named: bool = False,
) -> Iterator[Line]:
    """A line for each row. An empty row ends a table; rows of one cell before it are titles.

    So many first rows as are `declared`, else a first row of at least so many `columns` that are
    all words, no two alike, are the header. Tables are numbered from 1; empty lines end them.
    """
    table = 1
    header: list[str] | None = None  # None until the first row of several cells
    for number, row in enumerate(rows):
        cells = [one_line(cell) for cell in row]
        several = sum(map(bool, cells)) > 1
        if not any(cells):
            table, header = table + 1, None
            yield NO_LINE
        elif number < declared or (several and header is None):
            names = number < declared or is_header(cells, columns)
            header = cells if names else []
            yield Line(_plain_text(cells, [] if named else header), table=table, header=names)
        else:
            over = header if header and several else []
            text = row_line(cells, over) if named else _plain_text(cells, over)
            yield Line(text, table=0 if header is None else table)
    yield NO_LINE


def _plain_text(cells: Sequence[str], header: Sequence[str]) -> str:
    """The cells in a row; under a header with the empty ones, so that each stands in its column."""
    return CELL_SEPARATOR.join(cells).strip().rstrip("| ") if header else row_line(cells)


class RowCount:
    """Passes the rows of a workbook's sheets on, until they are too many."""

    def __init__(self) -> None:
        self._rows = self._cells = 0

    def __call__(self, rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        for row in rows:
            self._rows += any(row)
            self._cells += len(row)
            if self._rows > MOST_ROWS or self._cells > MOST_CELLS:
                raise UnreadableDocument(
                    f"the tables in it have more than {MOST_ROWS} rows or {MOST_CELLS} cells; "
                    "as CSV files they can be read"
                )
            yield row


class Spans:
    """Rows of a table in which cells reach over several rows: those below hold the same again,
    as it is seen, so that each row says all of itself."""

    def __init__(self) -> None:
        self._below: dict[int, tuple[str, int]] = {}  # column -> text, rows still to come

    def row(self, cells: Iterable[tuple[str, int, int]]) -> list[str]:
        """The row of cells given as text, columns and rows taken."""
        row: list[str] = []
        for text, columns, rows in cells:
            self._fill(row)
            cell = [text, *[""] * (min(columns, MOST_SPANNED) - 1)]
            if rows > 1:
                below = min(rows, MOST_SPANNED) - 1
                self._below |= {at: (part, below) for at, part in enumerate(cell, len(row))}
            row += cell
        self._fill(row)
        return row

    def _fill(self, row: list[str]) -> None:
        while len(row) in self._below:
            text, rows = self._below.pop(len(row))
            if rows > 1:
                self._below[len(row)] = text, rows - 1
            row.append(text)


def is_header(cells: Sequence[str], columns: int) -> bool:
    filled = [at for at, cell in enumerate(cells) if cell]
    return names_columns(cells) and columns <= len(filled) == filled[-1] - filled[0] + 1


def names_columns(cells: Sequence[str]) -> bool:
    """Whether they could be names: several, no two alike, all words or years."""
    names = [one_line(cell) for cell in cells if one_line(cell)]
    numbers = [name for name in names if is_number(name)]
    return len(set(names)) == len(names) > 1 and (not numbers or _are_years(numbers))


def _are_years(numbers: Sequence[str]) -> bool:
    """Whether they are years in a row, as over the columns of a report."""
    if len(numbers) < 2 or not all(map(YEAR.fullmatch, numbers)):
        return False
    steps = {int(after) - int(before) for before, after in itertools.pairwise(numbers)}
    return steps in ({1}, {-1})


def is_number(text: str) -> bool:
    return len(text) <= NUMBER_CHARS and bool(NUMBER.fullmatch(text))


def one_line(cell: str) -> str:
    return " ".join(cell.split())


def span(text: str) -> int:
    """How many columns or rows a cell takes, as a file says it; 1 where it says nothing sound."""
    return max(1, min(int(text), MOST_SPANNED)) if text.isdecimal() and len(text) < 9 else 1
