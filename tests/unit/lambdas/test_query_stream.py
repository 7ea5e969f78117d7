"""POST /query/stream: tokens, then the verified answer or an error, with a heartbeat between."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from askbucket.errors import TooLarge, TryAgain
from askbucket.models import Usage
from askbucket.tracing import Untraced
from lambdas.query import streaming
from lambdas.query.streaming import HEARTBEAT, server_sent_events
from tests.unit.answer.scripted import (
    RENT_REPLY,
    ScriptedChat,
    answering,
    question,
)

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

RENT = "How much is the monthly rent?"
Event = tuple[str, dict[str, Any]]


def events(api: TestClient, body: dict[str, Any]) -> list[Event]:
    reply = api.post("/query/stream", json=body)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/event-stream")
    return [_event(block) for block in reply.text.split("\n\n") if block]


def _event(block: str) -> Event:
    name, data = block.split("\n")
    assert name.startswith("event: ")
    assert data.startswith("data: ")
    return name[7:], json.loads(data[6:])


def test_tokens_come_first_and_the_answer_equals_that_of_query(api: TestClient) -> None:
    body = {"question": RENT, "filter": {"prefix": "leases/"}}

    *tokens, (last, answer) = events(api, body)

    assert {name for name, _ in tokens} == {"token"}
    assert "".join(data["text"] for _, data in tokens) == "The monthly rent is 1,577 euros. [1]"
    assert last == "answer"
    plain = api.post("/query", json=body).json()
    assert answer | {"trace_id": ""} == plain | {"trace_id": ""}


def test_without_hits_the_answer_is_the_only_event(api: TestClient) -> None:
    ((name, answer),) = events(api, {"question": RENT, "filter": {"document": "none"}})

    assert (name, answer["answered"]) == ("answer", False)


@pytest.mark.parametrize(
    ("error", "status", "told", "hidden"),
    [
        (TryAgain("the model is busy"), 503, "the model is busy", "?"),
        (TooLarge("fewer words"), 413, "fewer words", "?"),
        (RuntimeError("password is hunter2"), 500, "fault of the service", "hunter2"),
    ],
)
def test_a_fault_is_the_last_event(
    api: TestClient,
    wired: Callable[[str, Any], None],
    error: Exception,
    status: int,
    told: str,
    hidden: str,
) -> None:
    wired("answering", answering(ScriptedChat("You pay", error)))

    *tokens, (name, data) = events(api, {"question": RENT})

    assert [name for name, _ in tokens] == ["token", "token"]
    assert (name, data["status"]) == ("error", status)
    assert told in data["detail"]
    assert hidden not in json.dumps(data)


class Unflushable:
    """A tracer whose flush fails."""

    def flush(self) -> None:
        raise RuntimeError("no way out")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_stream_ends_even_where_the_trace_cannot_be_sent(
    api: TestClient, wired: Callable[[str, Any], None]
) -> None:
    wired("answering", answering(ScriptedChat(RENT_REPLY)))
    wired("tracer", Unflushable())

    before = set(threading.enumerate())
    *_, (name, answer) = events(api, {"question": RENT})
    for thread in set(threading.enumerate()) - before:
        thread.join(5)  # its fault is told of in this test, not in the next one

    assert (name, answer["answered"]) == ("answer", True)


def test_silence_is_filled_with_a_comment(
    wired: Callable[[str, Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.02)
    thinking = threading.Event()

    class Slow(ScriptedChat):
        def stream(self, system: str, user: str) -> Iterator[str | Usage]:
            thinking.wait(5)
            yield from super().stream(system, user)

    wired("answering", answering(Slow(RENT_REPLY)))
    wired("tracer", Untraced())

    async def pieces() -> list[str]:
        found = []
        async for piece in server_sent_events(question()):
            found.append(piece)
            if len(found) == 3:
                thinking.set()
        return found

    found = asyncio.run(pieces())

    assert found[:3] == [HEARTBEAT] * 3
    assert HEARTBEAT.startswith(":")
    assert [piece for piece in found if piece != HEARTBEAT][-1].startswith("event: answer\n")


def test_the_model_stops_when_the_listener_leaves(
    wired: Callable[[str, Any], None],
) -> None:
    read: list[int] = []
    go_on, stopped = threading.Event(), threading.Event()

    class Talkative(ScriptedChat):
        def stream(self, _system: str, _user: str) -> Iterator[str | Usage]:
            try:
                for word in range(1, 10_001):
                    read.append(word)
                    yield "word "
                    go_on.wait(5)
            finally:
                stopped.set()

    wired("answering", answering(Talkative()))
    wired("tracer", Untraced())

    async def leave_after_the_first() -> None:
        pieces = server_sent_events(question())
        async for _ in pieces:
            break
        await pieces.aclose()  # type: ignore[attr-defined]

    asyncio.run(leave_after_the_first())
    go_on.set()

    assert stopped.wait(5)
    assert read == [1, 2]


def test_a_token_with_line_breaks_stays_one_event(
    api: TestClient, wired: Callable[[str, Any], None]
) -> None:
    wired("answering", answering(ScriptedChat("a\n\nb\r\nevent:x")))

    tokens = [data["text"] for name, data in events(api, {"question": RENT}) if name == "token"]

    assert tokens == ["a\n\nb\nevent:x "]
