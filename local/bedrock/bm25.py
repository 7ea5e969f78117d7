"""BM25 over the few sentences of one prompt: how rare a word is, is counted among them."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from py_rust_stemmers import SnowballStemmer

from askbucket.language import ENGLISH, FUNCTION_WORDS

K1, B = 1.2, 0.75  # the usual constants
REMEMBERED = 8192  # texts whose terms are kept

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_STOP_WORDS = frozenset(
    _WORD.findall(
        """
        a about after all also an and any are as at be been before being but by can could did do
        does for from had has have how i if in into is it its many may me might much my no not
        of on or other our over s shall should so some such than that the their them then there
        these they this those through to under up us was we were what when where which while who
        whom whose why will with would you your
        """
    )
)


@lru_cache(REMEMBERED)
def terms(text: str, language: str = ENGLISH) -> tuple[str, ...]:
    """Stems of the words that carry meaning, lower case, in order; numbers stay whole. Where there
    are no spaces, every two neighbouring characters.

    `language` is the name of a Snowball stemmer.
    """
    idle, stem = _idle_words(language), _stemmer(language).stem_word
    words = (word for word in _WORD.findall(text.lower()) if word not in idle)
    return tuple(term for word in words for term in (_pairs(word) or (stem(word),)))


def _pairs(word: str) -> tuple[str, ...]:
    """None of a word in letters that are written with spaces."""
    if not _UNSPACED.match(word):
        return ()
    return tuple(word[at : at + 2] for at in range(max(1, len(word) - 1)))


def bm25_scores(query: Sequence[str], documents: Sequence[Sequence[str]]) -> list[float]:
    """One score per document, 0 where it shares no term with the query."""
    counts = [Counter(document) for document in documents]
    average = sum(map(len, documents)) / max(len(documents), 1) or 1.0
    rarity = {term: _rarity(sum(term in c for c in counts), len(counts)) for term in set(query)}
    lengths = [K1 * (1 - B + B * len(document) / average) for document in documents]
    return [
        sum(
            weight * c[term] * (K1 + 1) / (c[term] + length)
            for term, weight in rarity.items()
            if term in c
        )
        for c, length in zip(counts, lengths, strict=True)
    ]


def _rarity(holders: int, documents: int) -> float:
    return math.log(1 + (documents - holders + 0.5) / (holders + 0.5))


@cache
def _idle_words(language: str) -> frozenset[str]:
    return _STOP_WORDS | frozenset(FUNCTION_WORDS.get(language, "").split())


@cache
def _stemmer(language: str) -> SnowballStemmer:
    return SnowballStemmer(language)
