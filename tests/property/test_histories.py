"""The rule, in histories of chance, of exact schedules and of Hypothesis's choice."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.property import chance, directed
from tests.property.changes import UNREADABLE
from tests.property.history import played
from tests.property.variant import Message, Variant

HISTORIES = 40  # `make torture` plays 2,000
KEYS = st.sampled_from(chance.KEYS)


@pytest.mark.parametrize("first", range(0, HISTORIES, 10))
def test_readers_see_one_whole_version_and_at_rest_the_bucket(first: int) -> None:
    for seed in range(first, first + 10):
        history = chance.play(seed, Variant())
        assert not history.judge.wrongs, f"seed {seed}: {history.judge.first}"


def test_a_seed_is_always_the_same_history() -> None:
    assert chance.play(1, Variant()).log == chance.play(1, Variant()).log


@pytest.mark.parametrize("schedule", directed.SCHEDULES)
def test_the_rule_stands_what_rivals_fall_for(schedule: str) -> None:
    history = directed.play(schedule, Variant())
    assert not history.judge.wrongs, history.judge.first


class Histories(RuleBasedStateMachine):
    """The moves of a history, chosen and shrunk by Hypothesis."""

    def __init__(self) -> None:
        super().__init__()
        self._world = ExitStack()
        self.history = self._world.enter_context(played(Variant()))

    def told(self, message: Message | None, copies: int) -> None:
        self.history.owed |= copies == 0
        self.history.queue += [message] * copies if message else []

    @rule(key=KEYS, size=st.integers(1, 6), copies=st.integers(0, 2))
    def put(self, key: str, size: int, copies: int) -> None:
        self.told(self.history.put(key, self.history.body(key, size)), copies)

    @rule(key=KEYS, copies=st.integers(0, 2))
    def put_again(self, key: str, copies: int) -> None:
        body = self.history.current(key)
        self.told(self.history.put(key, UNREADABLE if body is None else body), copies)

    @rule(key=KEYS, copies=st.integers(0, 2))
    def remove(self, key: str, copies: int) -> None:
        self.told(self.history.remove(key), copies)

    @rule(key=KEYS, copies=st.integers(0, 2))
    def remove_newest(self, key: str, copies: int) -> None:
        self.told(self.history.remove_newest(key), copies)

    @precondition(lambda self: self.history.queue)
    @rule()
    def start(self) -> None:
        self.history.start(self.history.take())

    @rule(key=KEYS)
    def read(self, key: str) -> None:
        self.history.read(key)

    @precondition(lambda self: self.history.running)
    @rule(which=st.integers(0, 5), calls=st.integers(1, 40))
    def advance(self, which: int, calls: int) -> None:
        running = self.history.running[which % len(self.history.running)]
        for _ in range(calls):
            if not running.task.ended:
                self.history.advance(running)

    @precondition(lambda self: self.history.running)
    @rule(which=st.integers(0, 5))
    def kill(self, which: int) -> None:
        running = self.history.running[which % len(self.history.running)]
        self.history.kill(running)

    @rule(failed=st.booleans(), copies=st.integers(0, 2))
    def end_ocr(self, failed: bool, copies: int) -> None:
        for completion in self.history.end_ocr(failed=failed):
            self.told(completion, copies)

    @rule(ms=st.sampled_from((1, 300, 2_500, 400_000)))
    def wait(self, ms: int) -> None:
        self.history.wait(ms)
        self.history.due()

    @rule()
    def sweep(self) -> None:
        self.history.sweep()

    @precondition(lambda self: not self.history.happened["lost tables"])
    @rule()
    def lose_table(self) -> None:
        self.history.lose_table()

    def teardown(self) -> None:
        with self._world:
            self.history.rest()
            assert not self.history.judge.wrongs, self.history.judge.first


Histories.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestHistories = Histories.TestCase
