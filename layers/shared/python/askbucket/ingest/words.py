"""Words with boxes, joined into the lines a reader sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from askbucket.models import Box, Line

SAME_LINE_OVERLAP = 0.5  # of the lower word's height
COLUMN_GAP = 0.5  # of the page's width: a row of a table may be spread as far as this
BACKSTEP = 0.01  # of the page's width: kerning may step back this far


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in fractions of the page as displayed.

    `size` is the height of its letters in points and 0 where it is not known.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float = 0.0
    bold: bool = False

    @classmethod
    def around(cls, text: str, boxes: Sequence[tuple[float, float, float, float]]) -> Word:
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return cls(text, min(lefts), min(tops), max(rights), max(bottoms))


def lines_of(words: Iterable[Word]) -> tuple[Line, ...]:
    """Lines in the order of their first words; a word joins the line that ends just before it."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and _continues(lines[-1][-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return tuple(_line(line) for line in lines)


def _continues(last: Word, word: Word) -> bool:
    overlap = min(last.bottom, word.bottom) - max(last.top, word.top)
    lower = min(last.bottom - last.top, word.bottom - word.top)
    return overlap > SAME_LINE_OVERLAP * lower and -BACKSTEP < word.left - last.right < COLUMN_GAP


def _line(words: Sequence[Word]) -> Line:
    left, top = min(word.left for word in words), min(word.top for word in words)
    right, bottom = max(word.right for word in words), max(word.bottom for word in words)
    text = " ".join(word.text for word in words)
    return Line(text, Box(left, top, right - left, bottom - top))
