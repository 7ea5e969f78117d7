"""Sessions over moto's DynamoDB: whose they are, how long they live, and that no turn is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from askbucket.answer.question import Caller
from askbucket.answer.records import RecordKey, Records
from askbucket.answer.sessions import MOST_BYTES, MOST_TURNS, Cited, Session, Sessions, Turn
from askbucket.errors import NotFound, TryAgain
from tests.unit.lambdas.parts import made_answers_table

ANNA, BERT = Caller("default", "anna"), Caller("default", "bert")
HOUR = 3_600_000


class Clock:
    """Milliseconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now


class Interrupted:
    """A table before each of whose writes others may write, and whose replies may be lost.

    A lost reply is what boto3 makes of it: the same write once more.
    """

    def __init__(self, table: Any) -> None:
        self._table = table
        self.before_write: list[Any] = []
        self.lost: list[bool] = []

    def put_item(self, **request: Any) -> Any:
        if self.before_write:
            self.before_write.pop()()
        reply = self._table.put_item(**request)
        if self.lost and self.lost.pop():
            return self._table.put_item(**request)
        return reply

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)


class Unconditional(Interrupted):
    """What a session would be kept in without care: the last writer wins."""

    def put_item(self, **request: Any) -> Any:
        request.pop("ConditionExpression")
        return super().put_item(**request)


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as set_to, mock_aws():
        set_to.setattr(boto3, "DEFAULT_SESSION", None)
        set_to.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield made_answers_table()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(table: Any, clock: Clock, request: pytest.FixtureRequest) -> Sessions:
    for item in table.scan()["Items"]:
        table.delete_item(Key={"id": item["id"]})
    return kept_in(table, clock)


def kept_in(table: Any, clock: Clock) -> Sessions:
    return Sessions(Records(table, clock), hours=24, pause=lambda _: None)


def turn(question: str, **more: Any) -> Turn:
    return Turn(id=question, question=question, answer="It is.", answered=True, **more)


def asked(sessions: Sessions, *questions: str, caller: Caller = ANNA, name: str = "s") -> None:
    for question in questions:
        sessions.add(caller, name, sessions.open(caller, name), turn(question))


def questions(session: Session) -> list[str]:
    return [each.question for each in session.turns]


def test_turns_come_back_in_order_with_all_they_held(sessions: Sessions, clock: Clock) -> None:
    full = turn(
        "And then?",
        cited=(Cited("chunk", "document", 1_800_000_000_000),),
        rewritten="What then?",
        asked_at=clock.now,
    )
    asked(sessions, "First?")

    sessions.add(ANNA, "s", sessions.open(ANNA, "s"), full)

    first, second = sessions.get(ANNA, "s").turns
    assert (first.question, first.number) == ("First?", 1)
    assert second == replace(full, number=2)


@pytest.mark.parametrize(
    "name", ["s", "a/b?c#d", "ключ 🙂", "x" * 128, "\x00", "session#default#s"]
)
def test_any_id_of_the_client_s_names_a_session(sessions: Sessions, name: str) -> None:
    asked(sessions, "Q?", name=name)

    assert questions(sessions.get(ANNA, name)) == ["Q?"]


@pytest.mark.parametrize("other", [BERT, Caller("other", "anna"), Caller("default", "")])
def test_another_s_session_is_as_if_there_were_none(sessions: Sessions, other: Caller) -> None:
    asked(sessions, "Q?")

    with pytest.raises(NotFound) as of_another:
        sessions.get(other, "s")
    with pytest.raises(NotFound):
        sessions.delete(other, "s")
    asked(sessions, "Mine?", caller=other)

    assert questions(sessions.get(ANNA, "s")) == ["Q?"]
    assert questions(sessions.get(other, "s")) == ["Mine?"]
    with pytest.raises(NotFound) as of_nobody:
        sessions.get(ANNA, "t")
    assert str(of_another.value) == str(of_nobody.value).replace("'t'", "'s'")


def test_tenants_and_names_cannot_be_mixed_up() -> None:
    assert RecordKey("k", "a#b", "c").id != RecordKey("k", "a", "b#c").id


def test_everything_of_a_tenant_is_found_by_its_index(sessions: Sessions, table: Any) -> None:
    asked(sessions, "Q?", name="one")
    asked(sessions, "Q?", name="two")
    asked(sessions, "Q?", caller=Caller("other", "anna"))

    found = table.query(
        IndexName="tenant",
        KeyConditionExpression=boto3.dynamodb.conditions.Key("tenant").eq("default"),
    )

    assert len(found["Items"]) == 2


