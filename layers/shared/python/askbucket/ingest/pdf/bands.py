"""The rows of words on a page as bands of cells, which tables are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from askbucket.ingest.pdf.cells import Cell, Row
from askbucket.ingest.pdf.columns import Span, column_at
from askbucket.ingest.pdf.figures import cells_of, is_amount, is_figure, is_year
from askbucket.ingest.pdf.words import Piece, Word, pieces_of, rows_of

ROW_GAP = 2.2  # rows' heights between rows of one table
HEADER_ROWS = 5
HEADER_REACH = 0.3  # of the width of all numbers: a heading may begin so far before them


@dataclass(frozen=True, slots=True)
class Band:
    """A row's cells from left to right, and what is known of them."""

    cells: tuple[Piece, ...]

    @property
    def top(self) -> float:
        return min(cell.top for cell in self.cells)

    @property
    def bottom(self) -> float:
        return max(cell.bottom for cell in self.cells)

    @property
    def figures(self) -> tuple[Piece, ...]:
        """The numbers at its end; none where words stand between or behind them, or where all
        there is may be the number of a page."""
        if len(self.cells) == 1 and not is_amount(self.cells[0].text):
            return ()
        first = 0 if is_figure(self.cells[0].text) else 1
        rest = self.cells[first:]
        return rest if all(is_figure(cell.text) for cell in rest) else ()

    @property
    def is_label(self) -> bool:
        return len(self.cells) == 1 and not is_figure(self.cells[0].text)

    @property
    def is_dated(self) -> bool:
        """Whether its numbers are years: they name columns."""
        figures = self.figures
        return bool(figures) and all(is_year(cell.text) for cell in figures)


def bands_of(words: Iterable[Word]) -> list[Band]:
    """The rows of words from top to bottom; those of leaders alone are left out."""
    rows = (cells_of(row) for row in rows_of(pieces_of(words)))
    return [Band(tuple(cells)) for cells in rows if cells]


def far(above: Band, below: Band) -> bool:
    height = max(above.bottom - above.top, below.bottom - below.top)
    return below.top - above.bottom > ROW_GAP * height


def header_begin(bands: Sequence[Band], free: int, first: int, columns: Sequence[Span]) -> int:
    """The first of the rows above the numbers that stand over their columns."""
    begin = first
    for at in range(first - 1, max(free, first - HEADER_ROWS) - 1, -1):
        if far(bands[at], bands[at + 1]):
            break
        if names_columns(bands[at], columns):
            begin = at
        elif not bands[at].is_label or bands[at].cells[0].right > columns[1][0]:
            break
    return begin


def names_columns(band: Band, columns: Sequence[Span]) -> bool:
    """Whether it stands over the columns of numbers, but for one cell over their labels."""
    begin = columns[1][0]
    over = [cell for cell in band.cells if (cell.left + cell.right) / 2 > begin]
    reach = begin - HEADER_REACH * (columns[-1][1] - begin)
    return (
        bool(over)
        and len(band.cells) - len(over) <= 1
        and all(cell.left > reach for cell in over)
        and (band.is_dated or not band.figures)
    )


def row_of(band: Band, columns: Sequence[Span], header: bool) -> Row:
    words: list[list[Word]] = [[] for _ in columns]
    for cell in band.cells:
        words[column_at(cell, columns)] += cell.words
    cells = tuple(Cell(column, tuple(each)) for column, each in enumerate(words))
    return Row(cells, header)


def joined(above: Row, below: Row) -> Row:
    pairs = zip(above.cells, below.cells, strict=True)
    return Row(tuple(Cell(one.column, one.words + other.words) for one, other in pairs))
