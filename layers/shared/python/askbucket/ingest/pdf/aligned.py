"""Tables without drawn lines: rows of numbers that stand in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from askbucket.ingest.pdf.bands import Band, far, header_begin, joined, names_columns, row_of
from askbucket.ingest.pdf.cells import Row, Table
from askbucket.ingest.pdf.columns import Span, column_at, columns_of
from askbucket.ingest.pdf.figures import is_amount

FEWEST_ROWS = 2  # with numbers
FEWEST_PAIRS = 3  # rows of a table that has one column of numbers
PAIR_AMOUNTS = 0.6  # of the numbers of such a table are no bare ones
MOST_LABELS = 3  # rows without numbers in a row inside a table
WIDE_GAP = 5  # rows' heights between rows of numbers that stand under each other
CLASHES = 0.1  # of the rows may have two numbers in one column


def aligned_tables(bands: Sequence[Band]) -> list[Table]:
    """The tables of numbers whose columns are kept apart by white space alone."""
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
        if far(bands[place - 1], band) and not _goes_down(bands[end - 1], band):
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
    begin = header_begin(bands, free, first, columns)
    heads = next((at for at in range(first, end) if not bands[at].is_dated), first)
    rows = [
        row_of(band, columns, at < heads and (not band.is_label or names_columns(band, columns)))
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
    return above is not None and above.is_label and wrapped and not far(above, bands[first])


def _with_wrapped(rows: Sequence[Row]) -> Iterator[Row]:
    """Rows whose label goes on in the next row, joined with it: `used in` / `investing  5`."""
    waiting: Row | None = None
    for row in rows:
        label = row.cells[0].text
        if waiting is not None and label[:1].islower():
            row = joined(waiting, row)  # noqa: PLW2901
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
