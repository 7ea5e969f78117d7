"""Documents that a question names by the words of their keys.

Among many similar documents, such as a company's filings of ten years, nearly all that tells them
apart is their name. It is read off the hits at hand, so it costs no look at the collection, and it
only favours: a question may use a name's word by chance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from askbucket.ingest.sparse import question_vector
from askbucket.mixed_words import parted
from askbucket.models import Hit

WEIGHT = 0.15  # of the name in the score of a hit, where the question names a document at all


def favoured(hits: Sequence[Hit], question: str, weight: float = WEIGHT) -> list[Hit]:
    """The hits, best first, their scores 0..1 mixed with how well the question names their
    documents; as they are where it names none, or all alike."""
    names = named({hit.document for hit in hits}, question)
    if not names:
        return list(hits)
    scored = (_scored(hit, names[hit.document], weight) for hit in hits)
    return sorted(scored, key=lambda hit: (-hit.score, hit.chunk_id))


def named(documents: Iterable[str], question: str) -> Mapping[str, float]:
    """For every key, how well the question names it, beside the one it names best, which is 1.

    A word counts by how few of the keys hold it, so that one they all hold counts nothing. Empty
    where the question holds no word that tells them apart.
    """
    asked = _words(question)
    held = {key: _words(key) for key in documents}
    holders = Counter(word for words in held.values() for word in words)
    told = {
        key: sum(math.log(len(held) / holders[word]) for word in sorted(words & asked))
        for key, words in held.items()
    }
    best = max(told.values(), default=0.0)
    return {key: value / best for key, value in told.items()} if best > 0 else {}


def _words(text: str) -> Set[int]:
    """Ids of the words, stemmed as the sparse index stems them."""
    return set(question_vector(parted(text)).indices)


def _scored(hit: Hit, name: float, weight: float) -> Hit:
    return replace(hit, score=round((1 - weight) * hit.score + weight * name, 6))
