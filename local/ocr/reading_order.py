"""Reading order for an engine that finds lines but no layout.

Lines run in rows from top to bottom, each row from left to right, so a table reads row by row; a
stretch of running text in two columns is read column by column. Rows are found along the slope of
the text, since one degree of skew moves the end of a row by more than a line's height.
"""

from dataclasses import dataclass
from itertools import groupby
from statistics import median

from local.ocr.page_text import Line, Word

SLOPE_WORDS = 3
"""Lines with fewer words are too short to tell the slope of the page."""
FULL_HEIGHT = 0.7
"""Share of a line's highest word from which another counts as high."""
PROSE_SHARE = 0.25
"""A line this wide (of the page) is running text rather than a cell of a table."""
COLUMN_LINES = 4
"""Fewer prose lines than this on one side of a gap are a layout accident, not a column."""
GUTTERS = tuple(share / 100 for share in range(35, 66))
"""Where the gap between two columns may lie, as shares of the page's width."""
GUTTER_MARGIN = 0.004


@dataclass(frozen=True)
class _Straight:
    """A line with its extent after the page's slope is taken out; y in shares of page height."""

    line: Line
    left: float
    right: float
    middle: float
    height: float

    def crosses(self, x: float) -> bool:
        return self.left < x - GUTTER_MARGIN and self.right > x + GUTTER_MARGIN


def in_reading_order(lines: list[Line], size: tuple[int, int]) -> list[Line]:
    """The same lines, ordered; `size` is the picture's (width, height) in pixels."""
    if not lines:
        return []
    slope = _slope(lines, size)
    straight = sorted((_straight(line, slope) for line in lines), key=lambda each: each.middle)
    gutter = _gutter(straight)
    if gutter is None:
        return _by_rows(straight)
    ordered: list[Line] = []
    for full_width, group in groupby(straight, key=lambda each: each.crosses(gutter)):
        stretch = list(group)
        ordered += _by_rows(stretch) if full_width else _by_columns(stretch, gutter)
    return ordered


def _slope(lines: list[Line], size: tuple[int, int]) -> float:
    """How far text falls, in shares of page height, over one page width; the median line's."""
    falls = [
        (last[1] - first[1]) / (last[0] - first[0])
        for words in map(_full_words, lines)
        if len(words) >= SLOPE_WORDS
        for first, last in [(words[0].box.middle, words[-1].box.middle)]
        if last[0] - first[0] > 0.1
    ]
    steepest = 0.2 * size[0] / size[1]
    slope = median(falls) if falls else 0.0
    return slope if abs(slope) < steepest else 0.0


def _straight(line: Line, slope: float) -> _Straight:
    box, words = line.box, _full_words(line)
    middle = median(word.box.middle[1] - slope * word.box.middle[0] for word in words)
    height = median(word.box.height for word in words)
    return _Straight(line, box.left, box.right, middle, height)


def _full_words(line: Line) -> list[Word]:
    """Those as high as the line; dashes and points do not tell where its middle is."""
    highest = max(word.box.height for word in line.words)
    return [word for word in line.words if word.box.height >= FULL_HEIGHT * highest]


def _gutter(lines: list[_Straight]) -> float | None:
    """The x of the gap between two columns of running text, or None."""
    best = min(GUTTERS, key=lambda x: (sum(line.crosses(x) for line in lines), abs(x - 0.5)))
    beside = [line for line in lines if not line.crosses(best)]
    prose = [line for line in beside if line.right - line.left >= PROSE_SHARE]
    left = sum(line.right <= best + GUTTER_MARGIN for line in prose)
    return best if min(left, len(prose) - left) >= COLUMN_LINES else None


def _by_columns(lines: list[_Straight], gutter: float) -> list[Line]:
    left = [line for line in lines if line.left + line.right < 2 * gutter]
    right = [line for line in lines if line.left + line.right >= 2 * gutter]
    return _by_rows(left) + _by_rows(right)


def _by_rows(lines: list[_Straight]) -> list[Line]:
    """A row holds the lines whose middles lie within half its height of its first one."""
    rows: list[list[_Straight]] = []
    for line in lines:
        if rows and line.middle - rows[-1][0].middle < 0.5 * _height([*rows[-1], line]):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [each.line for row in rows for each in sorted(row, key=lambda each: each.left)]


def _height(row: list[_Straight]) -> float:
    return max(line.height for line in row)
