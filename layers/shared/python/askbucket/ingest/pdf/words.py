"""Words with boxes, and the pieces and rows they stand in."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SAME_LINE_OVERLAP = 0.5  # of the lower word's height
PIECE_GAP = 1.8  # letters' widths: a wider gap is more than a space
BACKSTEP = 1.5  # letters' widths: kerning and italics may step back this far
OPEN_ENDS = 12  # pieces of one band that a word is tried at, so that no page takes long
BANDS = 60  # of the page's height: only words of near bands can stand in one row


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

    @property
    def letter(self) -> float:
        """The mean width of its letters."""
        return (self.right - self.left) / len(self.text)


class Piece:
    """Words that follow each other in a row, a space apart; it has at least one."""

    __slots__ = ("bottom", "left", "letter", "right", "text", "top", "words")

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = tuple(words)
        self.left, self.right = words[0].left, max(word.right for word in words)
        self.top, self.bottom = min(w.top for w in words), max(w.bottom for w in words)
        self.text = " ".join(word.text for word in words)
        self.letter = statistics.fmean(word.letter for word in words)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top


Row = list[Piece]  # from left to right


def pieces_of(words: Iterable[Word]) -> list[Piece]:
    """The words, in whatever order they come, joined to pieces; no order is promised."""
    pieces: list[list[Word]] = []
    near: dict[int, list[list[Word]]] = defaultdict(list)  # by the band of the last word's middle
    for word in sorted(words, key=lambda word: word.left):
        band = int((word.top + word.bottom) / 2 * BANDS)
        ends = (piece for each in (band, band - 1, band + 1) for piece in near[each][-OPEN_ENDS:])
        piece = next((piece for piece in ends if follows(piece[-1], word)), None)
        if piece is None:
            pieces.append([word])
            near[band].append(pieces[-1])
        else:
            piece.append(word)
    return [Piece(piece) for piece in pieces]


def follows(last: Word, word: Word) -> bool:
    """Whether the word stands in the same row as the last one, a space to its right."""
    letter = max(last.letter, word.letter) if len(last.text) > 1 else last.letter or word.letter
    gap = word.left - last.right
    return -BACKSTEP * letter < gap < PIECE_GAP * letter and same_row(last, word)


def same_row(one: Word | Piece, other: Word | Piece) -> bool:
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    lower = min(one.bottom - one.top, other.bottom - other.top)
    return overlap > SAME_LINE_OVERLAP * lower


def rows_of(pieces: Iterable[Piece]) -> list[Row]:
    """The pieces in rows from top to bottom."""
    rows: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        if rows and same_row(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.left) for row in rows]
