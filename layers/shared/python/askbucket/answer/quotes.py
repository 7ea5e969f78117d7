"""Quotes found again, letter by letter, in the lines they claim to come from."""

from __future__ import annotations

from dataclasses import dataclass

from askbucket.models import Box, Hit

MIN_QUOTE_LETTERS = 3
FOLDED = str.maketrans({
    "‘": "'", "’": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-",
    "\u00ad": None,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Located:
    """The words as the document has them, and the boxes of the lines they stand on."""

    quote: str
    boxes: tuple[Box, ...]


def locate(quote: str, hit: Hit) -> Located | None:
    """Where the quote stands in the hit; None unless every letter and digit of it does, in order.

    White space, case and the kind of dash and quotation mark do not count.
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
        before, after = places[at] - 1, places[at + len(wanted) - 1] + 1
        cut_left = text[places[at]].isalnum() and before >= 0 and text[before].isalnum()
        cut_right = text[after - 1].isalnum() and after < len(text) and text[after].isalnum()
        if not (cut_left or cut_right):
            return at
        at = letters.find(wanted, at + 1)
    return None


def _letters(text: str) -> tuple[str, list[int]]:
    """The folded text without white space, and each letter's place in the original."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for folded in letter.translate(FOLDED).casefold():
            if not folded.isspace():
                letters.append(folded)
                places.append(place)
    return "".join(letters), places
