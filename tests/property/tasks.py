"""Cooperative threads: only one moves, from one call that leaves it to the next, when it is told.

Everything a history does in parallel is one of these: workers, readers and sweeps.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from askbucket.errors import TryAgain
from tests.unit.ingest.steps import Killed

REPLIES = ("kept", "lost", "repeated")


class Task:
    """One thread. `at` names the call it stands before."""

    def __init__(self, work: Callable[[Task], None], fate: Callable[[str, str], str]) -> None:
        """`fate(what, name)` decides a "call" ("made" or "failed") and a "reply" (REPLIES)."""
        self._fate = fate
        self._go, self._came = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self.ended = self.killed = False
        self.at = "start"
        self.error: BaseException | None = None
        self._thread.start()

    def advance(self) -> None:
        """Makes the call it stands before, and runs up to the next one."""
        self._go.release()
        self._came.acquire()
        if self.ended:
            self._thread.join()
        if self.error:
            raise self.error

    def run(self) -> None:
        """To its end."""
        while not self.ended:
            self.advance()

    def run_to(self, name: str, times: int = 1) -> None:
        """Until it stands before a call of that name, for the given time."""
        for _ in range(times):
            self.advance()
            while self.at != name and not self.ended:
                self.advance()
        if self.ended:
            raise AssertionError(f"the task ended without {name}")

    def kill(self) -> None:
        """Neither the call it stands before happens, nor any after it."""
        self.killed = True
        self.run()

    def step(self, name: str) -> None:
        """Called by the work before every call that leaves it."""
        if not self.killed:
            self.at = name
            self._came.release()
            self._go.acquire()
        if self.killed:
            raise Killed
        if self._fate("call", name) == "failed":
            raise _fault(name)

    def reply(self, name: str, again: Callable[[], Any], reply: Any) -> Any:
        """The reply of a write that took effect: as it is, lost, or that of a second try."""
        fate = self._fate("reply", name)
        if fate == "repeated":
            return again()
        if fate == "lost":
            if name.startswith("manifest"):
                raise ReadTimeoutError(endpoint_url=name)
            raise TryAgain(f"the reply of {name} was lost")
        return reply

    def _run(self, work: Callable[[Task], None]) -> None:
        self._go.acquire()
        try:
            work(self)
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001  (raised by `advance`)
            self.error = error
        self.ended = True
        self._came.release()


def _fault(name: str) -> Exception:
    if name.startswith(("s3", "manifest")):
        return EndpointConnectionError(endpoint_url=name)
    return TryAgain(f"{name} failed")
