"""Tables without drawn lines: rows of numbers, or of short words, that stand in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from askbucket.ingest.cells import Cell, Row, Table
from askbucket.ingest.columns import Span, column_at, columns_of
from askbucket.ingest.figures import cells_of, is_amount, is_figure, is_year
from askbucket.ingest.words import Piece, Word, pieces_of, rows_of

FEWEST_ROWS = 2  # with numbers
FEWEST_PAIRS = 3  # rows of a table that has one column of numbers
PAIR_AMOUNTS = 0.6  # of the numbers of such a table are no bare ones
MOST_LABELS = 3  # rows without numbers in a row inside a table
ROW_GAP = 2.2  # rows' heights between rows of one table
WIDE_GAP = 5  # the same between rows of numbers that stand under each other
HEADER_ROWS = 5
HEADER_REACH = 0.3  # of the width of all numbers: a heading may begin so far before them
CLASHES = 0.1  # of the rows may have two numbers in one column


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


def aligned_tables(words: Sequence[Word]) -> list[Table]:
    """The tables whose columns are kept apart by white space alone."""
    bands = [Band(tuple(cells)) for row in rows_of(pieces_of(words)) if (cells := cells_of(row))]
    tables: list[Table] = []
    free = first = 0  # bands before these are in a table, or begin none
    while first < len(bands):
        end = _end(bands, first)
        table = _table(bands, free, first, end) if end > first else None
        if table is None:
            first += 1
            continue
        tables.append(table)
        free = first = end
    return tables


def _end(bands: Sequence[Band], first: int) -> int:
    """One past the last row of numbers of the stretch that begins with a row of numbers."""
    if not bands[first].figures:
        return first
    end, labels = first + 1, 0
    for place in range(first + 1, len(bands)):
        band = bands[place]
        if _far(bands[place - 1], band) and not _goes_down(bands[end - 1], band):
            break
        if band.is_dated and not all(each.is_dated for each in bands[first:end]):
            break
        if band.figures:
            end, labels = place + 1, 0
        else:
            labels += 1
            if labels > MOST_LABELS or not _beside(band, bands[first:end]):
                break
    return end


def _far(above: Band, below: Band) -> bool:
    height = max(above.bottom - above.top, below.bottom - below.top)
    return below.top - above.bottom > ROW_GAP * height


def _goes_down(last: Band, band: Band) -> bool:
    """Whether the row is one more row of numbers after a wide gap, right under the last."""
    if not band.figures or band.top - last.bottom > WIDE_GAP * (last.bottom - last.top):
        return False
    ends = [cell.right for cell in last.figures]
    slack = 2 * band.cells[-1].letter
    return all(min(abs(cell.right - end) for end in ends) < slack for cell in band.figures)


def _beside(band: Band, rows: Sequence[Band]) -> bool:
    """Whether a row without numbers ends before the numbers begin."""
    begin = min(row.figures[-1].left for row in rows if row.figures)
    return band.cells[-1].right < begin


def _table(bands: Sequence[Band], free: int, first: int, end: int) -> Table | None:
    body = [band for band in bands[first:end] if band.figures]
    if not _is_table(body):
        return None
    columns = columns_of([band.cells for band in body])
    if len(columns) < 2 or _clashes(body, columns) > CLASHES * len(body):
        return None
    first -= _goes_on(bands, free, first)
    begin = _header_begin(bands, free, first, columns)
    heads = next((at for at in range(first, end) if not bands[at].is_dated), first)
    rows = [
        _row(band, columns, at < heads and not (band.is_label and at > begin))
        for at, band in enumerate(bands[begin:end], begin)
    ]
    return Table(tuple(_with_wrapped(rows)))


def _is_table(body: Sequence[Band]) -> bool:
    """Whether rows of numbers are enough of a table; pages and items are listed in others."""
    wide = [band for band in body if len(band.figures) > 1 and not band.is_dated]
    if len(wide) >= FEWEST_ROWS:
        return True
    pairs = [band for band in body if len(band.cells) == 2 and len(band.figures) == 1]
    amounts = [band for band in pairs if is_amount(band.figures[0].text)]
    return len(pairs) >= FEWEST_PAIRS and len(amounts) >= PAIR_AMOUNTS * len(pairs)


def _clashes(body: Sequence[Band], columns: Sequence[Span]) -> int:
    places = ([column_at(cell, columns) for cell in band.cells] for band in body)
    return sum(len(set(row)) < len(row) for row in places)


def _goes_on(bands: Sequence[Band], free: int, first: int) -> bool:
    """Whether the first row's label began in the row above it."""
    above = bands[first - 1] if first > free else None
    wrapped = bands[first].cells[0].text[:1].islower()
    return above is not None and above.is_label and wrapped and not _far(above, bands[first])


def _header_begin(bands: Sequence[Band], free: int, first: int, columns: Sequence[Span]) -> int:
    """The first of the rows above the numbers that stand over their columns."""
    begin = first
    for at in range(first - 1, max(free, first - HEADER_ROWS) - 1, -1):
        if _far(bands[at], bands[at + 1]):
            break
        if _names_columns(bands[at], columns):
            begin = at
        elif not bands[at].is_label or bands[at].cells[0].right > columns[1][0]:
            break
    return begin


def _names_columns(band: Band, columns: Sequence[Span]) -> bool:
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


def _row(band: Band, columns: Sequence[Span], header: bool) -> Row:
    words: list[list[Word]] = [[] for _ in columns]
    for cell in band.cells:
        words[column_at(cell, columns)] += cell.words
    cells = tuple(Cell(column, tuple(each)) for column, each in enumerate(words))
    return Row(cells, header)


def _with_wrapped(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows whose label goes on in the next row, joined with it: `used in` / `investing  5`."""
    waiting: Row | None = None
    for row in rows:
        label = row.cells[0].text
        if waiting is not None and label[:1].islower():
            row = _joined(waiting, row)  # noqa: PLW2901
            waiting = None
        if waiting is not None:
            yield waiting
        waiting = None
        if row.header or any(cell.words for cell in row.cells[1:]):
            yield row
        else:
            waiting = row
    if waiting is not None:
        yield waiting


def _joined(above: Row, below: Row) -> Row:
    pairs = zip(above.cells, below.cells, strict=True)
    return Row(tuple(Cell(one.column, one.words + other.words) for one, other in pairs))
