"""Queue batches as recorded: one verdict for each record, whatever happens to the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from askbucket import wiring, wiring_ingest
from askbucket.clock import Deadline
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.hints import KeyHint, hints_of
from askbucket.models import Document, Status
from askbucket.tracing import Untraced
from lambdas.ingest.handler import MAX_RECEIVES, handler
from tests.unit.ingest.files import image
from tests.unit.ingest.parts import ARTIFACTS, BUCKET, TABLE, World, clients, made_world

EVENTS = Path(__file__).parents[2] / "events"
VARIABLES = {
    "BUCKET": BUCKET,
    "ARTIFACTS_BUCKET": ARTIFACTS,
    "TABLE": TABLE,
    "STORE": "qdrant+http://x",
}


class Context:
    """What Lambda tells of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass
class ScriptedSync:
    """Raises what is scripted for a key; knows what it was asked and what it gave up."""

    faults: dict[str, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    given_up: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, key: str, deadline: Deadline) -> Outcome:  # noqa: ARG002
        self.asked.append(key)
        if key in self.faults:
            raise self.faults[key]
        return Outcome.COMMITTED

    def give_up(self, key: str, reason: str) -> None:
        self.given_up.append((key, reason))


@dataclass
class Function:
    """The function as deployed, but for the parts given to its wiring."""

    world: World
    sqs: Any
    queue_url: str
    sync: Any

    def __call__(self, event: dict[str, Any]) -> list[str]:
        """The ids of the records to be delivered again."""
        reply = handler(event, Context())
        return [failure["itemIdentifier"] for failure in reply["batchItemFailures"]]

    def queued(self) -> list[Any]:
        messages = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [hints_of(each["Body"])[0] for each in messages.get("Messages", [])]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    with made_world() as world:
        sqs = clients()[2]
        queue_url = sqs.create_queue(QueueName="documents")["QueueUrl"]
        for name, value in {**VARIABLES, "QUEUE_URL": queue_url}.items():
            monkeypatch.setenv(f"ASKBUCKET_{name}", value)
        wiring.settings.cache_clear()
        made = Function(world, sqs, queue_url, ScriptedSync())
        monkeypatch.setattr(wiring, "client", lambda service: {"sqs": sqs}[service])
        monkeypatch.setattr(wiring, "manifest", lambda: world.manifest)
        monkeypatch.setattr(wiring, "tracer", Untraced)
        monkeypatch.setattr(wiring_ingest, "sync", lambda: made.sync)
        yield made
        wiring.settings.cache_clear()


def recorded(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def record_of(function: Function, key: str, receives: int = 1) -> dict[str, Any]:
    """A message about the key that was really received from the queue."""
    body = json.dumps({"look_at": {"bucket": BUCKET, "key": key}})
    function.sqs.send_message(QueueUrl=function.queue_url, MessageBody=body)
    [message] = function.sqs.receive_message(QueueUrl=function.queue_url)["Messages"]
    return {
        "messageId": key,
        "receiptHandle": message["ReceiptHandle"],
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:documents",
    }


def test_only_what_failed_is_delivered_again(function: Function) -> None:
    """Also where its delay cannot be set, because its receipt is no longer valid."""
    function.sync.faults["bad.txt"] = TryAgain("the model is busy")
    failed = function(recorded("sqs_batch"))
    assert failed == ["bad", "many"]
    assert function.sync.asked == ["good.txt", "bad.txt", "bad.txt", "also good.txt"]


def test_any_error_of_a_document_is_its_own(function: Function) -> None:
    function.sync.faults["bad.txt"] = ZeroDivisionError("a bug")
    assert function(recorded("sqs_batch")) == ["bad", "many"]


def test_a_fault_is_put_off_with_a_growing_delay(function: Function) -> None:
    function.sync.faults["a.txt"] = TryAgain("busy")
    record = record_of(function, "a.txt", receives=2)
    assert function({"Records": [record]}) == ["a.txt"]
    assert function.queued() == []  # invisible for a while
    assert function.sync.given_up == []


def test_the_last_delivery_leaves_the_reason(function: Function) -> None:
    function.sync.faults["a.txt"] = TryAgain("the model is busy")
    record = record_of(function, "a.txt", receives=MAX_RECEIVES)
    assert function({"Records": [record]}) == ["a.txt"]
    assert function.sync.given_up == [("a.txt", "the model is busy")]


def test_an_error_without_words_still_gives_a_reason(function: Function) -> None:
    function.sync.faults["a.txt"] = KeyError()
    function({"Records": [record_of(function, "a.txt", receives=MAX_RECEIVES)]})
    assert function.sync.given_up == [("a.txt", "KeyError()")]


def test_work_that_grew_goes_on_under_a_fresh_hint(function: Function) -> None:
    function.sync.faults["a.txt"] = OutOfTime("embedded 100 of 250 chunks", grew=True)
    assert function({"Records": [record_of(function, "a.txt")]}) == []
    assert function.queued() == [KeyHint(BUCKET, "a.txt")]


def test_work_that_did_not_grow_is_a_fault(function: Function) -> None:
    function.sync.faults["a.txt"] = OutOfTime("embedded 0 of 250 chunks", grew=False)
    assert function({"Records": [record_of(function, "a.txt")]}) == ["a.txt"]
    assert function.queued() == []


def test_a_completion_leads_to_its_document(function: Function) -> None:
    # given
    function.sync = function.world.worker()
    function.world.put("letter.png", image((40,)))
    function.world.sync("letter.png")
    function.world.textract.finish()
    event = recorded("sqs_completion")
    body = {**json.loads(event["Records"][0]["body"]), "JobTag": Document(BUCKET, "letter.png").id}
    event["Records"][0]["body"] = json.dumps(body)
    # when
    failed = function(event)
    # then
    assert failed == []
    assert function.world.entry("letter.png").status is Status.READY


def test_a_completion_of_an_unknown_document_is_forgotten(function: Function) -> None:
    assert function(recorded("sqs_completion")) == []
    assert function.sync.asked == []


def test_a_completion_that_cannot_be_looked_up_fails_alone(function: Function) -> None:
    function.world.dynamodb.Table(TABLE).delete()
    batch = recorded("sqs_completion")["Records"] + recorded("sqs_batch")["Records"][:1]
    assert function({"Records": batch}) == ["completion"]
    assert function.sync.asked == ["good.txt"]


def test_a_status_shows_the_reason_of_a_document_given_up(function: Function) -> None:
    # given
    world = function.world
    world.put("a.txt", "text")

    def busy(name: str) -> None:
        if name == "embedder.embed_all":
            raise TryAgain("the embedding model is busy")

    function.sync = world.worker(busy)
    # when
    for receives in range(1, MAX_RECEIVES + 1):
        assert function({"Records": [record_of(function, "a.txt", receives)]}) == ["a.txt"]
    # then
    entry = world.entry("a.txt")
    assert (entry.status, entry.reason) == (Status.FAILED, "the embedding model is busy")
