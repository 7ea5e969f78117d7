"""Tables as lines, one for each row, so that every row can be found and cited by itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

from askbucket.errors import UnreadableDocument

CELL_SEPARATOR = " | "
PLAIN_COLUMNS = 3  # with two, a first row of words is as likely a name and its value
SHEET_HEADER_COLUMNS = 2
MOST_ROWS = 200_000  # of all sheets together, with something in them
MOST_CELLS = 1_000_000  # about 50 µs each


def row_line(row: Sequence[str], header: Sequence[str] = ()) -> str:
    """`Name: Anna | Age: 41` under a header, else the cells in a row; empty cells are left out."""
    cells = itertools.zip_longest(header, map(one_line, row), fillvalue="")
    return CELL_SEPARATOR.join(f"{name}: {cell}" if name else cell for name, cell in cells if cell)


def table_lines(rows: Iterable[Sequence[str]], columns: int = PLAIN_COLUMNS) -> Iterator[str]:
    """A line for each row. An empty row ends a table; rows of one cell before it are titles.

    A first row of at least so many `columns` that are all words, no two alike, is the header.
    """
    header: list[str] = []
    started = False
    for row in rows:
        cells = [one_line(cell) for cell in row]
        filled = sum(1 for cell in cells if cell)
        if not filled:
            header, started = [], False
        elif not started and filled > 1:
            yield CELL_SEPARATOR.join(cell for cell in cells if cell)
            header, started = (cells if is_header(cells, columns) else []), True
        else:
            yield row_line(cells, header if filled > 1 else ())


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


def is_header(cells: Sequence[str], columns: int) -> bool:
    names = [cell for cell in cells if cell]
    unlike = len(set(names)) == len(names) >= columns
    inside = cells[_first_filled(cells) : len(cells) - _first_filled(cells[::-1])]
    return unlike and all(inside) and not any(map(is_number, names))


def is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).replace("-", "", 1).isdigit()


def one_line(cell: str) -> str:
    return " ".join(cell.split())


def _first_filled(cells: Sequence[str]) -> int:
    return next((at for at, cell in enumerate(cells) if cell), len(cells))
