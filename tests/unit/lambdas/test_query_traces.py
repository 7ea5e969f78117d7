"""One whole trace for every way to ask, as Langfuse gets it over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from askbucket import wiring, wiring_answers, wiring_chat
from askbucket.langfuse_tracer import langfuse_tracer
from tests.contract.langfuse_served import LangfuseServer, langfuse_served, some_keys, until
from tests.unit.answer.scripted import LEASE, RENT_REPLY, ScriptedChat, answering, question
from tests.unit.lambdas.parts import Library
from tests.unit.lambdas.test_query_stream import events
from tests.unit.lambdas.test_queued_questions import Queue, queue

__all__ = ["queue"]
pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
RENT = {"question": "How much is the monthly rent?"}
ANSWERED = {"question", "retrieval", "embedding", "generation", "verification"}
TRACED = (
    wiring_answers.answering, wiring_answers.retriever, wiring_answers.rewriting,
    wiring_answers.summarising, wiring_chat.cache_of_replies,
)  # fmt: skip
Wired = Callable[[str, Any], None]
Span = dict[str, Any]


@pytest.fixture
def langfuse(library: Library, wired: Wired) -> Iterator[LangfuseServer]:
    del library
    with langfuse_served() as server:
        tracer = langfuse_tracer(some_keys(), server.url, masked=False)
        wired("tracer", tracer)
        _anew()
        yield server
        tracer._client.shutdown()
    _anew()


def _anew() -> None:
    for part in TRACED:
        part.cache_clear()


def trace(langfuse: LangfuseServer) -> dict[str, Span]:
    """The one trace there is, by the spans' names, once its root has come."""
    until(lambda: any(not span["parent"] for span in langfuse.spans))
    assert len({span["trace"] for span in langfuse.spans}) == 1
    ids = {span["span"] for span in langfuse.spans}
    assert {span["parent"] for span in langfuse.spans} <= {*ids, ""}
    spans = {span["name"]: span for span in langfuse.spans}
    langfuse.spans.clear()
    return spans


def root(spans: dict[str, Span]) -> Span:
    (found,) = (span for span in spans.values() if not span["parent"])
    return found


def told(span: Span, name: str) -> Any:
    return json.loads(span[f"langfuse.observation.{name}"])


def said(span: Span) -> str:
    return str(span["langfuse.observation.output"])


def failed(spans: dict[str, Span]) -> set[str]:
    return {
        name for name, span in spans.items() if span.get("langfuse.observation.level") == "ERROR"
    }


def test_a_question(api: TestClient, langfuse: LangfuseServer) -> None:
    reply = api.post("/query", json=RENT).json()

    spans = trace(langfuse)
    assert set(spans) == ANSWERED
    assert root(spans)["trace"] == reply["trace_id"]
    assert (root(spans)["name"], said(root(spans))) == ("question", reply["answer"])
    assert all(hit["score"] and hit["chunk"] for hit in told(spans["retrieval"], "output"))
    assert told(spans["generation"], "usage_details")["input"] == reply["usage"]["input_tokens"]
    assert told(spans["verification"], "output")["kept"] == reply["answer"]


def test_a_streamed_question(api: TestClient, langfuse: LangfuseServer) -> None:
    *_, (_, answer) = events(api, RENT)

    spans = trace(langfuse)
    assert set(spans) == ANSWERED
    assert root(spans)["trace"] == answer["trace_id"]
    assert said(root(spans)) == answer["answer"]
    assert told(spans["generation"], "usage_details")["output"] == answer["usage"]["output_tokens"]


@pytest.mark.parametrize("by_stream", [False, True])
def test_a_follow_up(api: TestClient, langfuse: LangfuseServer, by_stream: bool) -> None:
    wiring_answers.sessions.cache_clear()
    session = {"session_id": f"traced-{by_stream}"}
    api.post("/query", json=RENT | session)
    first = trace(langfuse)
    body = {"question": "When is it due?"} | session
    if by_stream:
        *_, (_, reply) = events(api, body)
    else:
        reply = api.post("/query", json=body).json()

    spans = trace(langfuse)
    assert set(first) == ANSWERED
    assert set(spans) == {"follow-up", "rewriting", *ANSWERED}
    assert (root(spans)["name"], root(spans)["trace"]) == ("follow-up", reply["trace_id"])
    assert told(root(spans), "input") == {"question": "When is it due?"}
    assert said(root(spans)) == reply["answer"]
    assert said(spans["rewriting"]) == reply["rewritten"]
    assert told(spans["rewriting"], "metadata.prompt") == "rewriting"
    assert {span["session.id"] for span in spans.values()} == {session["session_id"]}


