"""The words of a PDF page's text layer, each with its box, from pdfium's characters.

Words are those a viewer shows: what lies outside the page or is not seen on it is left out, what
is drawn twice for boldness counts once. Invisible text over a picture is text: it is an OCR layer.
"""

from __future__ import annotations

import ctypes
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache

import pypdfium2 as pdfium
from pypdfium2 import raw

from askbucket.ingest.pdf.display import QUARTERS, Display, turned
from askbucket.ingest.pdf.hidden import Doubts, is_tiny, unseen
from askbucket.ingest.pdf.legible import REPLACEMENT
from askbucket.ingest.pdf.words import Word
from askbucket.visible import visible

LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st",
    0xFB06: "st",
}  # fmt: skip
LINE_END_HYPHENS = (0x2, 0xFFFE)  # pdfium's marks for a hyphen at a line end
NO_LETTER = 0xAD  # soft hyphen; as every character that is not seen it is left out
SLANTED = 10  # degrees from upright or sideways; a crooked scan's layer has less
DRAWN_TWICE = 0.3  # of a letter's width: the same letter this near is the same letter
BANDS = 50  # of the page's height, so that a word is compared with its neighbours only
BOLD_NAMES = (b"bold", b"black", b"heavy")
BOLD_WEIGHT = 600  # of 100..900, as in CSS
_Sides = tuple[float, float, float, float]  # left, bottom, right, top, in points


def words_by_turn(
    page: pdfium.PdfPage, *, over_picture: bool = False
) -> tuple[dict[int, list[Word]], bool]:
    """The words in content order by the way they run, each as if the page were turned to read it,
    and whether others were left out because nobody sees them.

    The boxes are fractions of the page so turned: `turned(box, turn)` is the one displayed.
    `over_picture` tells that text which is not drawn belongs to a picture.
    """
    text = page.get_textpage()
    try:
        doubts = Doubts(text, over_picture=over_picture)
        words, doubtful = _words_by_turn(text, Display.of(page), doubts)
    finally:
        text.close()
    hidden = _hidden(page, words, doubtful)
    seen = {turn: [w for w in words[turn] if id(w) not in hidden] for turn in QUARTERS}
    return {turn: _once(each) for turn, each in seen.items() if each}, bool(hidden)


def _words_by_turn(
    text: pdfium.PdfTextPage, display: Display, doubts: Doubts
) -> tuple[dict[int, list[Word]], set[int]]:
    """The words, and the ids of those that may not be seen."""
    words: dict[int, list[Word]] = defaultdict(list)
    doubtful: set[int] = set()
    for token in _tokens(text):
        angle = math.degrees(raw.FPDFText_GetCharAngle(text.raw, token.first))
        quarter = round(angle / 90) % 4 * 90
        slanted = abs((angle - quarter + 180) % 360 - 180) > SLANTED
        turn = (quarter + display.rotation) % 360
        bold, doubt = _is_bold(text, token.first), doubts.of(token.first)
        for letters, boxes in [token.whole] if slanted else token.parts(quarter):
            word = _word(letters, boxes, display, turn, bold)
            if word is not None:
                words[turn].append(word)
                doubtful.update({id(word)} if doubt else ())
    return words, doubtful


def _hidden(
    page: pdfium.PdfPage, words: Mapping[int, Sequence[Word]], doubtful: Set[int]
) -> set[int]:
    """The ids of the words that nobody sees."""
    every = [(word, turn) for turn, each in words.items() for word in each]
    asked = [(word, turn) for word, turn in every if id(word) in doubtful]
    boxes = [turned((w.left, w.top, w.right, w.bottom), turn) for w, turn in asked]
    blank = zip(asked, unseen(page, boxes), strict=True)
    tiny = {id(word) for word, _ in every if is_tiny(word.size, page)}
    return tiny | {id(word) for (word, _), is_blank in blank if is_blank}


