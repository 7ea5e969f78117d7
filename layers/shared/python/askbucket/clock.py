"""Time as the rest of the code sees it; tests put their own in its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], int]


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an invocation ends (`at`, in ms), and whether to stop at the next safe point."""

    at: int
    clock: Clock
    margin_ms: int = 30_000

    @property
    def near(self) -> bool:
        return self.clock() > self.at - self.margin_ms
