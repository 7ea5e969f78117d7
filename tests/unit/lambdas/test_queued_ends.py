"""How queued questions end for their callers: by a signed call, expired, or failed for good."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from askbucket import wiring, wiring_questions
from askbucket.answer.question import Question, Traced
from askbucket.answer.queued.worker import TRIES
from lambdas.answer.handler import handler
from tests.unit.answer.queued.test_callbacks import (
    HOST,
    KEY,
    Received,
    callbacks,
    pem,  # noqa: F401  (a fixture)
    server,  # noqa: F401  (a fixture)
    url,
)
from tests.unit.lambdas.test_queued_questions import (
    RENT,
    Context,
    Queue,
    queue,  # noqa: F401  (a fixture)
)

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
Wired = Callable[[str, Any], None]


def where(api: TestClient, **more: Any) -> str:
    taken = api.post("/questions", json={**RENT, **more})
    assert taken.status_code == 202, taken.text
    return f"/{taken.headers['location']}"


def is_signed(headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does, by README and nothing else."""
    told = dict(part.split("=", 1) for part in headers["x-askbucket-signature"].split(","))
    wanted = hmac.new(KEY.encode(), f"{told['t']}.".encode() + body, "sha256").hexdigest()
    return hmac.compare_digest(wanted, told["v1"])


def test_the_caller_is_told_over_tls_what_get_says_and_can_tell_who_did(
    api: TestClient,
    queue: Queue,  # noqa: F811
    server: Received,  # noqa: F811
    pem: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as reachable:
        reachable.setattr(wiring_questions, "callbacks", lambda: callbacks(server, pem))
        asked = where(api, callback_url=url(server))
        assert queue.work() == []

    [(path, headers, body)] = server.requests
    shown = api.get(asked).json()
    assert path == "/done?order=7"
    assert is_signed(headers, body)
    assert not is_signed(headers, body.replace(b"1,577", b"1,578"))
    assert json.loads(body)["answer"] == shown["answer"]
    assert headers["host"].startswith(HOST)
    assert shown["callback"] == {"status": "delivered", "tries": 1, "reason": None}


def test_an_expired_question_is_as_if_it_had_never_been(
    api: TestClient,
    queue: Queue,  # noqa: F811
) -> None:
    asked = where(api)
    queue.work()
    assert api.get(asked).json()["status"] == "answered"
    for item in wiring.answers().scan()["Items"]:
        if item["id"].startswith("question#"):
            wiring.answers().put_item(Item={**item, "expires_at": 1_000_000_000})

    gone = api.get(asked)

    assert gone.status_code == 404
    assert "expired" in gone.json()["detail"]


class Broken:
    """Fails as a fault of ours does."""

    def answer(self, question: Question) -> Traced:
        raise KeyError(f"inner details of {question.text}")


def test_a_question_that_breaks_its_worker_fails_in_plain_words_and_blocks_nobody(
    api: TestClient,
    queue: Queue,  # noqa: F811
    wired: Wired,
) -> None:
    wired("summarising", Broken())
    poison, sound = where(api, mode="summary"), where(api)

    records = {record["body"]: record for record in [*queue.received(), *queue.received()]}
    assert len(records) == 2
    [broken] = put_off(records.values())
    assert api.get(sound).json()["status"] == "answered"
    assert api.get(poison).json()["status"] == "queued"
    for _ in range(TRIES - 1):
        put_off([broken])

    told = api.get(poison).json()
    assert (told["status"], told["answer"]) == ("failed", None)
    assert told["reason"] == "this is a fault of the service; it was logged"
    assert put_off([broken]) == []  # its message is done with


def put_off(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the messages that are to come again."""
    given = list(records)
    reply = handler({"Records": given}, Context())
    again = {each["itemIdentifier"] for each in reply["batchItemFailures"]}
    return [record for record in given if record["messageId"] in again]
