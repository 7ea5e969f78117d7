"""BM25 sparse vectors, made for documents and questions alike.

They are made here so that every store can hold them. For plain English the recipe is Qdrant's:
lower case, English stop words and Snowball stemmer, murmur3 token ids, and weights of

    tf * (k + 1) / (tf + k * (1 - b + b * length / average length))   k = 1.2, b = 0.75, 256 words

for documents and 1 for each token of a question (Robertson and Zaragoza, 2009; the inverse document
frequency is the store's part). A test holds the result to the engine's. What other languages and
scripts add to it is told in words.py.
"""

from __future__ import annotations

from collections import Counter

import mmh3

from askbucket.ingest.words import document_words, question_words
from askbucket.models import SparseVector

K, B, AVERAGE_LENGTH = 1.2, 0.75, 256


def document_vector(text: str) -> SparseVector:
    """Weights by term frequency; empty for a text without words."""
    words = document_words(text)
    length = K * (1 - B + B * len(words) / AVERAGE_LENGTH)
    counts = Counter(_id(token) for word in words for token in word)
    return _vector({token: tf * (K + 1) / (tf + length) for token, tf in counts.items()})


def question_vector(text: str) -> SparseVector:
    """Weight 1 for every distinct token."""
    return _vector({_id(token): 1.0 for word in question_words(text) for token in word})


def _id(token: str) -> int:
    return abs(mmh3.hash(token))


def _vector(weights: dict[int, float]) -> SparseVector:
    ids = sorted(weights)
    return SparseVector(tuple(ids), tuple(weights[token] for token in ids))
