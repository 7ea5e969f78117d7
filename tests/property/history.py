"""One history: a bucket that changes, and everything that looks at it, moved call by call.

`History` offers the moves; `chance.py` chooses them by a seed, `machine.py` lets Hypothesis choose,
`directed.py` has them written down.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from moto import mock_aws
from qdrant_client import QdrantClient

from askbucket.clock import Deadline
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.ocr import DONE, FAILED, RUNNING, OcrState
from askbucket.ingest.sweep import Cursor
from askbucket.manifest import Manifest
from askbucket.models import Document
from tests.property.changes import Changes
from tests.property.memory_s3 import MemoryS3
from tests.property.tasks import Task
from tests.property.variant import Message, Variant, skewed
from tests.unit.ingest.parts import (
    BUCKET,
    INVOCATION_MS,
    TABLE,
    World,
    clients,
    made_store,
    make_table,
    no_step,
)
from tests.unit.ingest.scripted_textract import ScriptedTextract
from tests.unit.ingest.steps import Killed

VISIBILITY_MS = 330_000
MAX_RECEIVES = 5
MOST_ROUNDS = 500
SKEW_MS = 900  # two machines' clocks differ by less than the reader's two seconds
SEEN = ("store.upsert", "store.delete", "manifest.update")  # calls that may change what is seen


@dataclass(slots=True)
class Running:
    """A task under way, and the message it works on, if any."""

    number: int
    task: Task
    message: Message | None = None


class History(Changes):
    """The moves, and what came of them."""

    def __init__(self, world: World, variant: Variant, seed: int = 0) -> None:
        super().__init__(world)
        self.variant = variant
        self.random = random.Random(seed)  # noqa: S311
        self.table = world.dynamodb.Table(TABLE)
        self.recipe = world.worker().recipe
        self.queue: list[Message] = []
        self.running: list[Running] = []
        self.owed = False  # a hint was lost in some way: only a sweep makes it good
        self.fate: Callable[[str, str], str] = lambda what, _: "made" if what == "call" else "kept"
        self._begun = 0
        self.rows: dict[str, int] = {}  # a rival's own manifest

    # What looks at it.

    def start(self, message: Message) -> Running:
        """A worker for the message."""
        skew = self.random.randint(-SKEW_MS, SKEW_MS)
        what = f"a worker for {message}"
        return self._begin(what, lambda task: self._handle(task, message, skew), message)

    def read(self, key: str) -> Running:
        """A reader, who asks once."""
        skew = self.random.randint(-SKEW_MS, SKEW_MS)

        def ask(task: Task) -> None:
            floor = self.judge.floor(key)
            clock = lambda: self.world.clock() + skew  # noqa: E731
            with suppress(TryAgain):
                self.judge.seen(key, self.variant.search(self, key, task.step, clock), floor)

        return self._begin(f"a reader of {key}", ask)

    def sweep(self) -> Running:
        """A sweep; its hints go to the queue."""
        self.happened["sweeps"] += 1

        def work(task: Task) -> None:
            hint = lambda keys: self.queue.extend(map(Message, keys))  # noqa: E731
            sweep = self.variant.sweep(self, task.step, hint)
            with suppress(TryAgain):  # tomorrow's sweep begins anew
                sweep.run(Cursor(), self.world.deadline())

        return self._begin("a sweep", work)

    def look(self, keys: Iterable[str] | None = None) -> None:
        """The keys, or all of them, by readers whom nothing interrupts."""
        for key in self.keys if keys is None else keys:
            hits = self.variant.search(self, key, no_step, self.world.clock)
            self.judge.seen(key, hits, self.judge.floor(key))

    def advance(self, running: Running) -> None:
        """One call of it."""
        made = running.task.at
        self.note(f"{running.number}: {made}")
        running.task.advance()
        self._forget_ended()
        if made.startswith(SEEN):
            self.look([running.message.key] if running.message else self.keys)

    def kill(self, running: Running) -> None:
        self.happened["kills"] += 1
        self.note(f"{running.number}: killed before {running.task.at}")
        running.task.kill()
        self._forget_ended()

    def finish(self, running: Running) -> None:
        while not running.task.ended:
            self.advance(running)

    def _begin(
        self, what: str, work: Callable[[Task], None], message: Message | None = None
    ) -> Running:
        self._begun += 1
        self.note(f"{self._begun}: {what}")
        task = Task(work, lambda what, name: self.fate(what, name))  # noqa: PLW0108  (it changes)
        running = Running(self._begun, task, message)
        self.running.append(running)
        return running

    def _forget_ended(self) -> None:
        self.running = [each for each in self.running if not each.task.ended]

    def _handle(self, task: Task, message: Message, skew: int) -> None:
        """What the ingest function does with a message, and the queue with its verdict."""
        sync: Any = self.variant.worker(self, task, message)
        clock = lambda: self.world.clock() + skew  # noqa: E731
        deadline = Deadline(clock() + INVOCATION_MS, clock)
        if hasattr(sync, "recognition"):
            sync, deadline = skewed(sync, clock, INVOCATION_MS)
        try:
            if message.ocr and not self._known(message.key):
                return
            outcome = sync(message.key, deadline)
            self.owed |= outcome is Outcome.GIVEN_UP
            self.happened["parked OCR"] += outcome is Outcome.PARKED
        except Killed:
            self._redeliver(message, VISIBILITY_MS)
            raise
        except OutOfTime as cut:
            if cut.grew:
                self.queue.append(Message(message.key))
            else:
                self._put_off(sync, message, str(cut))
        except TryAgain as fault:
            self._put_off(sync, message, str(fault))

    def _known(self, key: str) -> bool:
        return Manifest(self.table).get(Document(BUCKET, key).id) is not None

    def _put_off(self, sync: Any, message: Message, reason: str) -> None:
        self._redeliver(message, self.random.randint(1000, 20_000))
        if message.receives + 1 >= MAX_RECEIVES:
            try:
                sync.give_up(message.key, reason)
            except TryAgain:
                return  # the queue does not mind

    def _redeliver(self, message: Message, after_ms: int) -> None:
        if message.receives + 1 >= MAX_RECEIVES:
            self.happened["dead letters"] += 1
            self.owed = True
        else:
            at = self.world.clock() + after_ms
            self.queue.append(replace(message, ready_at=at, receives=message.receives + 1))

    # Time, OCR and disaster.

    def wait(self, ms: int) -> None:
        self.world.clock.at += ms

    def end_ocr(self, *, failed: bool = False) -> list[Message]:
        """Every running job ends, the first attempt at a content perhaps in vain; who is told."""
        told = []
        for job in self.world.textract.jobs.values():
            if job.state.state == RUNNING:
                job.state = OcrState(FAILED if failed and job.attempt == 0 else DONE)
                keys = {Document(BUCKET, key).id: key for key in self.keys}
                told.append(Message(keys[job.tag], ocr=True))
        return told

    def lose_table(self) -> None:
        """Making a table takes longer than clocks differ."""
        self.happened["lost tables"] += 1
        self.note("the table is lost")
        self.owed = True
        self.world.lose_table()
        self.wait(10_000)

    def due(self) -> None:
        """The five-minute schedule."""
        hint = lambda keys: self.queue.extend(map(Message, keys))  # noqa: E731
        self.variant.sweep(self, no_step, hint).due(self.world.clock())

    # The end.

    def rest(self) -> None:
        """All hints are followed; the index must be the bucket, after a sweep where one is owed.

        The five-minute schedule is part of that: a worker that could not even give its lease back
        has its hints acknowledged by that lease, and is heard of again only when it runs out.
        """
        self.fate = lambda what, _: "made" if what == "call" else "kept"
        self._drain()
        self.wait(VISIBILITY_MS)
        self.due()
        self._drain()
        for _ in range(2):  # a document given up for killing its workers takes a second sweep
            if self.owed:
                self.owed = False
                self.wait(VISIBILITY_MS)  # a dead worker's lease is over
                self.finish(self.sweep())
                self._drain()
        self._equal()
        self.finish(self.sweep())  # finds nothing wrong, and makes nothing wrong
        self._drain()
        self._equal()

    def _equal(self) -> None:
        self.wait(10_000)
        for key in self.keys:
            self.judge.at_rest(key, self.variant.search(self, key, no_step, self.world.clock))

    def _drain(self) -> None:
        for _ in range(MOST_ROUNDS):
            if self.running:
                self.finish(self.random.choice(self.running))
            elif self.queue:
                self.start(self.take())
            elif told := self.end_ocr():
                self.queue += told
            else:
                return
        raise AssertionError("the queue never empties")

    def take(self) -> Message:
        """Any message that is ready; the next one where none is yet."""
        now = self.world.clock()
        ready = [message for message in self.queue if message.ready_at <= now]
        chosen = (
            self.random.choice(ready) if ready else min(self.queue, key=lambda each: each.ready_at)
        )
        self.world.clock.at = max(now, chosen.ready_at)
        self.queue.remove(chosen)
        return chosen

    def close(self) -> None:
        for running in list(self.running):
            running.task.kill()
        self.running = []


@contextmanager
def played(variant: Variant, seed: int = 0) -> Iterator[History]:
    """A history in a fresh world. moto must be on (see `moto_on`)."""
    _, dynamodb, _ = clients()
    make_table(dynamodb)
    qdrant = QdrantClient(":memory:")
    s3 = MemoryS3()
    world = World(s3, dynamodb, qdrant, made_store(qdrant), ScriptedTextract(s3))
    history = History(world, variant, seed)
    try:
        yield history
    finally:
        history.close()
        qdrant.close()
        dynamodb.Table(TABLE).delete()


@contextmanager
def moto_on() -> Iterator[None]:
    clients()  # made before, so that they are made once
    with mock_aws():
        yield
