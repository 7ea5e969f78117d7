"""BM25 sparse vectors, made for documents and questions alike, equal to those of Qdrant's own BM25.

They are made here so that every store can hold them. The recipe is Qdrant's: words of letters and
digits, lower case, English stop words and Snowball stemmer, murmur3 token ids, and weights of

    tf * (k + 1) / (tf + k * (1 - b + b * length / average length))   k = 1.2, b = 0.75, 256 words

for documents and 1 for each word of a question (Robertson and Zaragoza, 2009; the inverse document
frequency is the store's part). A test holds the result to the engine's.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import mmh3
import regex
from py_rust_stemmers import SnowballStemmer

from askbucket.models import SparseVector

K, B, AVERAGE_LENGTH = 1.2, 0.75, 256
WORD = regex.compile(r"[\p{Alphabetic}\p{N}]+")
STOP_WORDS = frozenset(
    """
    a about above after again against ain all am an and any are aren as at be because been before
    being below between both but by can d did didn do does doesn doing don down during each few for
    from further had hadn has hasn have having he her here hers him himself his how i if in into is
    isn it its itself just ll m ma me more most my myself no nor not now o of off on once only or
    other our ours out over own re s same shan she should so some such t than that the their them
    themselves then there these they this those through to too under until up ve very was wasn we
    were what when where which while who whom why will with won y you your
    couldn hadn haven mightn mustn needn shouldn theirs wouldn weren yours yourself yourselves
    ourselves herself
    """.split()
)


def document_vector(text: str) -> SparseVector:
    """Weights by term frequency; empty for a text without words."""
    tokens = _token_ids(text)
    length = K * (1 - B + B * len(tokens) / AVERAGE_LENGTH)
    return _vector({token: tf * (K + 1) / (tf + length) for token, tf in Counter(tokens).items()})


def question_vector(text: str) -> SparseVector:
    """Weight 1 for every distinct word."""
    return _vector(dict.fromkeys(_token_ids(text), 1.0))


def _token_ids(text: str) -> list[int]:
    words = (word.lower() for word in WORD.findall(text))
    return [abs(mmh3.hash(_stemmer().stem_word(word))) for word in words if word not in STOP_WORDS]


def _vector(weights: dict[int, float]) -> SparseVector:
    ids = sorted(weights)
    return SparseVector(tuple(ids), tuple(weights[token] for token in ids))


@cache
def _stemmer() -> SnowballStemmer:
    return SnowballStemmer("english")
