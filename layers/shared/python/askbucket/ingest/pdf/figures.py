"""Numbers as tables print them, and rows of pieces as cells: `$ 1,234` and `( 5 ) %` are one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from askbucket.ingest.pdf.words import PIECE_GAP, Piece, Row, Word

FIGURE = re.compile(
    r"[(\[$€£¥+\-–—−~<>]*(?:US\$)?[(+\-–—−]?\.?\d[\d,.'’/:]*\s?[)\]%x×]*(?:[*†‡]+|\([a-z0-9]{1,2}\))*"
    r"|[$€£¥(]*[\-–—−]+[%)]*|n/?[am]\.?",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?:FY|Q[1-4])?\s?(?:19|20)\d\d[EA]?(?:\(\w\))?")
OPENING = re.compile(r"[$€£¥(\[]+|US\$|[$€£¥]\s?\(")  # begins the next cell
CURRENCY = re.compile(r"[$€£¥]|US\$")
CLOSING = re.compile(r"[%)\]]+")  # ends the cell before
LEADER = re.compile(r"[.·…_]{2,}|[.·…]")  # dots that lead the eye to a number
FIGURES_GAP = 0.9  # letters' widths between two numbers that are two cells


def is_figure(text: str) -> bool:
    return FIGURE.fullmatch(text.replace(" ", "")) is not None


def is_year(text: str) -> bool:
    return YEAR.fullmatch(text) is not None


def is_amount(text: str) -> bool:
    """A figure that is no bare number of a page, an item or a year."""
    bare = text.replace(" ", "")
    return is_figure(bare) and not re.fullmatch(r"[\dA-Z]{1,4}[.)]?|[\-–—−]+", bare)


def cells_of(row: Row) -> list[Piece]:
    """The row's pieces as cells: leaders dropped, numbers side by side apart, signs joined."""
    words = [word for piece in row for word in piece.words]
    return [Piece(cell) for cell in _joined(_cut(words))]


def _cut(words: Iterable[Word]) -> Iterator[list[Word]]:
    """Words a space apart, but numbers each for itself."""
    cell: list[Word] = []
    for word in words:
        leader = LEADER.fullmatch(word.text) is not None
        if cell and (leader or _parted(cell[-1], word)):
            yield cell
            cell = []
        if not leader:
            cell.append(word)
    if cell:
        yield cell


def _parted(last: Word, word: Word) -> bool:
    if CURRENCY.fullmatch(word.text) and (is_figure(last.text) or CLOSING.fullmatch(last.text)):
        return True
    gap = word.left - last.right
    letter = max(last.letter, word.letter)
    both = _is_value(last.text) and _is_value(word.text)
    return gap > (FIGURES_GAP if both else PIECE_GAP) * letter or word.left < last.left


def _is_value(text: str) -> bool:
    return is_figure(text) or OPENING.fullmatch(text) is not None


def _joined(cells: Iterable[list[Word]]) -> list[list[Word]]:
    """`$` joins the number after it, `%` and `)` the number before."""
    joined: list[list[Word]] = []
    for cell in cells:
        last = _text(joined[-1]) if joined else ""
        opened = OPENING.fullmatch(last.replace(" ", "")) and is_figure(_text(cell))
        closes = CLOSING.fullmatch(_text(cell).replace(" ", "")) and is_figure(last)
        if opened or closes:
            joined[-1] = joined[-1] + cell
        else:
            joined.append(cell)
    return joined


def _text(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)
