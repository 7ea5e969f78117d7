"""A second look at the best hits by a model that reads question and text together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from askbucket.models import Hit, Usage


@dataclass(frozen=True, slots=True)
class Judged:
    """A score of 0..1 for each text, in the order given, and what it took."""

    scores: tuple[float, ...]
    usage: Usage


class Reranker(Protocol):
    """One reranking model, which is to read `candidates` texts, or top_k where that is more."""

    model_id: str
    candidates: int

    def judge(self, question: str, texts: Sequence[str]) -> Judged:
        """How well each text answers the question. Raises TryAgain where it does not answer."""


def reranked(hits: Sequence[Hit], scores: Sequence[float]) -> list[Hit]:
    """The hits by these scores, which become theirs; of equal ones the former order stays."""
    scored = [
        replace(hit, score=round(min(1.0, max(0.0, score)), 6))
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(scored, key=lambda hit: -hit.score)


def judged_text(hit: Hit) -> str:
    """What the model reads of a hit: its text under what it stands under."""
    return "\n".join(filter(None, (hit.context, hit.text)))
