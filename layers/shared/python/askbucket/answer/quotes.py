"""Quotes found again, letter by letter, in the lines they claim to come from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from askbucket.models import Box, Hit

MIN_QUOTE_LETTERS = 3
FOLDED = str.maketrans({
    "‘": "'", "’": "'", "‛": "'", "‚": "'", "`": "'", "´": "'", "′": "'", "‹": "'", "›": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "…": "...",
    "|": " ",  # stands between the cells of a table
    "\u00ad": None, "\u200b": None, "\u2060": None, "\ufeff": None,  # they have no width
})  # fmt: skip
POINTS = ".,"  # what a number holds between its digits
GROUPERS = POINTS + "'’\u00a0\u2009\u202f"


@dataclass(frozen=True, slots=True)
class Located:
    """The words as the document has them, and the boxes of the lines they stand on."""

    quote: str
    boxes: tuple[Box, ...]


def locate(quote: str, hit: Hit) -> Located | None:
    """Where the quote stands in the hit; None unless every letter and digit of it does, in order.

    Case, the kind of dash and quotation mark, white space and hyphens between letters do not
    count. Between digits both do: "5 10" is not "510".
    """
    wanted, _ = _letters(quote)
    if len(wanted) < MIN_QUOTE_LETTERS:
        return None
    letters, places = _letters(hit.text)
    at = _at_word(letters, wanted, hit.text, places)
    if at is None:
        return None
    start, end = places[at], places[at + len(wanted) - 1] + 1
    first, last = hit.text.count("\n", 0, start), hit.text.count("\n", 0, end)
    return Located(" ".join(hit.text[start:end].split()), hit.boxes[first : last + 1])


def _at_word(letters: str, wanted: str, text: str, places: list[int]) -> int | None:
    """The first place where the letters stand without cutting a word or number at either end."""
    at = letters.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        whole = (at == 0 or places[at - 1] < places[at]) and (
            end == len(places) or places[end - 1] < places[end]
        )
        if whole and not (_cuts(text, places[at]) or _cuts(text, places[end - 1] + 1)):
            return at
        at = letters.find(wanted, at + 1)
    return None


def _cuts(text: str, at: int) -> bool:
    """Whether a cut before text[at] goes through a word or a number such as 1,577 or -5."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after) or (before.isalnum() and after.isalnum()):
        return True
    if after in GROUPERS:
        return before.isdigit() and text[at + 1 : at + 2].isdigit()
    if not after.isdigit():
        return False
    further = text[at - 2] if at > 1 else " "
    if before in GROUPERS:
        return further.isdigit()
    return before.translate(FOLDED) == "-" and further.isspace()


def _letters(text: str) -> tuple[str, list[int]]:
    """The folded text without what does not count, and each letter's place in the original."""
    found: list[tuple[str, int]] = []
    spaced = False
    for place, letter in enumerate(text):
        for folded in unicodedata.normalize("NFD", letter).translate(FOLDED).casefold():
            if folded.isspace():
                spaced = True
                continue
            if spaced and folded.isdigit() and found and _numeric(found[-1][0]):
                found.append((" ", place - 1))
            found.append((folded, place))
            spaced = False
    kept = [pair for pair, counts in zip(found, _counted(found), strict=True) if counts]
    return "".join(letter for letter, _ in kept), [place for _, place in kept]


def _numeric(letter: str) -> bool:
    return letter.isdigit() or letter in POINTS


def _counted(found: list[tuple[str, int]]) -> list[bool]:
    """False for a hyphen between two letters, which may only be where a line was broken."""
    letters = [" ", *(letter for letter, _ in found), " "]
    return [
        not (here == "-" and before.isalpha() and after.isalpha())
        for before, here, after in zip(letters, letters[1:], letters[2:], strict=False)
    ]
