"""What work took whose result has no room for it: a vector carries no dollars.

Whoever answers for the money opens a bill around the work; whoever spends charges the one that is
open, and need not know whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from askbucket.models import Usage


class Bill:
    """The sum of what was charged so far."""

    def __init__(self) -> None:
        self.usage = Usage()


_open: ContextVar[Bill | None] = ContextVar("bill", default=None)


@contextmanager
def billed() -> Iterator[Bill]:
    """A bill of all that this thread, or task, spends inside; a bill around it has it too."""
    bill, around = Bill(), _open.get()
    _open.set(bill)
    try:
        yield bill
    finally:
        _open.set(around)
        charge(bill.usage)


def charge(usage: Usage) -> None:
    """Puts it on the bill that is open; nothing where none is."""
    if bill := _open.get():
        bill.usage += usage
