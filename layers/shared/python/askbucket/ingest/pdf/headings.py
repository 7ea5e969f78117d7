"""Which lines of a page are headings, by the size and weight of their letters.

A page is compared with its own body text. When in doubt a line is no heading: rows of tables, page
numbers, running headers, sentences and bold words in prose are none. Right above a table there is
less doubt: a statement's name stands there, often at the very top and in several lines.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from askbucket.ingest.pdf.figures import is_figure
from askbucket.ingest.pdf.words import Word

LARGER = ((1.6, 1), (1.3, 2), (1.12, 3))  # times the body's size, and the heading's level
BOLD_LEVEL = 4  # of a bold line no larger than the body
MOST_CHARACTERS = 120
FEWEST_LETTERS = 3
WIDEST_GAP = 0.06  # of the page's width inside a heading; a row of cells has wider ones
MARGIN = 0.06  # of the page's height at its top and bottom, where running headers stand
BOLD_LINES = 2  # one under the other are a heading, more are a bold paragraph
TABLE_LINES = 4  # the same right above a table: company, statement, period, unit
SMALLER = 0.95  # of the body's size; a bold line set smaller is a caption
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
    bold = [
        bool(line) and not level and _is_bold(line, body)
        for line, level in zip(lines, levels, strict=True)
    ]
    for first, end in _runs(bold):
        named = _is_above_table(lines, end)
        run = [at for at in range(first, end) if named or _is_inside(lines[at])]
        if _is_heading([lines[at] for at in run], TABLE_LINES if named else BOLD_LINES):
            for at in run:
                levels[at] = BOLD_LEVEL
    return levels


def _is_above_table(lines: Sequence[Sequence[Word]], end: int) -> bool:
    """Whether the lines before `end` name a table; a unit in brackets may stand between."""
    below = lines[end : end + 2]
    if below and below[0] and _text(below[0]).startswith("("):
        below = below[1:]
    return bool(below) and not below[0]


def _is_heading(bold: Sequence[Sequence[Word]], most: int) -> bool:
    return 0 < len(bold) <= most and all(map(_may_be, bold)) and not _is_sentence(bold[-1])


def _is_inside(line: Sequence[Word]) -> bool:
    return line[0].top > MARGIN and line[0].bottom < 1 - MARGIN


def _level(line: Sequence[Word], body: Body) -> int:
    """By size alone."""
    size = min(word.size for word in line)
    return next((level for times, level in LARGER if body.size and size >= times * body.size), 0)


def _is_bold(line: Sequence[Word], body: Body) -> bool:
    """Whether the whole line is bolder than the page, and no smaller."""
    bolder = all(word.bold for word in line) and not body.bold
    return bolder and min(word.size for word in line) >= SMALLER * body.size


def _is_sentence(line: Sequence[Word]) -> bool:
    return line[-1].text.endswith(WHOLE_SENTENCE)


def _text(line: Sequence[Word]) -> str:
    return " ".join(word.text for word in line)


def _may_be(line: Sequence[Word]) -> bool:
    text = _text(line)
    letters = sum(map(str.isalpha, text))
    gaps = (after.left - before.right for before, after in itertools.pairwise(line))
    return (
        len(text) <= MOST_CHARACTERS
        and letters >= max(FEWEST_LETTERS, len(text) // 3)
        and max(gaps, default=0.0) < WIDEST_GAP
        and not (text[0].islower() and _is_sentence(line))
        and not (len(line) > 1 and is_figure(line[-1].text) and _is_amount_row(line))
    )


def _is_amount_row(line: Sequence[Word]) -> bool:
    """A label with an amount, such as `Total $ 5,000`."""
    return any(mark in line[-1].text for mark in ",%$)") or line[-2].text in "$€£"


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """First and one past the last of those that are true side by side."""
    for flag, places in itertools.groupby(range(len(flags)), flags.__getitem__):
        run = list(places)
        if flag:
            yield run[0], run[-1] + 1