@pytest.mark.parametrize("by_stream", [False, True])
def test_a_summary(api: TestClient, langfuse: LangfuseServer, by_stream: bool) -> None:
    body = RENT | {"mode": "summary", "filter": {"document": "leases/main street.txt"}}
    if by_stream:
        *_, (_, reply) = events(api, body)
    else:
        reply = api.post("/query", json=body).json()

    spans = trace(langfuse)
    made = {"group"} if not reply["summary"]["reused"] else set()
    assert set(spans) == {"summary", "retrieval", "reduction", "verification", *made}
    assert root(spans)["trace"] == reply["trace_id"]
    assert said(root(spans)) == reply["answer"]
    (document,) = told(spans["retrieval"], "output")
    assert (document["document"], document["chunks"]) == ("leases/main street.txt", 1)
    assert told(spans["reduction"], "metadata.prompt") == "summary-claims"
    assert told(spans["reduction"], "usage_details")["input"] > 0
    assert told(spans["verification"], "output")["kept"] == reply["answer"]


def test_a_queued_question(api: TestClient, langfuse: LangfuseServer, queue: Queue) -> None:
    where = f"/{api.post('/questions', json=RENT).headers['location']}"
    langfuse.spans.clear()

    queue.work()

    spans = trace(langfuse)
    assert set(spans) == ANSWERED
    assert root(spans)["trace"] == api.get(where).json()["answer"]["trace_id"]


def test_a_cached_answer(
    api: TestClient, langfuse: LangfuseServer, setting: Callable[[str, str], None]
) -> None:
    setting("ASKBUCKET_CACHE", "dynamodb")
    _anew()
    api.post("/query", json=RENT)
    asked = trace(langfuse)
    reply = api.post("/query", json=RENT).json()

    spans = trace(langfuse)
    assert set(spans) == ANSWERED
    assert told(asked["generation"], "metadata.cached") is False
    assert told(spans["generation"], "metadata.cached") is True
    assert told(spans["generation"], "usage_details") == {"input": 0, "output": 0}
    assert said(root(spans)) == reply["answer"]


def test_a_question_that_finds_nothing(api: TestClient, langfuse: LangfuseServer) -> None:
    reply = api.post("/query", json=RENT | {"filter": {"document": "none"}}).json()

    spans = trace(langfuse)
    assert set(spans) == {"question", "retrieval", "embedding", "verification"}
    assert said(root(spans)) == reply["answer"]


@pytest.mark.parametrize("by_stream", [False, True])
def test_a_model_that_fails(
    api: TestClient, langfuse: LangfuseServer, wired: Wired, by_stream: bool
) -> None:
    chat = ScriptedChat("You pay", RuntimeError("the secret is 42"))
    wired("answering", answering(chat, tracer=wiring.tracer()))
    events(api, RENT) if by_stream else api.post("/query", json=RENT)

    spans = trace(langfuse)
    assert set(spans) == {"question", "retrieval", "generation"}
    assert failed(spans) == {"question", "generation"}


def test_a_search_that_fails(api: TestClient, langfuse: LangfuseServer, wired: Wired) -> None:
    parts = answering(ScriptedChat(), tracer=wiring.tracer())
    parts._sourcing._retriever.error = RuntimeError("no store")  # type: ignore[attr-defined]
    wired("answering", parts)

    assert api.post("/query", json=RENT).status_code == 500

    spans = trace(langfuse)
    assert failed(spans) == set(spans) == {"question", "retrieval"}


def test_a_stream_that_is_left(langfuse: LangfuseServer) -> None:
    tracer = wiring.tracer()
    pieces = answering(ScriptedChat(RENT_REPLY), [LEASE], tracer=tracer).stream(question())
    next(pieces)
    pieces.close()
    tracer.flush()

    spans = trace(langfuse)
    assert set(spans) == {"question", "retrieval", "generation"}
    assert "langfuse.observation.completion_start_time" in spans["generation"]


def test_a_summary_that_runs_out_of_time(
    api: TestClient, langfuse: LangfuseServer, library: Library
) -> None:
    library.add("slow/x.txt", "The berth is free. The berth is wide.")
    summarising: Any = wiring_answers.summarising(None)
    summarising._seconds = 0.0
    reply = api.post("/query", json=RENT | {"mode": "summary", "filter": {"prefix": "slow/"}})

    assert reply.status_code == 503
    until(lambda: any(not span["parent"] for span in langfuse.spans))
    assert "summary" in failed({span["name"]: span for span in langfuse.spans})