def _word(
    letters: Sequence[str], boxes: Sequence[_Sides], display: Display, turn: int, bold: bool
) -> Word | None:
    """None for a word outside the page."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    shown = display.sides(min(lefts), min(bottoms), max(rights), max(tops))
    if shown is None:
        return None
    left, bottom, right, top = boxes[0]
    sideways = (turn - display.rotation) % 180
    size = right - left if sideways else top - bottom
    return Word("".join(letters), *turned(shown, -turn), size, bold)


@dataclass(frozen=True, slots=True)
class _Token:
    """What stands between two spaces; `first` is the number of its first character."""

    first: int
    letters: list[str]
    boxes: list[_Sides]

    @property
    def whole(self) -> tuple[list[str], list[_Sides]]:
        return self.letters, self.boxes

    def parts(self, quarter: int) -> Iterator[tuple[list[str], list[_Sides]]]:
        """The words in it: it is cut where a letter starts elsewhere, and loses letters drawn
        twice."""
        letters, boxes = self.letters[:1], self.boxes[:1]
        last = _along(boxes[0], quarter)
        for letter, box in zip(self.letters[1:], self.boxes[1:], strict=True):
            here = _along(box, quarter)
            if _apart(last, here):
                yield letters, boxes
                letters, boxes = [], []
            elif letter == letters[-1] and here[0] - last[0] < DRAWN_TWICE * (last[2] - last[0]):
                continue
            letters.append(letter)
            boxes.append(box)
            last = here
        yield letters, boxes


def _tokens(text: pdfium.PdfTextPage) -> Iterator[_Token]:
    box, letters, boxes, first = raw.FS_RECTF(), list[str](), list[_Sides](), 0
    measure, handle, pointer = raw.FPDFText_GetLooseCharBox, text.raw, ctypes.byref(box)
    for index, letter in enumerate(_letters(text)):
        if letter == " ":
            if letters:
                yield _Token(first, letters, boxes)
                letters, boxes = [], []
        elif letter:
            first = first if letters else index
            measure(handle, index, pointer)
            letters.append(letter)
            boxes.append((box.left, box.bottom, box.right, box.top))
    if letters:
        yield _Token(first, letters, boxes)


def _letters(text: pdfium.PdfTextPage) -> list[str]:
    """What each character stands for: a space between words, nothing where it is not seen."""
    unicode, handle = raw.FPDFText_GetUnicode, text.raw
    codes = [unicode(handle, index) for index in range(text.count_chars())]
    return [_letter(code) for code in _paired(codes)]


def _paired(codes: list[int]) -> list[int]:
    """UTF-16 pairs as one code point, in the place of the second half."""
    for index, code in enumerate(codes[1:], start=1):
        high = codes[index - 1]
        if 0xDC00 <= code < 0xE000 and 0xD800 <= high < 0xDC00:
            codes[index] = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            codes[index - 1] = NO_LETTER
    return codes


@cache
def _letter(code: int) -> str:
    """The character meant: a hyphen, a plain space, or REPLACEMENT where there is none."""
    if code in LINE_END_HYPHENS:
        return "-"
    if code == NO_LETTER:
        return ""
    private = 0xE000 <= code < 0xF900 or code >= 0xF0000
    if code not in (0x9, 0xA, 0xD) and (
        code < 0x20 or 0x7F <= code < 0xA0 or private or 0xD800 <= code < 0xE000
    ):
        return REPLACEMENT
    if not visible(chr(code)):
        return ""
    letter = LIGATURES.get(code) or chr(code)
    return " " if letter.isspace() else letter


def _along(box: _Sides, quarter: int) -> _Sides:
    """The box by the text's own direction: start, lower side, end, upper side."""
    if quarter == 0:
        return box
    left, bottom, right, top = box
    if quarter == 180:
        return -right, -top, -left, -bottom
    return (bottom, -right, top, -left) if quarter == 270 else (-top, left, -bottom, right)


def _apart(last: _Sides, box: _Sides) -> bool:
    """Whether the letter starts elsewhere: another line, or back to the left."""
    return box[1] > last[3] or box[3] < last[1] or box[2] < last[0]


def _is_bold(text: pdfium.PdfTextPage, index: int) -> bool:
    name = ctypes.create_string_buffer(64)
    raw.FPDFText_GetFontInfo(text.raw, index, name, 64, None)
    return _says_bold(name.value) or raw.FPDFText_GetFontWeight(text.raw, index) >= BOLD_WEIGHT


@cache
def _says_bold(name: bytes) -> bool:
    return any(each in name.lower() for each in BOLD_NAMES)


def _once(words: list[Word]) -> list[Word]:
    """The words without those drawn a second time over themselves."""
    kept: list[Word] = []
    drawn: dict[tuple[str, int], list[Word]] = defaultdict(list)
    for word in words:
        band = int(word.top * BANDS)
        near = (other for each in (band, band - 1, band + 1) for other in drawn[word.text, each])
        if not any(_is_over(word, other) for other in near):
            kept.append(word)
            drawn[word.text, band].append(word)
    return kept


def _is_over(word: Word, other: Word) -> bool:
    letter = (other.right - other.left) / len(other.text)
    near = abs(word.left - other.left) <= DRAWN_TWICE * letter
    return near and abs(word.top - other.top) <= DRAWN_TWICE * (other.bottom - other.top)
