"""Which lines of a page are headings, by the size and weight of their letters.

A page is compared with its own body text. When in doubt a line is no heading: rows of tables, page
numbers, running headers and bold words in prose are none.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from askbucket.ingest.figures import is_figure
from askbucket.ingest.words import Word

LARGER = ((1.6, 1), (1.3, 2), (1.12, 3))  # times the body's size, and the heading's level
BOLD_LEVEL = 4  # of a bold line no larger than the body
MOST_CHARACTERS = 120
FEWEST_LETTERS = 3
WIDEST_GAP = 0.06  # of the page's width inside a heading; a row of cells has wider ones
MARGIN = 0.06  # of the page's height at its top and bottom, where running headers stand
BOLD_LINES = 2  # one under the other are a heading, more are a bold paragraph
WHOLE_SENTENCE = (".", ";", ",", ":")


@dataclass(frozen=True, slots=True)
class Body:
    """How most of a page's text is set; `size` in points."""

    size: float
    bold: bool

    @classmethod
    def of(cls, words: Sequence[Word]) -> Body:
        letters: Counter[tuple[float, bool]] = Counter()
        for word in words:
            letters[round(word.size, 1), word.bold] += len(word.text)
        (size, bold), _ = letters.most_common(1)[0] if letters else ((0.0, False), 0)
        return cls(size, bold)


def levels_of(lines: Sequence[Sequence[Word]], body: Body) -> list[int]:
    """A level for each line of a page in reading order, 0 for all that is no heading; the rows of
    tables are given as lines without words."""
    levels = [_level(line, body) if line and _may_be(line) else 0 for line in lines]
    for first, end in _runs(levels):
        if levels[first] == BOLD_LEVEL and end - first > BOLD_LINES:
            levels[first:end] = [0] * (end - first)
    return levels


def _level(line: Sequence[Word], body: Body) -> int:
    size = min(word.size for word in line)
    for times, level in LARGER:
        if body.size and size >= times * body.size:
            return level
    bold = all(word.bold for word in line) and not body.bold
    whole = line[-1].text.endswith(WHOLE_SENTENCE)
    inside = line[0].top > MARGIN and line[0].bottom < 1 - MARGIN
    return BOLD_LEVEL if bold and inside and not whole and size >= 0.95 * body.size else 0


def _may_be(line: Sequence[Word]) -> bool:
    text = " ".join(word.text for word in line)
    letters = sum(map(str.isalpha, text))
    gaps = (after.left - before.right for before, after in itertools.pairwise(line))
    return (
        len(text) <= MOST_CHARACTERS
        and letters >= max(FEWEST_LETTERS, len(text) // 3)
        and max(gaps, default=0.0) < WIDEST_GAP
        and not (len(line) > 1 and is_figure(line[-1].text) and _is_amount_row(line))
    )


def _is_amount_row(line: Sequence[Word]) -> bool:
    """A label with an amount, such as `Total $ 5,000`."""
    return any(mark in line[-1].text for mark in ",%$)") or line[-2].text in "$€£"


def _runs(levels: Sequence[int]) -> list[tuple[int, int]]:
    """First and one past the last of the lines of equal level that follow each other."""
    runs: list[tuple[int, int]] = []
    for place, level in enumerate(levels):
        if runs and levels[runs[-1][0]] == level:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs
