"""Figures of a ranking, each 0..1, and the interval that their mean lies in."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

RESAMPLES, SEED = 2000, 7
Place = tuple[str, int | None]  # a document's key, and a page of it where pages are judged


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over questions, with its 95 % interval by bootstrap."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Mean:
        drawn = np.random.default_rng(SEED).choice(np.array(values), (RESAMPLES, len(values)))
        low, high = np.percentile(drawn.mean(axis=1), (2.5, 97.5))
        return cls(float(np.mean(values)), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.2f}-{self.high:.2f})"


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher the mean of one system is than that of another on the same questions, with
    its 95 % interval by the paired bootstrap (Efron and Tibshirani, 1993): whole questions are
    drawn, so that what is hard for both counts for neither."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Difference:
        """Raises ValueError where the questions are not the same number."""
        mean = Mean.of([one - other for one, other in zip(ours, theirs, strict=True)])
        return cls(mean.value, mean.low, mean.high)

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.2f} to {self.high:+.2f})"


def recall(ranked: Sequence[Place], relevant: Set[Place], k: int) -> float:
    """The share of the relevant that is among the first k."""
    return len(relevant & set(ranked[:k])) / len(relevant)


def covered(ranked: Sequence[Place], needs: Sequence[Set[Place]], k: int) -> float:
    """The share of the needs of which the first k hold any place."""
    return sum(found(ranked, need, k) for need in needs) / len(needs)


def found(ranked: Sequence[Place], relevant: Set[Place], k: int) -> float:
    """1 where any of the first k is relevant, else 0."""
    return float(not relevant.isdisjoint(ranked[:k]))


def reciprocal_rank(ranked: Sequence[Place], relevant: Set[Place], k: int) -> float:
    """1 / the rank of the first that is relevant; 0 where none of the first k is."""
    return next((1 / rank for rank, place in enumerate(ranked[:k], 1) if place in relevant), 0.0)


def ndcg(ranked: Sequence[Place], relevant: Set[Place], k: int) -> float:
    """Discounted gain of the first k over the best there could be; what is relevant gains 1."""
    gains = (1 / math.log2(n + 1) for n, place in enumerate(ranked[:k], 1) if place in relevant)
    best = (1 / math.log2(n + 1) for n in range(1, min(k, len(relevant)) + 1))
    return sum(gains) / sum(best)
