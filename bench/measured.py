"""What every benchmark hands back: times, and rows of the one table they are printed in."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `over` says that a limit we hold ourselves to is exceeded."""

    what: str
    p50: str
    p95: str = ""
    note: str = ""
    over: bool = False


def in_ms(what: str, seconds: Sequence[float], note: str = "", most_ms: float | None = None) -> Row:
    """Times as a row, with the limit its median must stay below."""
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    middle, slow = statistics.median(seconds) * 1000, cuts[18] * 1000
    over = most_ms is not None and middle >= most_ms
    limit = f"must stay below {most_ms:g} ms" if most_ms is not None else ""
    told = "; ".join(text for text in (note, limit) if text)
    return Row(what, f"{middle:.2f} ms", f"{slow:.2f} ms", told, over)


def as_text(title: str, rows: Sequence[Row]) -> str:
    """One block of the table, aligned."""
    width = max(len(row.what) for row in rows)
    lines = [title]
    for row in rows:
        mark = "  OVER" if row.over else ""
        lines.append(f"  {row.what:{width}}  {row.p50:>10}  {row.p95:>10}  {row.note}{mark}")
    return "\n".join(line.rstrip() for line in lines)
