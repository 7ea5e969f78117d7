"""The nouns of a table: what a grid of words is made of, whoever read the words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from askbucket.ingest.pdf.words import Word
from askbucket.models import Box, Line

CELL_SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line drawn across or down the page, in fractions of the page as displayed."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of one cell in reading order, none where it is empty; `column` counts from 0.

    A cell over several columns, such as a heading over two years, stands in the first of them.
    """

    column: int
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, cells from left to right, as many as the table has columns; `header` tells whether
    it names the columns."""

    cells: tuple[Cell, ...]
    header: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for cell in self.cells for word in cell.words)

    @property
    def text(self) -> str:
        """The cells' texts in their places; empty cells at the end are left out."""
        return CELL_SEPARATOR.join(cell.text for cell in self.cells).rstrip(" |")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows from top to bottom, at least two, of at least two columns."""

    rows: tuple[Row, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for row in self.rows for word in row.words)

    def lines(self, number: int) -> tuple[Line, ...]:
        """A line for every row that holds words, as rows of the page's table of that number."""
        return tuple(
            Line(row.text, box_of(row.words), table=number, header=row.header)
            for row in self.rows
            if row.words
        )


def box_of(words: Iterable[Word]) -> Box:
    """The box around the words, of which there must be one."""
    every: Sequence[Word] = tuple(words)
    left, top = min(word.left for word in every), min(word.top for word in every)
    right, bottom = max(word.right for word in every), max(word.bottom for word in every)
    return Box(left, top, right - left, bottom - top)
