"""All chunks of a collection, searched exactly: the store's scores without the store.

Dense scores are cosines, sparse ones BM25 with the inverse document frequency as Qdrant's `idf`
modifier counts it, over the whole collection whatever the filter. The fusion is the product's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from askbucket.answer import naming
from askbucket.answer.duplicates import collapsed
from askbucket.answer.naming import favoured
from askbucket.answer.retrieval import fused
from askbucket.answer.spread import STEP, spread
from askbucket.answer.visibility import Found
from askbucket.ingest import sparse
from askbucket.mixed_words import parted
from askbucket.models import Chunk, Hit
from evals.embedding import Vectors

CANDIDATES = 50  # as settings.candidates
DENSE_WEIGHT = 0.65  # as settings.dense_weight
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the dense score in the fused one, of a document's name in that, and what a page's next
    hit loses."""

    dense: float = DENSE_WEIGHT
    name: float = naming.WEIGHT
    page: float = STEP


@dataclass(frozen=True, slots=True)
class Indexed:
    """A chunk, whose it is, and what the sparse index takes of it."""

    key: str
    chunk: Chunk
    words: str


class Index:
    """Chunks with their vectors, row for row."""

    def __init__(
        self, indexed: Sequence[Indexed], dense: Vectors, asked: Callable[[str], str] = parted
    ) -> None:
        self._asked = asked
        self._dense = dense
        self._keys = np.array([each.key for each in indexed])
        self._hits = [_hit(number, each) for number, each in enumerate(indexed)]
        self._postings = _postings([each.words for each in indexed])

    def search(
        self, question: str, vector: Vectors, weights: Weights, document: str | None = None
    ) -> list[Hit]:
        """Hits of all documents or of one, best first."""
        within = np.ones(len(self._keys), bool) if document is None else self._keys == document
        dense = self._best(self._dense @ vector, within)
        words = self._best(self._sparse_scores(question), within)
        found = fused(Found(dense, words), weights.dense)
        return spread(collapsed(favoured(found, question, weights.name)), weights.page)

    def _sparse_scores(self, question: str) -> Scores:
        scores = np.zeros(len(self._keys), np.float32)
        for token in sparse.question_vector(self._asked(question)).indices:
            for number, weight in self._postings.get(token, ()):
                scores[number] += weight
        return scores

    def _best(self, scores: Scores, within: NDArray[np.bool_]) -> tuple[Hit, ...]:
        ordered = np.argsort(-np.where(within, scores, -np.inf), kind="stable")[:CANDIDATES]
        kept = [number for number in ordered if within[number] and scores[number] > 0]
        return tuple(_scored(self._hits[number], float(scores[number])) for number in kept)


def _postings(texts: Sequence[str]) -> dict[int, list[tuple[int, float]]]:
    """By token id, the texts that hold it and its weight there times its rarity."""
    vectors = [sparse.document_vector(text) for text in texts]
    holders = Counter(token for vector in vectors for token in vector.indices)
    postings: dict[int, list[tuple[int, float]]] = {token: [] for token in holders}
    for number, vector in enumerate(vectors):
        for token, weight in zip(vector.indices, vector.values, strict=True):
            rarity = math.log(1 + (len(texts) - holders[token] + 0.5) / (holders[token] + 0.5))
            postings[token].append((number, weight * rarity))
    return postings


def _hit(number: int, indexed: Indexed) -> Hit:
    chunk, key = indexed.chunk, indexed.key
    return Hit(f"{number:07d}", key, 1, "", key, "", chunk.page, chunk.text, (), 0.0, chunk.context)


def _scored(hit: Hit, score: float) -> Hit:
    return replace(hit, score=score)
