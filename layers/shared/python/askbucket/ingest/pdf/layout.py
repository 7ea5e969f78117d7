"""The order in which a person reads a page: columns one after the other, rows from the top down.

The words are put together by where they stand, so a scrambled content order does no harm. Where
text stands in columns is a cut (as in XY-cut; Nagy and Seth, 1984) through white space that has
prose on both sides; the content order is asked where that alone would not tell columns from rows.
"""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from askbucket.ingest.pdf.cells import Rule, Table, box_of
from askbucket.ingest.pdf.grid import tables_of
from askbucket.ingest.pdf.words import Piece, Row, Word, pieces_of, rows_of

GRAIN = 200  # left edges of a column agree to this part of the page's width
GUTTERS = 6  # of a region are tried, those that most rows have first
FEWEST_ROWS = 3  # on either side of a gutter
LETTER_SHARE = 0.55  # of the characters beside a gutter; numbers stand in tables
PROSE_CHARACTERS = 20  # the usual row of a column of prose has at least so many
PROSE_FILL = 0.6  # of the widest row, the usual row of prose
CELL_ROWS = 0.6  # runs of content order per row, below which cells are read one by one
APART = 1.5  # its own height, so far is a page number from the columns


@dataclass(frozen=True, slots=True)
class _Item:
    """A piece or a table where it stands; `place` is its place in the content order."""

    left: float
    top: float
    right: float
    bottom: float
    place: int
    content: Piece | Table


_Region = Sequence[_Item]


def reading_order(words: Sequence[Word], rules: Sequence[Rule] = ()) -> list[Table | Row]:
    """The page's tables and its other rows as read; every word is in one of them.

    `words` come in content order, all running from left to right.
    """
    places = {id(word): place for place, word in enumerate(words)}
    return [block for part in _parts(_items(words, rules, places)) for block in _blocks(*part)]


def _items(words: Sequence[Word], rules: Sequence[Rule], places: dict[int, int]) -> list[_Item]:
    tables = tables_of(words, rules)
    taken = {id(word) for table in tables for word in table.words}
    pieces = pieces_of(word for word in words if id(word) not in taken)
    items: list[_Item] = []
    contents: list[Piece | Table] = [*pieces, *tables]
    for content in contents:
        box = box_of(content.words)
        place = min(places[id(word)] for word in content.words)
        right, bottom = box.left + box.width, box.top + box.height
        items.append(_Item(box.left, box.top, right, bottom, place, content))
    return sorted(items, key=lambda item: (item.top + item.bottom, item.left))


def _blocks(region: _Region, whole: bool) -> Iterator[Table | Row]:
    """A column's tables and rows; tables of the whole page were looked for before."""
    blocks = [item.content for item in region if isinstance(item.content, Table)]
    pieces = [item.content for item in region if isinstance(item.content, Piece)]
    if not whole:
        words = [word for piece in pieces for word in piece.words]
        tables = tables_of(words)
        taken = {id(word) for table in tables for word in table.words}
        blocks += tables
        pieces = pieces_of(word for word in words if id(word) not in taken) if tables else pieces
    both: list[Table | Row] = [*blocks, *rows_of(pieces)]
    yield from sorted(both, key=_middle)


def _middle(block: Table | Row) -> float:
    """Of its first row."""
    words = block.rows[0].words if isinstance(block, Table) else block[0].words
    return statistics.fmean(word.top + word.bottom for word in words)


def _parts(region: _Region, whole: bool = True) -> Iterator[tuple[_Region, bool]]:
    """The region cut at its columns into parts that are read from the top down."""
    columns = _columns(region)
    if columns is None:
        if region:
            yield region, whole
        return
    inside = {id(item) for column in columns for item in column}
    first = next(place for place, item in enumerate(region) if id(item) in inside)
    yield from _parts(region[:first], False)
    for column in columns:
        yield from _parts(column, False)
    yield from _parts([item for item in region[first:] if id(item) not in inside], False)


def _columns(region: _Region) -> list[_Region] | None:
    """The columns of the region's longest stretch of text in columns, None where it has none."""
    zones = (zone for gutter in _gutters(region) for zone in _zones(region, gutter))
    for zone in sorted(zones, key=lambda zone: min(map(len, zone)), reverse=True):
        columns = _as_read(*zone)
        if columns is not None:
            return columns
    return None


