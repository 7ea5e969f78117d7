"""Sentences of several documents that say the same but for their figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from local.bedrock.bm25 import terms
from local.bedrock.quoting import Quote, Source

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
SAME_WORDS = 0.8  # share of their words, figures aside
LEAST_WORDS = 3


def in_order_of_age(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The quotes; those that disagree each name their document, the newest first."""
    found = {
        at
        for (first, one), (second, other) in combinations(enumerate(quotes), 2)
        if disagree(one, other)
        for at in (first, second)
    }
    newest = sorted((quotes[at] for at in found), key=lambda each: age(each.source), reverse=True)
    named = iter([replace(each, said=f"{each.source.document}: {each.said}") for each in newest])
    return tuple(next(named) if at in found else quote for at, quote in enumerate(quotes))


def disagree(one: Quote, other: Quote) -> bool:
    """Two documents, nearly the same words, other figures."""
    if one.source.document == other.source.document:
        return False
    (words, figures), (others, other_figures) = map(_parts, (one.text, other.text))
    most = max(len(words), len(others))
    alike = most >= LEAST_WORDS and len(words & others) >= SAME_WORDS * most
    return alike and figures != other_figures and bool(figures and other_figures)


def age(source: Source) -> tuple[str, str]:
    """Sorts by the year that the document's name holds, then by the day of its upload."""
    return max(YEAR.findall(source.document), default=""), source.uploaded


def _parts(text: str) -> tuple[set[str], set[str]]:
    found = set(terms(text))
    figures = {term for term in found if term[0].isdigit()}
    return found - figures, figures
