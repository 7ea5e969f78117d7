"""Metrics as CloudWatch's embedded metric format: lines of JSON on standard output.

Lambda's log is where CloudWatch finds them, so counting costs no call and no permission. Its limits
(CloudWatch guide, "Embedded metric format specification"): 100 metrics and 30 dimensions in a line,
100 values of a metric.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TextIO

from askbucket.clock import Clock, now_ms
from askbucket.metrics import Metric

MOST_VALUES = 100
Series = tuple[Metric, str]
"""A metric, and the value of its dimension; blank where it has none."""


class EmbeddedMetrics:
    """Sums and seconds since the last flush. Threads may share it."""

    def __init__(self, namespace: str, out: TextIO | None = None, clock: Clock = now_ms) -> None:
        """`out` is standard output at the time of the flush, unless it is named."""
        self._namespace = namespace
        self._out = out
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[Series, list[float]] = {}

    def count(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        metric.checked(dimensions)
        with self._lock:
            values = self._kept.setdefault((metric, "".join(dimensions.values())), [])
            if metric.unit == "Seconds" or not values:
                values.append(value)
            else:
                values[0] += value

    def flush(self) -> None:
        """One line, and another for every further value of a dimension; none for nothing."""
        with self._lock:
            kept, self._kept = self._kept, {}
        out = self._out or sys.stdout
        for line in _lines(kept):
            out.write(json.dumps(line.document(self._namespace, self._clock())) + "\n")
        out.flush()


@dataclass(slots=True)
class _Line:
    """What fits together: each metric and each dimension has one place in a line."""

    values: dict[Metric, list[float]] = field(default_factory=dict)
    dimensions: dict[str, str] = field(default_factory=dict)

    def takes(self, metric: Metric, value: str) -> bool:
        same = self.dimensions.get(metric.dimension, value) == value
        return metric not in self.values and same

    def add(self, metric: Metric, value: str, values: list[float]) -> None:
        self.values[metric] = values
        if metric.dimension:
            self.dimensions[metric.dimension] = value

    def document(self, namespace: str, at: int) -> dict[str, Any]:
        """A single value stands without a list."""
        directives = [
            {
                "Namespace": namespace,
                "Dimensions": [[dimension] if dimension else []],
                "Metrics": [
                    {"Name": metric.name, "Unit": metric.unit}
                    for metric in self.values
                    if metric.dimension == dimension
                ],
            }
            for dimension in sorted({metric.dimension for metric in self.values})
        ]
        numbers = {m.name: v if len(v) > 1 else v[0] for m, v in self.values.items()}
        about = {"Timestamp": at, "CloudWatchMetrics": directives}
        return {"_aws": about, **self.dimensions, **numbers}


def _lines(kept: Mapping[Series, list[float]]) -> list[_Line]:
    lines: list[_Line] = []
    for (metric, value), values in kept.items():
        for some in _in_parts(values):
            line = next((each for each in lines if each.takes(metric, value)), None)
            if line is None:
                lines.append(line := _Line())
            line.add(metric, value, some)
    return lines


def _in_parts(values: list[float]) -> Iterator[list[float]]:
    for start in range(0, len(values), MOST_VALUES):
        yield values[start : start + MOST_VALUES]
