"""What every set hands back: rows of figures for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from evals.reading.scores import Mean, mean_of

Value = str | int | float


@dataclass(slots=True)
class Table:
    """One set's figures: a row for each page or file, means with intervals, and what else to know.

    `columns` names the values of `rows`, the first of which tells what the row is about.
    """

    title: str
    columns: Sequence[str]
    rows: list[Sequence[Value]] = field(default_factory=list)
    means: dict[str, Mean] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add_means(self, values: Mapping[str, Sequence[float]]) -> None:
        """The mean of each list; an empty one has none."""
        self.means |= {name: mean_of(each) for name, each in values.items() if each}

    def column(self, name: str) -> list[float]:
        """The numbers of a column, without the rows that have none."""
        at = list(self.columns).index(name)
        return [float(row[at]) for row in self.rows if isinstance(row[at], int | float)]

    def as_json(self) -> dict[str, Any]:
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        means = {name: asdict(mean) for name, mean in self.means.items()}
        return {"rows": rows, "means": means, "notes": self.notes}

    def as_text(self) -> str:
        """Aligned columns: numbers to the right, words to the left."""
        cells = [list(self.columns), *([_shown(value) for value in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [self.title, *(_aligned(row, widths) for row in cells)]
        lines += [f"  mean {name}: {_mean(mean)}" for name, mean in self.means.items()]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(row, widths, strict=True)
    cells = [f"{first[0]:{first[1]}}", *(f"{cell:>{width}}" for cell, width in rest)]
    return f"  {'  '.join(cells)}".rstrip()


def _shown(value: Value) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _mean(mean: Mean) -> str:
    return f"{mean.value:.3f}  [{mean.low:.3f}, {mean.high:.3f}]  of {mean.count:,}"
