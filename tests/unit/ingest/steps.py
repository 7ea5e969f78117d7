"""Ways to step workers: freeze one at a call, kill it there, or let several take turns."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence

from tests.unit.ingest.parts import Step


class Killed(BaseException):
    """The worker's process is gone; nothing of it runs any more."""


class FreezeAt:
    """At the `place`-th call, `meanwhile` runs to its end before the worker goes on."""

    def __init__(self, place: int, meanwhile: Callable[[], None]) -> None:
        self.place, self.calls = place, 0
        self._meanwhile = meanwhile

    def __call__(self, name: str) -> None:  # noqa: ARG002
        self.calls += 1
        if self.calls == self.place:
            self._meanwhile()

    @property
    def reached(self) -> bool:
        return self.calls >= self.place


class KillAt:
    """The `place`-th call does not happen, nor does any after it."""

    def __init__(self, place: int) -> None:
        self.place, self.calls = place, 0

    def __call__(self, name: str) -> None:  # noqa: ARG002
        self.calls += 1
        if self.calls >= self.place:
            raise Killed

    @property
    def reached(self) -> bool:
        return self.calls >= self.place


class Turns:
    """Runs workers in threads of which only one moves, from call to call, as the seed says."""

    def __init__(self, seed: int, between: Callable[[], None]) -> None:
        self._random = random.Random(seed)  # noqa: S311
        self._between = between
        self._moved = threading.Condition()
        self._turn: int | None = None
        self._ended: set[int] = set()
        self._errors: list[BaseException] = []

    def run(self, workers: Sequence[Callable[[Step], None]]) -> None:
        """Until all have ended. `between` runs after every move; the first error is raised."""
        going = set(range(len(workers)))
        threads = [
            threading.Thread(target=self._work, args=(number, work))
            for number, work in enumerate(workers)
        ]
        for thread in threads:
            thread.start()
        while going:
            number = self._random.choice(sorted(going))
            self._give(number)
            going -= self._ended
            self._between()
        for thread in threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _give(self, number: int) -> None:
        with self._moved:
            self._turn = number
            self._moved.notify_all()
            self._moved.wait_for(lambda: self._turn is None)

    def _work(self, number: int, work: Callable[[Step], None]) -> None:
        self._await(number)
        try:
            work(lambda _name: self._yield(number))
        except BaseException as error:  # noqa: BLE001  (raised by `run`)
            self._errors.append(error)
        with self._moved:
            self._ended.add(number)
            self._turn = None
            self._moved.notify_all()

    def _yield(self, number: int) -> None:
        with self._moved:
            self._turn = None
            self._moved.notify_all()
        self._await(number)

    def _await(self, number: int) -> None:
        with self._moved:
            self._moved.wait_for(lambda: self._turn == number)