def _gutters(region: _Region) -> list[float]:
    """Left edges that several pieces with something before them in their rows have in common."""
    last_bottom, edges = 0.0, Counter[int]()
    row: list[_Item] = []
    for item in (*region, None):
        if item is None or item.top >= last_bottom:
            row.sort(key=lambda item: item.left)
            edges.update({round(each.left * GRAIN) for each in row[1:]})
            row = []
        if item is not None:
            last_bottom = item.bottom if not row else last_bottom
            row.append(item)
    often = edges.most_common(GUTTERS)
    return [edge / GRAIN for edge, count in often if count >= FEWEST_ROWS - 1]


def _zones(region: _Region, gutter: float) -> Iterator[tuple[_Region, _Region]]:
    """What stands left and right of the gutter, between the items that stand across it."""
    slack = 1 / GRAIN

    def crosses(item: _Item) -> bool:
        return item.left < gutter - slack and item.right > gutter - slack / 4

    for across, items in itertools.groupby(region, crosses):
        if not across:
            zone = _trimmed(list(items))
            left = [item for item in zone if item.left < gutter - slack]
            right = [item for item in zone if item.left >= gutter - slack]
            if min(len(left), len(right)) >= FEWEST_ROWS:
                yield left, right


def _trimmed(zone: list[_Item]) -> list[_Item]:
    """The zone without page numbers and running headers, which stand apart above or below it."""
    while len(zone) > 2 and _stands_apart(zone[0].bottom, zone[1].top, zone[0]):
        zone = zone[1:]
    while len(zone) > 2 and _stands_apart(max(i.bottom for i in zone[:-1]), zone[-1].top, zone[-1]):
        zone = zone[:-1]
    return zone


def _stands_apart(bottom: float, top: float, item: _Item) -> bool:
    return top - bottom > APART * (item.bottom - item.top)


def _as_read(left: _Region, right: _Region) -> list[_Region] | None:
    """The two sides as columns, or as the cells that the content order goes through; None where
    the rows go across."""
    if not (_is_text(left) and _is_text(right)):
        return None
    sides = {id(item): 0 for item in left} | {id(item): 1 for item in right}
    in_content = sorted((*left, *right), key=lambda item: item.place)
    runs = [list(run) for _, run in itertools.groupby(in_content, lambda item: sides[id(item)])]
    if len(runs) <= 2:
        return [left, right]
    rows = max(len(left), len(right))
    if len(runs) < CELL_ROWS * rows and _goes_down(in_content, sides):
        return [sorted(run, key=lambda item: item.top) for run in runs]
    return [left, right] if _is_prose(left) and _is_prose(right) else None


def _goes_down(items: Iterable[_Item], sides: dict[int, int]) -> bool:
    """Whether either side is written from the top down."""
    last = [0.0, 0.0]
    for item in items:
        side = sides[id(item)]
        if item.bottom < last[side]:
            return False
        last[side] = item.top
    return True


def _is_text(region: _Region) -> bool:
    texts = [item.content.text for item in region if isinstance(item.content, Piece)]
    if len(texts) < len(region) / 2:
        return True  # tables stand beside the gutter as a block
    characters = "".join(texts).replace(" ", "")
    return sum(map(str.isalpha, characters)) >= LETTER_SHARE * len(characters)


def _is_prose(region: _Region) -> bool:
    """Whether the usual row is long, and nearly as wide as the widest; a region of columns whose
    rows are not level has pieces instead."""
    pieces = [item.content for item in region if isinstance(item.content, Piece)]
    return _fills(rows_of(pieces)) or _fills([[piece] for piece in pieces])


def _fills(rows: Sequence[Row]) -> bool:
    if len(rows) < FEWEST_ROWS:
        return False
    lengths = [sum(len(piece.text) for piece in row) for row in rows]
    widths = [row[-1].right - row[0].left for row in rows]
    long = statistics.median(lengths) >= PROSE_CHARACTERS
    return long and statistics.median(widths) >= PROSE_FILL * max(widths)
