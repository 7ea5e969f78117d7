"""Tables of short words in three columns or more, kept apart by white space alone."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence

from askbucket.ingest.pdf.bands import Band, far, header_begin, row_of
from askbucket.ingest.pdf.cells import Table
from askbucket.ingest.pdf.columns import Span, column_at, columns_of
from askbucket.ingest.pdf.words import Piece

FEWEST_COLUMNS = 3
FEWEST_ROWS = 3
MOST_CHARACTERS = 32  # of the usual cell; rows of text columns are longer
MOST_BRIEF_WORDS = 2  # of the usual cell of one column at least
ALIGNED = 0.75  # of a column's cells begin, end or are centred under each other


def worded_tables(bands: Sequence[Band]) -> list[Table]:
    """The tables of words; two columns are no table, for lists and addresses look alike."""
    tables: list[Table] = []
    free = first = 0
    while first < len(bands):
        end = _end(bands, first)
        table = _table(bands, free, first, end) if end - first >= FEWEST_ROWS else None
        if table is not None:
            tables.append(table)
            free = end
        first = end
    return tables


def _end(bands: Sequence[Band], first: int) -> int:
    """One past the last of the rows of as many cells, close to each other."""
    end, cells = first + 1, len(bands[first].cells)
    while end < len(bands) and cells >= FEWEST_COLUMNS:
        if far(bands[end - 1], bands[end]) or len(bands[end].cells) != cells:
            break
        end += 1
    return end


def _table(bands: Sequence[Band], free: int, first: int, end: int) -> Table | None:
    rows = [band.cells for band in bands[first:end]]
    columns = columns_of(rows)
    if len(columns) != len(rows[0]) or not all(_in_columns(cells, columns) for cells in rows):
        return None
    down = list(zip(*rows, strict=True))
    if not (all(map(_is_column, down)) and any(map(_is_brief, down))) or _counts_up(down[-1]):
        return None
    begin = header_begin(bands, free, first, columns)
    heads = first + _is_header(bands[first:end])
    lines = enumerate(bands[begin:end], begin)
    return Table(tuple(row_of(band, columns, at < heads) for at, band in lines))


def _in_columns(cells: Sequence[Piece], columns: Sequence[Span]) -> bool:
    return [column_at(cell, columns) for cell in cells] == list(range(len(columns)))


def _is_column(cells: Sequence[Piece]) -> bool:
    """Whether the cells are short and stand under each other."""
    slack = 2 * statistics.fmean(cell.letter for cell in cells)
    edges = (
        [cell.left for cell in cells],
        [cell.right for cell in cells],
        [(cell.left + cell.right) / 2 for cell in cells],
    )
    short = statistics.median(len(cell.text) for cell in cells) <= MOST_CHARACTERS
    letters = any(each.isalnum() for cell in cells for each in cell.text)
    return short and letters and any(_agree(places, slack) for places in edges)


def _is_brief(cells: Sequence[Piece]) -> bool:
    """Whether its cells are names or numbers; the lines of columns of text are all longer."""
    return statistics.median(len(cell.words) for cell in cells) <= MOST_BRIEF_WORDS


def _agree(places: Sequence[float], slack: float) -> bool:
    middle = statistics.median(places)
    return sum(abs(place - middle) <= slack for place in places) >= ALIGNED * len(places)


def _counts_up(cells: Sequence[Piece]) -> bool:
    """Whether they are page numbers, as in a table of contents."""
    texts = [cell.text for cell in cells]
    if not all(text.isdecimal() for text in texts):
        return False
    return all(int(one) <= int(other) for one, other in itertools.pairwise(texts))


def _is_header(bands: Sequence[Band]) -> bool:
    """Whether the first row is set in bold and the others are not."""
    bold = [all(word.bold for cell in band.cells for word in cell.words) for band in bands]
    return bold[0] and not any(bold[1:])
