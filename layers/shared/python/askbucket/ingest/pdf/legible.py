"""Whether the characters of a text layer say what the page shows.

A font without a map to Unicode gives marks of replacement, symbols, or other letters than those
that are drawn. The last is told by the vowels: they are 36 % to 48 % of the letters of any page of
text measured, and 15 % to 30 % where its letters are exchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

REPLACEMENT = "\ufffd"
REPLACED_SHARE = 0.2  # of the characters
ENOUGH_SYMBOLS, SYMBOL_SHARE = 100, 0.5  # characters to tell by, and the share that is too much
ENOUGH_WORDS = 20  # unlike each other, of Latin letters, to tell by their vowels
VOWEL_SHARE = (0.31, 0.8)
LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{4,}")
VOWELS = frozenset("aeiouyæøœ")
ORDINARY = frozenset(".,-–—_…·•()[]/|:;'\"“”‘’$€£%*&§#+=<>")  # leaders, bullets, tables, code


def is_legible(text: str) -> bool:
    """False for a layer that is better read by OCR; True where there is too little to tell.

    Words are a space apart.
    """
    return not (_is_replaced(text) or _is_symbols(text) or _is_exchanged(text))


def _is_replaced(text: str) -> bool:
    return text.count(REPLACEMENT) > REPLACED_SHARE * _visible(text)


def _is_symbols(text: str) -> bool:
    odd = sum(
        count
        for each, count in Counter(text).items()
        if each not in ORDINARY and unicodedata.category(each)[0] in "SPC"
    )
    return _visible(text) >= ENOUGH_SYMBOLS and odd > SYMBOL_SHARE * _visible(text)


def _is_exchanged(text: str) -> bool:
    words = set(LATIN_WORD.findall(text))
    letters = Counter("".join(words).lower())
    vowels = sum(count for each, count in letters.items() if _plain(each) in VOWELS)
    fewest, most = VOWEL_SHARE
    usual = fewest * letters.total() <= vowels <= most * letters.total()
    return len(words) >= ENOUGH_WORDS and not usual


def _plain(letter: str) -> str:
    """The letter without its accents."""
    return unicodedata.normalize("NFD", letter)[0]


def _visible(text: str) -> int:
    return len(text) - text.count(" ")
