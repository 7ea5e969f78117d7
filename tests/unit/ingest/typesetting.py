"""Words set on an imaginary page, as a text layer or a recogniser would report them."""

from __future__ import annotations

from collections.abc import Sequence

from askbucket.ingest.pdf.words import Word

LETTER = 0.008  # of the page's width
LEADING = 0.018  # of the page's height, from line to line
HEIGHT = 0.014


def line(
    text: str, left: float, top: float, *, letter: float = LETTER, bold: bool = False
) -> list[Word]:
    """The text's words a space apart, beginning at that place."""
    words, at = [], left
    for each in text.split():
        end = at + letter * len(each)
        words.append(Word(each, at, top, end, top + HEIGHT, 12 * letter / LETTER, bold))
        at = end + 0.6 * letter
    return words


def right(text: str, edge: float, top: float) -> list[Word]:
    """The text's words, ending at that edge."""
    width = line(text, 0, top)[-1].right
    return line(text, edge - width, top)


def block(lines: Sequence[str], left: float, top: float) -> list[Word]:
    """Lines of text under each other."""
    return [
        word
        for number, each in enumerate(lines)
        for word in line(each, left, top + LEADING * number)
    ]


def figures(rows: Sequence[Sequence[str]], top: float, edges: Sequence[float]) -> list[Word]:
    """Rows of a label at the left and of values that end at the edges; empty ones are left out."""
    words: list[Word] = []
    for number, (label, *values) in enumerate(rows):
        down = top + LEADING * number
        words += line(label, 0.1, down)
        for value, edge in zip(values, edges, strict=False):
            words += right(value, edge, down) if value else []
    return words
