"""What was measured before, and whether something is worse now.

The same questions are asked of the same code by a model without chance, so a mean moves only if an
answer does. What noise there is comes from other processors, whose last bits of a vector may turn
over a question that stands on the edge. So a mean may fall by one question and a half, one question
that is, or by a hundredth where there are many; what must always hold may not fall at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.measures import Mean

QUESTIONS, SHARE = 1.5, 0.01
ALWAYS = ("quote located", "boxes right")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's mean over its questions; higher is better. `beside` are other systems' means and
    how far ours is ahead, as text."""

    mean: Mean
    questions: int
    beside: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Sequence[float], beside: Mapping[str, str] | None = None) -> Figure:
        return cls(Mean.of(values), len(values), beside or {})

    def as_json(self) -> dict[str, Any]:
        mean = self.mean
        shown = {"mean": mean.value, "low": mean.low, "high": mean.high}
        return {name: round(value, 6) for name, value in shown.items()} | {
            "questions": self.questions,
            **({"beside": dict(self.beside)} if self.beside else {}),
        }


Figures = dict[str, Figure]
"""By name: what was measured, the set and the measure."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A measure that is worse than it was."""

    name: str
    before: float
    now: float
    allowed: float

    def __str__(self) -> str:
        fell = self.before - self.now
        return (
            f"{self.name} fell from {self.before:.3f} to {self.now:.3f}, "
            f"by {fell:.3f}; {self.allowed:.3f} is taken for noise"
        )


def tolerance(name: str, questions: int) -> float:
    """By how much a mean over so many questions may fall."""
    if name.endswith(ALWAYS):
        return 0.0
    return max(SHARE, QUESTIONS / questions)


def drops(figures: Figures, before: Mapping[str, Mapping[str, float]]) -> list[Drop]:
    """What fell by more than its tolerance; what was not measured, now or then, is left out."""
    fallen = []
    for name, figure in figures.items():
        known = before.get(name)
        allowed = tolerance(name, figure.questions)
        if known and known["mean"] - figure.mean.value > allowed + 1e-6:
            fallen.append(Drop(name, known["mean"], figure.mean.value, allowed))
    return fallen


def gone(figures: Figures, before: Mapping[str, object], prefix: str) -> list[str]:
    """The measures of the baseline that begin so and were not measured now."""
    return [name for name in before if name.startswith(prefix) and name not in figures]


def loaded(path: Path) -> dict[str, dict[str, float]]:
    """The baseline; empty where there is none yet."""
    found: dict[str, dict[str, float]] = (
        json.loads(path.read_text("utf-8")) if path.exists() else {}
    )
    return found


def merged(before: Mapping[str, Any], figures: Figures) -> str:
    """The baseline's new text: what was measured now replaces what was known of it."""
    now = {
        name: {"mean": round(figure.mean.value, 6), "questions": figure.questions}
        for name, figure in figures.items()
    }
    lines = [
        f"  {json.dumps(name)}: {json.dumps(value)}"
        for name, value in sorted({**before, **now}.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"
