"""The words of a text in any script, each as the tokens it is found by.

Plain English stays as Qdrant's BM25 has it. What is done beside that, and what it brings, is
measured by `python -m evals.retrieval` (evals/README.md):

- scripts without spaces are cut into overlapping pairs of characters, as Lucene's CJKAnalyzer does:
  without a dictionary a question is always cut as the document was;
- Arabic loses its marks and variant letters, and is stemmed, as are Cyrillic and Greek;
- words of other languages in Latin letters keep the token that English has, without accents, so
  that a wrong guess of the language loses no match, and get their own stem beside it;
- a number in groups of digits is also found without its separators.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

import regex
from py_rust_stemmers import SnowballStemmer

from askbucket.ingest.stop_words import STOP_WORDS
from askbucket.language import ENGLISH, languages_of

Word = tuple[str, ...]

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
PIECE = regex.compile(
    r"(?V1)(?P<number>(?<![\w.,'’])\d{1,3}(?:[.,'’]\d{3})+(?!\w))"
    rf"|(?P<run>[{UNSPACED}]+)"
    rf"|[[\p{{Alphabetic}}\p{{N}}]--[{UNSPACED}]][[\p{{Alphabetic}}\p{{N}}\p{{M}}]--[{UNSPACED}]]*"
)
DIGITS = regex.compile(r"\d+")
LATIN = regex.compile(r"[\p{Latin}\p{N}]")
CYRILLIC = regex.compile(r"\p{Cyrillic}")
SCRIPTS = (
    (regex.compile(r"\p{Arabic}"), "arabic"),
    (regex.compile(r"\p{Greek}"), "greek"),
)
ARABIC_MARKS = regex.compile(r"[\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED]")
VARIANTS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه"}
    | {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"}
)


def document_words(text: str) -> list[Word]:
    """Every word but English stop words, in order; where there are no spaces, every character."""
    return list(_words(text, _characters))


def question_words(text: str) -> list[Word]:
    """As those of a document, but of characters without spaces only the pairs: they tell more."""
    return list(_words(text, _pairs))


def _words(text: str, cut: Callable[[str], Iterator[Word]]) -> Iterator[Word]:
    text = unicodedata.normalize("NFKC", text)
    pieces = list(PIECE.finditer(ARABIC_MARKS.sub("", text)))
    languages = languages_of(piece.group().lower() for piece in pieces)
    for piece in pieces:
        word = piece.group().lower()
        if piece["run"]:
            yield from cut(word)
        elif piece["number"]:
            yield from _number(word)
        elif word not in STOP_WORDS:
            yield _stems(word, languages)


def _characters(run: str) -> Iterator[Word]:
    """Each alone and with the one after it: a question may be a single character."""
    for at, character in enumerate(run):
        yield (character, run[at : at + 2]) if at + 1 < len(run) else (character,)


def _pairs(run: str) -> Iterator[Word]:
    for at in range(max(1, len(run) - 1)):
        yield (run[at : at + 2],)


def _number(grouped: str) -> Iterator[Word]:
    """Its groups, the first of which stands for the whole, too."""
    first, *rest = DIGITS.findall(grouped)
    yield first, "".join((first, *rest))
    for group in rest:
        yield (group,)


def _stems(word: str, languages: tuple[str, ...]) -> Word:
    if CYRILLIC.match(word):
        return (_stemmer("russian").stem_word(word.replace("ё", "е")),)
    for script, language in SCRIPTS:
        if script.match(word):
            return (_folded(_stemmer(language).stem_word(word)),)
    if not LATIN.match(word):
        return (word,)
    plain = _stemmer(ENGLISH).stem_word(_folded(word))
    own = (f"{name}:{_folded(_stemmer(name).stem_word(word))}" for name in languages)
    return (plain, *own)


def _folded(word: str) -> str:
    """Without accents, and one letter for those that are written in several ways."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word.translate(VARIANTS))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _stemmer(language: str) -> SnowballStemmer:
    return SnowballStemmer(language)
