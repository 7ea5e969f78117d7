"""Nothing is waited for longer than agreed, and what is down is not waited for every time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from askbucket.patience import REST_SECONDS, Patience


class Stuck:
    """A call that ends when it is let go, and is known to have begun."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.begun = 0

    def __call__(self) -> str:
        self.begun += 1
        self.let_go.wait(30)
        return "late"


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    call = Stuck()
    yield call
    call.let_go.set()


def idle(patience: Patience[str]) -> None:
    """Returns once no call is going on."""
    assert patience._busy.acquire(timeout=30)
    patience._busy.release()


def test_a_quick_call_s_result_is_the_result() -> None:
    patience = Patience[str]("call", 30)

    assert [patience(lambda: "done") for _ in range(3)] == ["done"] * 3


def test_a_call_that_fails_is_logged_and_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> str:
        raise RuntimeError("broken")

    assert Patience[str]("call", 30)(fail) is None
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["call"], told["error"]) == (
        "tracing_failed",
        "call",
        "RuntimeError",  # its words may quote a document
    )


def test_a_call_that_is_stuck_is_left_alone_and_no_other_is_begun(stuck: Stuck) -> None:
    patience = Patience[str]("call", 0.01)

    assert [patience(stuck) for _ in range(3)] == [None] * 3
    assert stuck.begun == 1


def test_after_a_late_call_none_is_waited_for_until_the_rest_is_over(
    stuck: Stuck, capsys: pytest.CaptureFixture[str]
) -> None:
    # given
    clock = Seconds()
    patience = Patience[str]("call", 0.01, clock)
    patience(stuck)
    clock.now += 1
    stuck.let_go.set()
    idle(patience)
    again = Stuck()
    # when: it would be waited for, it would be late again
    patience(again)
    again.let_go.set()
    idle(patience)
    # then
    late = capsys.readouterr().err.count("tracing_late")
    clock.now += REST_SECONDS
    assert late == 1
    assert patience(lambda: "done") == "done"


def test_a_quick_call_ends_the_rest(stuck: Stuck) -> None:
    clock = Seconds()
    patience = Patience[str]("call", 0.01, clock)
    patience(stuck)
    clock.now += 1
    stuck.let_go.set()
    idle(patience)

    patience(lambda: "not waited for")
    idle(patience)

    patient = Patience[str]("call", 30, clock)
    patient._resting_until = patience._resting_until
    assert patient(lambda: "done") == "done"