def test_a_session_lives_for_its_hours_after_the_last_turn(
    sessions: Sessions, clock: Clock
) -> None:
    asked(sessions, "First?")
    clock.now += 23 * HOUR
    asked(sessions, "Second?")
    clock.now += 23 * HOUR

    assert sessions.get(ANNA, "s").expires_at * 1000 == clock.now + HOUR
    clock.now += HOUR
    with pytest.raises(NotFound):
        sessions.get(ANNA, "s")  # although the item is still there
    asked(sessions, "Third?")
    assert questions(sessions.get(ANNA, "s")) == ["Third?"]


def test_a_long_session_keeps_its_newest_turns(sessions: Sessions) -> None:
    asked(sessions, *(f"{number}?" for number in range(1, MOST_TURNS + 4)))

    turns = sessions.get(ANNA, "s").turns
    assert [each.number for each in turns] == list(range(4, MOST_TURNS + 4))


@pytest.mark.parametrize("letter", ["x", "ж", "🙂", "\x01"])
def test_long_answers_never_make_an_item_too_large(
    sessions: Sessions, table: Any, letter: str
) -> None:
    for number in range(6):
        long = replace(turn(f"{number}?"), answer=letter * 20_000)
        sessions.add(ANNA, "s", sessions.open(ANNA, "s"), long)
    huge = replace(turn("huge?"), answer="x" * 1_000_000)

    (item,) = table.scan()["Items"]
    assert len(json.dumps(item, default=str, ensure_ascii=False).encode()) < 1.1 * MOST_BYTES
    sessions.add(ANNA, "s", sessions.open(ANNA, "s"), huge)
    assert [(each.question, each.answer) for each in sessions.get(ANNA, "s").turns] == [
        ("huge?", "")
    ]


def test_what_was_deleted_while_it_was_asked_does_not_come_back(sessions: Sessions) -> None:
    asked(sessions, "First?")
    before = sessions.open(ANNA, "s")
    sessions.delete(ANNA, "s")

    sessions.add(ANNA, "s", before, turn("Second?"))

    with pytest.raises(NotFound):
        sessions.get(ANNA, "s")


def test_a_table_that_does_not_answer_is_a_passing_fault(clock: Clock) -> None:
    with mock_aws():
        absent = boto3.resource("dynamodb", region_name="us-east-1").Table("none")
        with pytest.raises(TryAgain, match="the answers table refused get_item"):
            kept_in(absent, clock).open(ANNA, "s")


# --- at the same time ---------------------------------------------------------------------------

MOST_BETWEEN = 3
# No more turns in all than a session keeps.
plans = st.lists(
    st.integers(0, MOST_BETWEEN), min_size=2, max_size=MOST_TURNS // (1 + MOST_BETWEEN)
)
losses = st.lists(st.booleans(), max_size=6)


@settings(max_examples=20, deadline=None)
@given(plan=plans, lost=losses)
def test_turns_asked_at_the_same_time_are_all_kept_once(
    table: Any, plan: list[int], lost: list[bool]
) -> None:
    assert played(Interrupted(table), plan, lost) == expected(plan)


def test_the_last_writer_who_wins_would_lose_turns(table: Any) -> None:
    assert played(Unconditional(table), [1, 0], []) != expected([1, 0])


def expected(plan: list[int]) -> list[str]:
    """Every turn, and each of the ones that came between."""
    return sorted(f"{n}.{m}" for n, between in enumerate(plan) for m in range(between + 1))


def played(table: Interrupted, plan: list[int], lost: list[bool]) -> list[str]:
    """One turn after another, each overtaken by as many as the plan says; what was kept of them.

    Whoever overtakes does so after the first has looked and before it writes.
    """
    clock = Clock()
    for item in table.scan()["Items"]:
        table.delete_item(Key={"id": item["id"]})
    sessions = kept_in(table, clock)
    table.lost = list(lost)
    for number, between in enumerate(plan):
        before = sessions.open(ANNA, "s")
        table.before_write = [
            lambda name=f"{number}.{other}", before=before: sessions.add(
                ANNA, "s", before, turn(name)
            )
            for other in range(1, between + 1)
        ]
        sessions.add(ANNA, "s", before, turn(f"{number}.0"))
    return sorted(questions(sessions.get(ANNA, "s")))
