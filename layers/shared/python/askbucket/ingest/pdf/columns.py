"""The columns of a table, as the spans of a page's width that its cells share."""

from __future__ import annotations

from collections.abc import Sequence

from askbucket.ingest.pdf.words import Piece

Span = tuple[float, float]  # left and right, as fractions of the page's width
STRAY = 0.06  # of the rows may reach over the space between two columns


def columns_of(rows: Sequence[Sequence[Piece]]) -> list[Span]:
    """The spans that cells of the rows cover, from left to right; a few rows may reach across."""
    edges = [edge for row in rows for cell in row for edge in ((cell.left, 1), (cell.right, -1))]
    allowed, depth, spans = int(STRAY * len(rows)), 0, list[Span]()
    start = 0.0
    for place, step in sorted(edges):
        was, depth = depth, depth + step
        if was <= allowed < depth:
            start = place
        elif depth <= allowed < was:
            spans.append((start, place))
    return spans


def column_at(cell: Piece, columns: Sequence[Span]) -> int:
    """The column a cell stands in: the first it shares width with, else the nearest."""

    def apart(column: int) -> float:
        left, right = columns[column]
        return max(left - cell.right, cell.left - right, 0.0)

    return min(range(len(columns)), key=apart)
