"""Tables whose cells are drawn: rows and columns between ruling lines."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from askbucket.ingest.pdf.cells import Cell, Row, Rule, Table
from askbucket.ingest.pdf.figures import is_figure, is_year
from askbucket.ingest.pdf.words import Word, pieces_of, rows_of

NEAR = 0.004  # of the page: lines as near as this touch, or are one
SHORTEST = 0.008  # of the page, so that no underline of a letter counts
MOST_RULES = 5000  # of a page; more are a drawing
MOST_LINES = 400  # they may make, those end to end being one
FILLED_ROWS = 0.5  # of the rows have words in two cells
UNRULED_ROWS = 3  # rows of text in one drawn row, from which its rows may be undrawn


@dataclass(frozen=True, slots=True)
class _Grid:
    """Lines that touch each other; `xs` and `ys` are where columns and rows are cut."""

    across: tuple[Rule, ...]
    down: tuple[Rule, ...]

    @property
    def xs(self) -> list[float]:
        ends = [end for rule in self.across for end in (rule.left, rule.right)]
        return _places([*(rule.left for rule in self.down), min(ends), max(ends)])

    @property
    def ys(self) -> list[float]:
        ends = [end for rule in self.down for end in (rule.top, rule.bottom)]
        return _places([*(rule.top for rule in self.across), min(ends), max(ends)])

    def parted_down(self, x: float, y: float) -> bool:
        """Whether a line down the page at x passes y."""
        return any(
            abs(rule.left - x) <= NEAR and rule.top - NEAR <= y <= rule.bottom + NEAR
            for rule in self.down
        )

    def parted_across(self, y: float, x: float) -> bool:
        return any(
            abs(rule.top - y) <= NEAR and rule.left - NEAR <= x <= rule.right + NEAR
            for rule in self.across
        )


def ruled_tables(words: Sequence[Word], rules: Sequence[Rule]) -> list[Table]:
    """The tables with lines drawn between their columns and their rows."""
    if len(rules) > MOST_RULES:
        return []
    tables: list[Table] = []
    free = list(words)
    for grid in _grids(rules):
        table = _table(grid, free)
        if table is not None:
            tables.append(table)
            taken = {id(word) for word in table.words}
            free = [word for word in free if id(word) not in taken]
    return tables


def _places(values: Sequence[float]) -> list[float]:
    """The values in order, those that are nearly the same as one."""
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > NEAR:
            places.append(value)
    return places


def _grids(rules: Sequence[Rule]) -> Iterator[_Grid]:
    """The lines that hang together, where some go across and some down."""
    free = _merged(rules)
    if len(free) > MOST_LINES:
        return
    while free:
        group, edge = [free[0]], [free.pop(0)]
        while edge:
            rule = edge.pop()
            touching = [other for other in free if _touch(rule, other)]
            free = [other for other in free if not _touch(rule, other)]
            group += touching
            edge += touching
        across = tuple(rule for rule in group if _is_across(rule))
        down = tuple(rule for rule in group if _is_down(rule))
        if len(across) > 1 and down:
            yield _Grid(across, down)


def _merged(rules: Sequence[Rule]) -> list[Rule]:
    """The lines across, then those down, each in one piece; none at all where none go down."""
    across = sorted(filter(_is_across, rules), key=lambda rule: (round(rule.top / NEAR), rule.left))
    down = sorted(filter(_is_down, rules), key=lambda rule: (round(rule.left / NEAR), rule.top))
    merged: list[Rule] = []
    for rule in (*across, *down) if down else ():
        last = merged[-1] if merged else None
        if last is not None and _is_across(last) == _is_across(rule) and _in_line(last, rule):
            right, bottom = max(last.right, rule.right), max(last.bottom, rule.bottom)
            merged[-1] = Rule(min(last.left, rule.left), min(last.top, rule.top), right, bottom)
        else:
            merged.append(rule)
    return merged


def _in_line(one: Rule, other: Rule) -> bool:
    """Whether one goes on where the other ends; they go the same way."""
    aside = one.top - other.top if _is_across(one) else one.left - other.left
    return abs(aside) <= NEAR / 2 and _touch(one, other)


def _is_across(rule: Rule) -> bool:
    return rule.bottom - rule.top <= NEAR and rule.right - rule.left >= SHORTEST


def _is_down(rule: Rule) -> bool:
    return rule.right - rule.left <= NEAR and rule.bottom - rule.top >= SHORTEST


def _touch(one: Rule, other: Rule) -> bool:
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return wide >= -NEAR and high >= -NEAR


def _table(grid: _Grid, words: Sequence[Word]) -> Table | None:
    xs, ys = grid.xs, grid.ys
    if len(xs) < 3 or len(ys) < 3:
        return None
    cells: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
        if xs[0] < x < xs[-1] and ys[0] < y < ys[-1]:
            cells.setdefault(_cell_at(grid, xs, ys, x, y), []).append(word)
    rows = [
        row
        for number in range(len(ys) - 1)
        for row in _rows([cells.get((number, column), []) for column in range(len(xs) - 1)])
    ]
    filled = [row for row in rows if sum(bool(cell.words) for cell in row.cells) > 1]
    if len(rows) < 2 or len(filled) < max(2, FILLED_ROWS * len(rows)):
        return None
    return Table((_headed(rows[0]), *rows[1:]))


def _cell_at(
    grid: _Grid, xs: Sequence[float], ys: Sequence[float], x: float, y: float
) -> tuple[int, int]:
    """Row and column of the place; of a cell over several, the first."""
    row, column = bisect.bisect(ys, y) - 1, bisect.bisect(xs, x) - 1
    column = _first(column, lambda line: grid.parted_down(xs[line], y))
    row = _first(row, lambda line: grid.parted_across(ys[line], x))
    return row, column


def _first(place: int, parted: Callable[[int], bool]) -> int:
    while place and not parted(place):
        place -= 1
    return place


def _rows(cells: Sequence[Sequence[Word]]) -> list[Row]:
    """The rows of one drawn row: one, or one for each row of text where they fill the cells."""
    lines = rows_of(pieces_of(word for cell in cells for word in cell))
    column = {id(word): place for place, cell in enumerate(cells) for word in cell}
    split: list[list[list[Word]]] = []
    for line in lines:
        split.append([[] for _ in cells])
        for word in (word for piece in line for word in piece.words):
            split[-1][column[id(word)]].append(word)
    if not split:
        return []
    parts = split if _is_undrawn(split) else [_stacked(split)]
    return [
        Row(tuple(Cell(place, tuple(words)) for place, words in enumerate(part))) for part in parts
    ]


def _is_undrawn(split: Sequence[Sequence[Sequence[Word]]]) -> bool:
    """Whether every row of text fills the first cell and another, so that each is a row."""
    return len(split) >= UNRULED_ROWS and all(row[0] and any(row[1:]) for row in split)


def _stacked(split: Sequence[Sequence[list[Word]]]) -> list[list[Word]]:
    """One row of cells, each with its lines from the top down."""
    return [[word for part in cell for word in part] for cell in zip(*split, strict=True)]


def _headed(row: Row) -> Row:
    """The first row, as header if it names its columns and holds no numbers but years."""
    texts = [cell.text for cell in row.cells if cell.words]
    named = len(texts) > 1 and not any(is_figure(text) and not is_year(text) for text in texts)
    return Row(row.cells, named)
