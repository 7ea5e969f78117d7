"""Tickets that repeat, are lost with their workers, or come at once: one answer, and one call."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from askbucket.answer.question import Caller
from askbucket.answer.queued import worker as rules
from askbucket.answer.queued.question import QueuedQuestion, Sent, Status
from askbucket.answer.queued.questions import Questions, Ticket, ticket_of
from askbucket.answer.queued.worker import Outcome, Worker
from askbucket.answer.records import Record, RecordKey, Records
from askbucket.errors import NotAllowed, NotFound, TooWide, TryAgain, Unfinished
from tests.unit.lambdas.parts import made_answers_table

RUN_MS = 300_000
URL = "https://hooks.example/done"


class Killed(BaseException):
    """What a worker hears last: nothing of ours may run after it."""


@dataclass
class World:
    """A table, a queue as a list, a clock, and a worker whose answers are scripted."""

    table: Any
    caller: Caller = field(default_factory=lambda: Caller("acme", f"arn:{uuid.uuid4()}"))
    now: int = 1_800_000_000_000
    sent: list[tuple[Ticket, int]] = field(default_factory=list)
    script: list[Callable[[], str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refusals: int = 0  # calls that the caller does not take, from now on
    call_fault: BaseException | None = None

    def __post_init__(self) -> None:
        self.records = Records(self.table, lambda: self.now)

    @property
    def questions(self) -> Questions:
        def enqueue(ticket: Ticket, seconds: int) -> None:
            self.sent.append((ticket, seconds))

        return Questions(self.records, enqueue, hours=24, clock=lambda: self.now)

    def ask(self, **how: Any) -> QueuedQuestion:
        return self.questions.ask(self.caller, '{"question": "?"}', **how)

    def work(self, question: QueuedQuestion) -> int | None:
        worker = Worker(self.questions, self._answer, self._call, lambda: self.now)
        return worker(ticket_of(question), self.now + RUN_MS)

    def now_is(self, question: QueuedQuestion) -> QueuedQuestion:
        return self.questions.get(self.caller, question.id)

    def _answer(self, _: QueuedQuestion) -> Outcome:
        return Outcome(self.script.pop(0)(), (("d1", 7),))

    def _call(self, question: QueuedQuestion) -> None:
        if self.call_fault:
            raise self.call_fault
        if self.refusals:
            self.refusals -= 1
            raise TryAgain("503")
        self.calls.append(question.answer or question.reason)


def says(text: str) -> Callable[[], str]:
    return lambda: text


def raises(error: BaseException) -> Callable[[], str]:
    def raising() -> str:
        raise error

    return raising


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    with mock_aws(), pytest.MonkeyPatch.context() as set_to:
        set_to.setenv("AWS_DEFAULT_REGION", "us-east-1")
        set_to.setattr(boto3, "DEFAULT_SESSION", None)
        yield made_answers_table()


@pytest.fixture
def world(table: Any) -> World:
    """Each test asks as another caller."""
    return World(table)


def test_an_answer_is_kept_and_its_caller_told_once(world: World) -> None:
    question = world.ask(callback_url=URL)
    world.script = [says("ready")]

    assert [world.work(question), world.work(question)] == [None, None]

    kept = world.now_is(question)
    assert (kept.status, kept.answer, kept.drawn) == (Status.ANSWERED, "ready", (("d1", 7),))
    assert (world.calls, kept.callback) == (["ready"], Sent.DELIVERED)


def test_nobody_else_finds_a_question(world: World) -> None:
    question = world.ask()

    mine = world.caller
    for other in (Caller(mine.tenant, "arn:bob"), Caller("other", mine.subject)):
        with pytest.raises(NotFound):
            world.questions.get(other, question.id)


def test_a_question_expires_as_promised_however_late_it_is_answered(world: World) -> None:
    question = world.ask()
    world.script = [says("ready")]
    world.now += 23 * 3_600_000
    world.work(question)
    assert world.now_is(question).answer == "ready"

    world.now += 3_600_000
    with pytest.raises(NotFound):
        world.now_is(question)
    assert world.work(question) is None


def test_the_same_idempotency_key_asks_once(world: World) -> None:
    first, second = world.ask(repeat_key="order 7"), world.ask(repeat_key="order 7")

    assert first.id == second.id
    assert [ticket.id for ticket, _ in world.sent] == [first.id] * 2  # the first may be lost
    world.script = [says("ready")]
    world.work(first)
    assert world.ask(repeat_key="order 7").answer == "ready"
    assert len(world.sent) == 2


def test_another_question_under_a_used_key_is_refused(world: World) -> None:
    world.ask(repeat_key="order 7")

    with pytest.raises(NotAllowed, match="order 7"):
        world.questions.ask(world.caller, '{"question": "else"}', repeat_key="order 7")


def test_keys_of_different_callers_never_meet(world: World) -> None:
    mine = world.ask(repeat_key="1")
    other = world.questions.ask(Caller("acme", "arn:bob"), "{}", repeat_key="1")

    assert mine.id != other.id


def test_a_killed_workers_question_is_taken_up_again_once_its_lease_is_over(world: World) -> None:
    question = world.ask()
    world.script = [raises(Killed()), says("ready")]
    with pytest.raises(Killed):
        world.work(question)
    assert world.now_is(question).status is Status.ANSWERING

    assert world.work(question) == RUN_MS // 1000 + 1
    world.now += RUN_MS
    assert world.work(question) is None
    assert world.now_is(question).answer == "ready"


def test_a_question_whose_workers_are_all_killed_fails(world: World) -> None:
    question = world.ask(callback_url=URL)
    world.script = [raises(Killed())] * rules.TRIES
    for _ in range(rules.TRIES):
        with pytest.raises(Killed):
            world.work(question)
        world.now += RUN_MS

    assert world.work(question) is None

    kept = world.now_is(question)
    assert (kept.status, kept.reason) == (Status.FAILED, "its workers were lost")
    assert world.calls == ["its workers were lost"]


def test_a_passing_fault_is_tried_three_times(world: World) -> None:
    question = world.ask()
    world.script = [raises(TryAgain("throttled"))] * 3

    waits = [world.work(question) for _ in range(3)]

    assert waits == [10, 20, None]
    kept = world.now_is(question)
    assert (kept.status, kept.reason, kept.tries) == (Status.FAILED, "throttled", 3)


def test_a_question_that_cannot_be_answered_fails_at_once(world: World) -> None:
    question = world.ask()
    world.script = [raises(TooWide("too many chunks"))]

    assert world.work(question) is None
    assert world.now_is(question).reason == "too many chunks"


def test_a_fault_of_ours_shows_nothing_of_itself(world: World) -> None:
    question = world.ask()
    world.script = [raises(KeyError("inner"))]
    world.work(question)

    assert "inner" not in world.now_is(question).reason


def test_a_summary_that_gets_further_is_not_counted_as_a_try(world: World) -> None:
    question = world.ask()
    world.script = [raises(Unfinished(done, 9)) for done in (2, 4, 6, 8)] + [says("ready")]

    verdicts = [world.work(question) for _ in range(5)]

    assert verdicts == [None] * 5
    assert len(world.sent) == 1 + 4  # each time a ticket of its own
    assert world.now_is(question).answer == "ready"


def test_a_summary_that_gets_no_further_fails(world: World) -> None:
    question = world.ask()
    world.script = [raises(Unfinished(2, 9))] * 4

    assert [world.work(question) for _ in range(4)] == [None, 10, 20, None]
    assert world.now_is(question).status is Status.FAILED


def test_an_answer_too_large_to_keep_fails_with_the_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_ANSWER_BYTES", 100)
    question = world.ask()
    world.script = [says("".join(map(str, range(1000))))]
    world.work(question)

    assert "over 100 bytes" in world.now_is(question).reason


def test_a_caller_that_does_not_answer_is_called_again_later_and_not_for_ever(world: World) -> None:
    question = world.ask(callback_url=URL)
    world.script, world.refusals = [says("ready")], 99

    assert [world.work(question) for _ in range(5)] == [None] * 5

    assert [seconds for _, seconds in world.sent[1:]] == list(rules.CALLBACK_DELAYS)
    kept = world.now_is(question)
    assert (kept.callback, kept.callback_tries, kept.callback_reason) == (Sent.FAILED, 4, "503")
    assert kept.answer == "ready"


def test_a_worker_killed_while_calling_is_followed_by_another(world: World) -> None:
    question = world.ask(callback_url=URL)
    world.script = [says("ready")]
    world.call_fault = Killed()
    with pytest.raises(Killed):
        world.work(question)
    world.call_fault = None

    assert world.work(question) == rules.CALLBACK_LEASE_MS // 1000 + 1
    world.now += rules.CALLBACK_LEASE_MS
    assert world.work(question) is None
    assert world.calls == ["ready"]


class Unguarded(Records):
    """Writes whatever stands there: the broken variant."""

    def put(
        self, key: RecordKey, fields: Any, seconds: int, *, over: Record | None
    ) -> Record | None:
        del over
        return super().put(key, fields, seconds, over=self.get(key))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["answers", "faults", "dies"]),
        st.lists(st.sampled_from([0, 5_000, RUN_MS]), max_size=2),
    ),
    min_size=1,
    max_size=6,
)


def told(world: World, steps: list[tuple[str, list[int]]]) -> set[str]:
    """Every answer anybody was ever shown, over a history of tickets.

    While a worker is at it time passes, and more workers come with the same ticket.
    """
    question = world.ask(callback_url=URL)
    left = list(steps)
    seen: set[str] = set()

    def look() -> None:
        kept = world.now_is(question)
        seen.update({kept.answer} if kept.at_rest else ())

    def work() -> None:
        if not left:
            return
        end, meanwhile = left.pop(0)
        text = f"answer {len(left)}"

        def answering() -> str:
            for passed in meanwhile:
                world.now += passed
                work()
                look()
            if end == "dies":
                raise Killed
            if end == "faults":
                raise TryAgain("throttled")
            return text

        world.script = [answering]
        with suppress(Killed):
            world.work(question)
        look()

    while left:
        work()
        world.now += RUN_MS
    return seen


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_whatever_happens_one_answer_is_shown_and_told(
    table: Any, steps: list[tuple[str, list[int]]]
) -> None:
    world = World(table)
    seen = told(world, steps)

    assert len(seen) <= 1
    assert set(world.calls) <= seen | {"throttled", "its workers were lost"}
    assert len(world.calls) <= 1


def test_without_conditional_writes_that_breaks(world: World) -> None:
    world.records = Unguarded(world.table, lambda: world.now)

    assert len(told(world, [("answers", [RUN_MS]), ("answers", [])])) > 1
