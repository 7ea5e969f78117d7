"""Metrics that are kept, to be looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from askbucket.metrics import Metric


@dataclass
class Counted:
    """`sums` by the metric's name and the value of its dimension; `flushed` counts the calls."""

    sums: Counter[str] = field(default_factory=Counter)
    flushed: int = 0

    def count(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        metric.checked(dimensions)
        self.sums[" ".join([metric.name, *dimensions.values()])] += value  # type: ignore[assignment]

    def flush(self) -> None:
        self.flushed += 1
