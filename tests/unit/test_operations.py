"""The operator's view of a stack: sweeping over all cursors, redriving, and what waits."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto import mock_aws

from local.operations import OperationFailed, redrive, redrive_questions, sweep, waiting
from tests.unit.ingest.parts import clients


@dataclass
class ScriptedLambda:
    """Invocations answered in turn; knows what it was asked."""

    replies: list[dict[str, Any]]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.asked.append({"function": request["FunctionName"], **json.loads(request["Payload"])})
        reply = self.replies.pop(0)
        more = {"FunctionError": "Unhandled"} if "errorMessage" in reply else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(reply).encode()), **more}


def found(keys: int, deleted: int, hinted: dict[str, int], cursor: Any = None) -> dict[str, Any]:
    return {"keys": keys, "deleted_generations": deleted, "hinted": hinted, "cursor": cursor}


@pytest.fixture
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield clients()[2]


def queue(sqs: Any, name: str, *bodies: str) -> str:
    """The URL of a queue with these messages."""
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    return url


def bodies_of(sqs: Any, url: str) -> list[str]:
    bodies: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
    return bodies


def test_a_sweep_goes_on_until_no_cursor_is_left() -> None:
    # given
    cursor = {"stage": "keys", "after": "k", "prefix": "a/"}
    function = ScriptedLambda(
        [found(500, 0, {"unfinished": 2}, cursor), found(7, 3, {"unfinished": 1, "other": 4})]
    )
    # when
    total = sweep(function, "Sweep", "a/")
    # then
    assert total == {
        "keys": 507,
        "deleted_generations": 3,
        "hinted": {"unfinished": 3, "other": 4},
    }
    assert function.asked == [
        {"function": "Sweep", "task": "sweep", "cursor": {"prefix": "a/"}},
        {"function": "Sweep", "task": "sweep", "cursor": cursor},
    ]


def test_a_function_that_raised_says_what() -> None:
    function = ScriptedLambda([{"errorMessage": "the store cannot be reached"}])
    with pytest.raises(OperationFailed, match="the store cannot be reached"):
        sweep(function, "Sweep", "")


def test_every_dead_letter_goes_back_to_the_queue_of_hints(sqs: Any) -> None:
    # given
    target = queue(sqs, "documents", "waiting")
    dead = [
        queue(sqs, "documents-dead", *(f"letter {number}" for number in range(23))),
        queue(sqs, "events-dead", "event 🚢"),
        queue(sqs, "empty-dead"),
    ]
    # when
    moved = redrive(sqs, dead, target)
    # then
    assert moved == 24
    letters = [f"letter {number}" for number in range(23)]
    assert sorted(bodies_of(sqs, target)) == sorted(["waiting", "event 🚢", *letters])
    assert [waiting(sqs, url) for url in dead] == [0, 0, 0]
    assert redrive(sqs, dead, target) == 0


def test_a_letter_whose_move_fails_stays_where_it_is(sqs: Any) -> None:
    dead = queue(sqs, "documents-dead", "letter")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        redrive(sqs, [dead], f"{dead}-no-such-queue")
    assert waiting(sqs, dead) == 1


def test_what_is_being_followed_also_waits(sqs: Any) -> None:
    url = queue(sqs, "documents", "one", "two", "three")
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    assert waiting(sqs, url) == 3


def test_redrive_leaves_questions_to_their_own_queue(sqs: Any) -> None:
    dead, alive = queue(sqs, "dead-questions", "a", "b"), queue(sqs, "questions")
    outputs = {"QuestionsDeadLetterQueueUrl": dead, "QuestionsQueueUrl": alive}

    assert redrive_questions(sqs, outputs) == 2
    assert sorted(bodies_of(sqs, alive)) == ["a", "b"]
    assert redrive_questions(sqs, {}) == 0
