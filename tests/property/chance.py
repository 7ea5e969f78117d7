"""A history whose every move a seed decides."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.property.changes import UNREADABLE
from tests.property.history import History, Running, played
from tests.property.variant import Message, Variant

KEYS = ("log.txt", "copy.txt", "scan.tiff")
MOST_WORKERS, MOST_READERS = 4, 2
PACES = ((1,), (1, 2, 3), (1, 1, 2, 3, 12), (2, 30))  # calls a task makes before another may


@dataclass(frozen=True, slots=True)
class Dangers:
    """Chances of what goes wrong: for each event, and for each move or call."""

    doubled: float
    lost: float
    kill: float
    fault: float
    lost_reply: float
    sweep: float
    lost_table: float

    @classmethod
    def drawn(cls, rnd: random.Random) -> Dangers:
        """Each history has some of them."""

        def some(chance: float, likely: float = 0.5) -> float:
            return chance if rnd.random() < likely else 0.0

        return cls(
            doubled=some(0.3, 0.9),
            lost=some(0.15, 0.35),
            kill=some(0.01, 0.6),
            fault=some(0.008, 0.4),
            lost_reply=some(0.06),
            sweep=some(0.03, 0.4),
            lost_table=some(0.02, 0.2),
        )


def play(seed: int, variant: Variant, begun: Callable[[History], None] | None = None) -> History:
    """The history of that seed, from the first upload to rest; `begun` may watch it."""
    with played(variant, seed) as history:
        if begun:
            begun(history)
        _Chance(history).play()
        history.rest()
        return history


class _Chance:
    def __init__(self, history: History) -> None:
        self._history, self._random = history, history.random
        self._dangers = Dangers.drawn(self._random)
        self._keys = KEYS[: self._random.randint(1, 3)] if self._random.random() < 0.6 else KEYS
        self._changes = self._random.randint(6, 11)
        self._haste = self._random.choice((0.05, 0.12, 0.3))  # chance of a change
        self._pace = self._random.choice(PACES)
        self._readers: list[Running] = []
        self._former: dict[str, list[bytes]] = {key: [] for key in self._keys}
        history.fate = self._fate

    def play(self) -> None:
        history = self._history
        while self._changes or history.running or history.queue:
            self._move()

    def _move(self) -> None:
        history, rnd = self._history, self._random
        history.wait(rnd.choice((0, 1, 5, 40, 300, 1500)))
        dice = rnd.random()
        if self._changes and rnd.random() < self._haste:
            self._changes -= 1
            self._tell(self._change(rnd.choice(self._keys)))
        elif dice < 0.12:
            self._start()
        elif dice < 0.24:
            self._read()
        elif dice < 0.27:
            self._tell_all(history.end_ocr(failed=rnd.random() < 0.3))
        elif dice < 0.28:
            history.wait(rnd.choice((5_000, 60_000, 400_000)))
            history.due()
        elif rnd.random() < self._dangers.sweep:
            history.sweep()
        elif rnd.random() < self._dangers.lost_table and not history.happened["lost tables"]:
            history.lose_table()
        elif history.running:
            self._advance(rnd.choice(history.running))

    def _start(self) -> None:
        workers = [each for each in self._history.running if each.message]
        if self._history.queue and len(workers) < MOST_WORKERS:
            self._history.start(self._history.take())

    def _read(self) -> None:
        self._readers = [each for each in self._readers if not each.task.ended]
        if len(self._readers) < MOST_READERS:
            self._readers.append(self._history.read(self._random.choice(self._keys)))

    def _advance(self, running: Running) -> None:
        if running.message and self._random.random() < self._dangers.kill * 3:
            self._history.kill(running)
            return
        for _ in range(self._random.choice(self._pace)):
            if not running.task.ended:
                self._history.advance(running)

    def _change(self, key: str) -> Message | None:
        history, rnd, former = self._history, self._random, self._former[key]
        dice, body = rnd.random(), history.current(key)
        if body is None and former and rnd.random() < 0.4:
            return history.remove_newest(key)
        if dice < 0.45 or not former:
            made = history.body(key, rnd.randint(1, 6))
        elif dice < 0.57:  # the same bytes, or earlier ones, again
            made = rnd.choice(former)
        elif dice < 0.62 and body is not None:
            return history.put(key, body, note=str(rnd.random()))
        elif dice < 0.66:
            made = UNREADABLE
        elif dice < 0.76:
            return self._renamed(key)
        elif dice < 0.88:
            return history.remove(key)
        else:
            return history.remove_newest(key)
        former.append(made)
        return history.put(key, made)

    def _renamed(self, key: str) -> Message | None:
        """The other key gets these bytes; this one loses them, or not."""
        body, other = self._history.current(key), self._random.choice(self._keys)
        if body is None or other == key or other[-4:] != key[-4:]:
            return self._history.remove(key)
        self._former[other].append(body)
        self._tell(self._history.put(other, body))
        return self._history.remove(key) if self._random.random() < 0.5 else None

    def _tell(self, message: Message | None) -> None:
        if message:
            self._tell_all([message])

    def _tell_all(self, messages: list[Message]) -> None:
        history, rnd = self._history, self._random
        for message in messages:
            if rnd.random() < self._dangers.lost:
                history.happened["lost events"] += 1
                history.owed = True
                continue
            history.queue.append(message)
            if rnd.random() < self._dangers.doubled:
                history.happened["doubled events"] += 1
                history.queue.append(message)

    def _fate(self, what: str, name: str) -> str:
        if what == "call":
            failed = self._random.random() < self._dangers.fault and name != "manifest.put_item"
            return "failed" if failed else "made"
        if self._random.random() >= self._dangers.lost_reply:
            return "kept"
        self._history.happened["lost replies"] += 1
        return self._random.choice(("lost", "repeated"))
