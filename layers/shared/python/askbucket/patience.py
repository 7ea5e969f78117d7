"""Calls to a service that may never answer, none of which is waited for longer than agreed.

A client's own timeouts bound a connect or a read, not a call: a server that sends a byte now and
then, retries, or a lock held by another thread outlast them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from askbucket.log import event as log
from askbucket.log import fault_of

T = TypeVar("T")
REST_SECONDS = 30.0


class Patience(Generic[T]):
    """Makes calls in a thread of their own, one at a time.

    A call that takes too long goes on by itself, and until one is quick again, or REST_SECONDS
    have passed, none is waited for: of a service that is down one answer notices, not every one.
    """

    def __init__(
        self, what: str, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`what` names the calls in the log."""
        self._what = what
        self._seconds = seconds
        self._clock = clock
        self._busy = threading.Lock()
        self._resting_until = float("-inf")

    def __call__(self, call: Callable[[], T]) -> T | None:
        """What the call returns; None where it raises, takes too long, or one is still going on."""
        if not self._busy.acquire(blocking=False):
            return None
        answers: list[T] = []
        ended = threading.Event()

        def run() -> None:
            started = self._clock()
            try:
                answers.append(call())
                if self._clock() - started <= self._seconds:
                    self._resting_until = float("-inf")
            except Exception as error:  # noqa: BLE001  (tracing's edge: it must not reach the work)
                log("tracing_failed", level="warning", call=self._what, **fault_of(error))
            finally:
                self._busy.release()
                ended.set()

        threading.Thread(target=run, name=f"langfuse-{self._what}", daemon=True).start()
        self._wait(ended)
        return answers[0] if answers else None

    def _wait(self, ended: threading.Event) -> None:
        resting = self._clock() < self._resting_until
        if not ended.wait(0 if resting else self._seconds) and not resting:
            self._resting_until = self._clock() + REST_SECONDS
            log("tracing_late", level="warning", call=self._what, seconds=self._seconds)
