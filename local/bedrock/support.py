"""How much speaks for an answer: what an answer or a refusal is decided by.

The nearest sentence's cosine + 0.4 x the share of the question's words that the best sentences
hold, less 0.15 for every name that no source holds, for a year asked of that the answer does not
tell, and for a figure, a time or a name that is asked for and not there. `python -m evals.refusal`
prints what is refused by threshold; it was chosen on the halves that it calls `tune`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from askbucket.answer.evidence import names_of
from askbucket.language import may_be_english
from local.bedrock.asking import YEAR, Asked
from local.bedrock.quoting import Quote, Source, searched

LEAST_EVIDENCE = 0.72
COVERAGE_WEIGHT = 0.4
NAME_SHARE = 0.5  # of a word's, where it names the document, too
COVERING = 3  # sentences, the best ones
LACK = 0.15
MOST_NAMES = 2  # absent; more count no more
BEGINNING = 5  # letters by which a name is known in other forms: Indian, India
LEAST_LETTERS = 3  # of a name without figures; U.S. is told in many ways
LONGEST_TICKER = 5
WORD = re.compile(r"[^\W_]+")


def support(
    asked: Asked, ranked: Sequence[Quote], chosen: Sequence[Quote], sources: Sequence[Source]
) -> float:
    """At most 1.4. `ranked` are all candidates, best first, `chosen` those of the answer."""
    nearest = max(quote.cosine for quote in ranked)
    lacks = min(len(absent_names(asked, sources)), MOST_NAMES)
    lacks += _lacks_year(asked, chosen) + all(asked.lacks(quote.said) for quote in chosen)
    return nearest + COVERAGE_WEIGHT * _coverage(asked, ranked[:COVERING]) - LACK * lacks


def absent_names(asked: Asked, sources: Sequence[Source]) -> list[str]:
    """The names of the question, in lower case, that no source holds in any form.

    Of other languages than English only words with a figure: German nouns look like names.
    """
    told = "\n".join(f"{each.name} {each.context} {each.text}" for each in sources).casefold()
    beginnings = {word[:BEGINNING] for word in WORD.findall(told)}
    named = {word for each in sources for word in each.name.casefold().split()}
    english = may_be_english(asked.whole)
    return [
        name
        for name in names_of(asked.text)
        if _is_name(name, english)
        and name not in told
        and not _begins(name, beginnings)
        and not (name.upper() in asked.text and _abbreviates(name, named))
    ]


def _is_name(word: str, english: bool) -> bool:
    letters = sum(map(str.isalpha, word))
    if any(map(str.isdigit, word)):
        return letters > 0
    return english and letters >= LEAST_LETTERS


def _begins(name: str, beginnings: set[str]) -> bool:
    """Whether each of its words, none of them short, begins as a word that is told does."""
    parts = WORD.findall(name)
    return all(len(part) >= BEGINNING - 1 and part[:BEGINNING] in beginnings for part in parts)


def _abbreviates(name: str, words: Iterable[str]) -> bool:
    """Whether it is the first letter of a document's name and some after it, in order, as tickers
    are."""
    if not 1 < len(name) <= LONGEST_TICKER:
        return False
    return any(word[0] == name[0] and _in_order(name, word) for word in words)


def _in_order(letters: str, word: str) -> bool:
    left = iter(word)
    return all(letter in left for letter in letters)


def _coverage(asked: Asked, quotes: Sequence[Quote]) -> float:
    """The share of the words asked that the quotes or what they stand under hold. A word of a
    document's name need not be repeated, and counts by half where it is."""
    told = {term for quote in quotes for term in asked.terms_of(quote.said)}
    said = told | {term for quote in quotes for term in searched(quote, asked)}
    said |= {term for quote in quotes for term in asked.terms_of(quote.source.place)}
    sought = asked.terms - asked.named or asked.terms
    repeated = NAME_SHARE * len(asked.named & told - sought)
    return (len(sought & said) + repeated) / (len(sought) + repeated)


def _lacks_year(asked: Asked, chosen: Sequence[Quote]) -> bool:
    """Not where no year is told at all."""
    told = " ".join(f"{q.said} {q.source.document} {q.source.context}" for q in chosen)
    years = set(YEAR.findall(told))
    return bool(asked.years and years) and not asked.years & years
