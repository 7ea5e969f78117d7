"""Keys and their values on the lines of a form: `Key: value`, `Key ..... value`, or the value
beside or below a key that ends in a colon."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from local.ocr.page_text import Box, Line, Word, around

MOST_KEY_WORDS, MOST_VALUE_WORDS = 5, 10
"""Longer ones are sentences."""
KEY_END = re.compile(r".*[^\W\d].*:|[^\W\d]:")
"""A word with a letter that ends in a colon: no time of day, no ratio."""
LEADER = re.compile(r"[.…_·]{3,}|.*[^\W_][.…_·]{4,}")
BESIDE = 0.3
"""Of the page's width between a key and a value on its right."""
GAP = 2.5
"""Letters' heights between two words of one text."""


@dataclass(frozen=True)
class Pair:
    """The words of a key and of its value, neither empty."""

    key: tuple[Word, ...]
    value: tuple[Word, ...]


@dataclass(frozen=True)
class _Text:
    """Words of one line without a wide gap between them."""

    words: tuple[Word, ...]
    box: Box


def pairs_of(lines: Sequence[Line]) -> list[Pair]:
    """The pairs in reading order; a word is in one of them at most."""
    texts = [_Text(words, around(w.box for w in words)) for line in lines for words in _split(line)]
    taken: set[int] = set()
    pairs = []
    for text in texts:
        length = _key_length(text.words)
        if length is None or id(text) in taken:
            continue
        value = text.words[length:] or _answer(text, texts, taken)
        if _is_short_text(value):
            pairs.append(Pair(text.words[:length], value))
    return pairs


def _split(line: Line) -> Iterator[tuple[Word, ...]]:
    """The words of a line, parted at wide gaps."""
    part: list[Word] = []
    for word in line.words:
        if part and word.box.left - part[-1].box.right > GAP * word.box.height:
            yield tuple(part)
            part = []
        part.append(word)
    yield tuple(part)


def _key_length(words: Sequence[Word]) -> int | None:
    """How many of the words are a key; None where they begin with none."""
    for number, word in enumerate(words[:MOST_KEY_WORDS], 1):
        if KEY_END.fullmatch(word.text) or (word.text == ":" and number > 1):
            return number
        if LEADER.fullmatch(word.text) and len(words) > number and _has_letter(words[:number]):
            return number
    return None


def _is_short_text(words: Sequence[Word]) -> bool:
    """Whether the words may be a value: they are some, no sentence, and no key is among them."""
    keys = any(KEY_END.fullmatch(word.text) for word in words)
    return 0 < len(words) <= MOST_VALUE_WORDS and not keys


def _has_letter(words: Sequence[Word]) -> bool:
    return any(letter.isalpha() for word in words for letter in word.text)


def _answer(key: _Text, texts: Sequence[_Text], taken: set[int]) -> tuple[Word, ...]:
    """The text to the right of a key that ends its own, else the one right below it."""
    for fits in (_is_beside, _is_below):
        for text in texts:
            free = id(text) not in taken and _key_length(text.words) is None
            if free and fits(key.box, text.box) and _is_short_text(text.words):
                taken.add(id(text))
                return text.words
    return ()


def _is_beside(key: Box, value: Box) -> bool:
    middle = value.middle[1]
    return key.top < middle < key.bottom and 0 < value.left - key.right < BESIDE


def _is_below(key: Box, value: Box) -> bool:
    gap = value.top - key.bottom
    return -0.3 * key.height < gap < key.height and abs(value.left - key.left) < key.height
