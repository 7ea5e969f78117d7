"""Queued questions through the routes and the worker's handler: what their caller sees."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from starlette.testclient import TestClient

from askbucket import wiring_questions
from askbucket.answer.question import Question, Traced
from askbucket.errors import TryAgain
from lambdas.answer.handler import handler
from lambdas.query.asking_schemas import AnswerReply
from lambdas.query.questions import QuestionReply
from tests.unit.lambdas.parts import Library

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
RENT = {"question": "How much is the monthly rent?"}


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 300_000


class Queue:
    """The queue of questions, received from as Lambda does."""

    def __init__(self) -> None:
        self.sqs = boto3.client("sqs")
        self.url = self.sqs.create_queue(QueueName="questions")["QueueUrl"]

    def received(self) -> list[dict[str, Any]]:
        messages = self.sqs.receive_message(QueueUrl=self.url).get("Messages", [])
        return [
            {
                "messageId": each["MessageId"],
                "receiptHandle": each["ReceiptHandle"],
                "body": each["Body"],
            }
            for each in messages
        ]

    def work(self) -> list[str]:
        """Which of the messages at hand come again; the others are gone."""
        records = self.received()
        reply = handler({"Records": records}, Context())
        failed = {each["itemIdentifier"] for each in reply["batchItemFailures"]}
        for record in records:
            if record["messageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=record["receiptHandle"])
        return sorted(failed)


@pytest.fixture
def queue(library: Library, setting: Callable[[str, str], None]) -> Iterator[Queue]:
    del library
    queue = Queue()
    setting("ASKBUCKET_QUESTIONS_QUEUE_URL", queue.url)
    _forget()
    yield queue
    queue.sqs.delete_queue(QueueUrl=queue.url)
    _forget()


def _forget() -> None:
    wiring_questions.questions.cache_clear()
    wiring_questions.callbacks.cache_clear()
    from lambdas.answer import handler as module

    module._worker.cache_clear()


def test_a_queued_question_gets_the_answer_that_query_gives(api: TestClient, queue: Queue) -> None:
    taken = api.post("/questions", json=RENT)
    where = f"/{taken.headers['location']}"
    before = api.get(where).json()

    assert queue.work() == []

    after = api.get(where).json()
    assert taken.status_code == 202
    assert (taken.json()["status"], before["status"], before["answer"]) == (
        "queued",
        "queued",
        None,
    )
    assert taken.json()["expires_at"] == after["expires_at"]
    assert after["status"] == "answered"
    QuestionReply.model_validate(after)
    asked_now = api.post("/query", json=RENT).json()
    AnswerReply.model_validate(after["answer"])
    assert after["answer"] | {"trace_id": ""} == asked_now | {"trace_id": ""}


def test_an_answer_drawn_from_a_document_that_changed_is_not_shown(
    api: TestClient, queue: Queue, library: Library
) -> None:
    library.add("later/terms.txt", "The notice period is four months.")
    body = {"question": "How long is the notice period?", "filter": {"prefix": "later/"}}
    where = f"/{api.post('/questions', json=body).headers['location']}"
    queue.work()
    assert "four months" in api.get(where).json()["answer"]["answer"]

    library.add("later/terms.txt", "The notice period is two months.")

    now = api.get(where).json()
    assert (now["status"], now["answer"]) == ("answered", None)
    assert "changed" in now["reason"]


def test_a_repeated_post_with_its_key_asks_once(api: TestClient, queue: Queue) -> None:
    key = {"idempotency-key": "order 7"}
    first, second = (api.post("/questions", json=RENT, headers=key) for _ in range(2))
    other = api.post("/questions", json={"question": "Else?"}, headers=key)

    assert first.json()["id"] == second.json()["id"]
    assert other.status_code == 422
    assert "order 7" in other.json()["detail"]
    del queue


@pytest.mark.parametrize("unknown", ["0" * 32, "nothing like it"])
def test_an_unknown_question_is_a_problem(api: TestClient, queue: Queue, unknown: str) -> None:
    del queue
    assert api.get(f"/questions/{unknown}").status_code == 404


def test_a_body_that_query_would_refuse_is_refused_at_once(api: TestClient, queue: Queue) -> None:
    assert api.post("/questions", json={"question": " "}).status_code == 400
    assert api.post("/questions", json={"question": "?" * 2001}).status_code == 413
    assert queue.received() == []


def test_callbacks_are_refused_where_no_host_is_allowed(api: TestClient, queue: Queue) -> None:
    reply = api.post("/questions", json={**RENT, "callback_url": "https://hooks.example/"})

    assert reply.status_code == 422
    assert "ASKBUCKET_CALLBACK_HOSTS" in reply.json()["detail"]
    assert queue.received() == []


def test_a_callback_says_what_get_says(
    api: TestClient,
    queue: Queue,
    setting: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting("ASKBUCKET_CALLBACK_HOSTS", "hooks.example")
    wiring_questions.callbacks.cache_clear()
    sent: list[tuple[str, dict[str, Any]]] = []

    def post(self: Any, url: str, body: bytes) -> None:
        del self
        sent.append((url, json.loads(body)))

    monkeypatch.setattr(type(wiring_questions.callbacks()), "__call__", post)
    body = {**RENT, "callback_url": "https://hooks.example/done"}
    where = f"/{api.post('/questions', json=body).headers['location']}"

    queue.work()

    shown = api.get(where).json()
    [(url, told)] = sent
    assert url == "https://hooks.example/done"
    assert told["answer"] == shown["answer"]
    assert (told["callback"]["status"], shown["callback"]["status"]) == ("pending", "delivered")


def test_a_model_that_does_not_answer_leaves_the_question_in_the_queue(
    api: TestClient, queue: Queue, wired: Callable[[str, Any], None]
) -> None:
    class Silent:
        def answer(self, question: Question) -> Traced:
            raise TryAgain(f"throttled on {question.text!r}")

    monkey = Silent()
    wired("summarising", monkey)
    body = {**RENT, "mode": "summary"}
    where = f"/{api.post('/questions', json=body).headers['location']}"

    assert len(queue.work()) == 1

    now = api.get(where).json()
    assert (now["status"], now["answer"]) == ("queued", None)
    assert "throttled" in now["reason"]
    assert queue.received() == []  # not before its wait is over


def test_a_message_of_someone_else_is_forgotten(queue: Queue) -> None:
    for body in ("no json", '["list"]', '{"tenant": "t"}'):
        queue.sqs.send_message(QueueUrl=queue.url, MessageBody=body)

    assert [queue.work() for _ in range(3)] == [[], [], []]
    assert queue.received() == []


def test_without_a_queue_the_routes_say_so(api: TestClient) -> None:
    wiring_questions.questions.cache_clear()
    reply = api.post("/questions", json=RENT)

    assert reply.status_code == 404
    assert "ASKBUCKET_QUESTIONS_QUEUE_URL" in reply.json()["detail"]
