"""Summaries made of whole sentences: the most central ones, told apart by maximal marginal
relevance (Carbonell and Goldstein, 1998). Nothing is rephrased; a sentence is its own quote."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from local.bedrock.extractive import Embed
from local.bedrock.minilm import unit
from local.bedrock.quoting import Quote, Source
from local.bedrock.sentences import is_heading, sentences

MOST_SENTENCES = 6
RELEVANCE = 0.7  # against 0.3 for what a sentence has in common with those chosen before
ASKED_SHARE = 0.5  # of a sentence's relevance that is its nearness to the question
LEAST_WORDS = 4
SENTENCE_ENDS = (".", "!", "?", "。")

Matrix = NDArray[np.float32]


def central(sources: Sequence[Source], embed: Embed, question: str = "") -> tuple[Quote, ...]:
    """At most six sentences nearest to the mean of all, and to the question, in their order."""
    candidates = [
        Quote(source, sentence, sentence)
        for source in sources
        for sentence in dict.fromkeys(sentences(source.text))
        if _says_something(sentence)
    ]
    if not candidates:
        return ()
    vectors: Matrix = np.stack([embed(each.text) for each in candidates])
    relevance = vectors @ unit(vectors.mean(axis=0))
    if question.strip():
        relevance = (1 - ASKED_SHARE) * relevance + ASKED_SHARE * (vectors @ embed(question))
    return tuple(candidates[at] for at in sorted(_chosen(vectors, relevance)))


def _says_something(sentence: str) -> bool:
    """A few words at least, and a heading only if it ends as a sentence does."""
    whole = sentence.endswith(SENTENCE_ENDS) or not is_heading(sentence)
    return whole and len(sentence.split()) >= LEAST_WORDS


def _chosen(vectors: Matrix, relevance: Matrix) -> list[int]:
    """Places of the sentences, the best first."""
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < min(MOST_SENTENCES, len(vectors)):
        said = (vectors @ vectors[chosen].T).max(axis=1)
        scores = RELEVANCE * relevance - (1 - RELEVANCE) * said
        scores[chosen] = -np.inf
        chosen.append(int(np.argmax(scores)))
    return chosen
