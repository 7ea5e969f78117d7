"""Asking and searching over HTTP: what comes back, and what is refused with which words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from askbucket import wiring_answers, wiring_chat
from askbucket.errors import TryAgain
from lambdas.query.app import create_app
from lambdas.query.body_limit import MAX_BODY_BYTES
from tests.unit.answer.scripted import RENT_REPLY, ScriptedChat, answering
from tests.unit.lambdas.problems import problem

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

LOOPBACK = ("127.0.0.1", 50_000)
RENT = "How much is the monthly rent?"


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_cites_document_version_page_quote_and_boxes(api: TestClient) -> None:
    reply = api.post("/query", json={"question": RENT, "session_id": "s-1"})

    assert reply.status_code == 200
    body = reply.json()
    assert body["answered"] is True
    assert body["answer"] == "The monthly rent is 1,577 euros. [1]"
    (citation,) = body["citations"]
    assert citation["marker"] == 1
    assert citation["document"] == "leases/main street.txt"
    assert citation["quote"] == "The monthly rent is 1,577 euros."
    assert citation["page"] == 1
    assert citation["boxes"] == [{"page": 1, "left": 0.1, "top": 0.1, "width": 0.8, "height": 0.04}]
    assert citation["version"]
    assert 0 < citation["score"] <= 1
    assert body["model"] == "askbucket.extractive"
    assert body["usage"]["input_tokens"] > 0
    assert body["usage"]["usd"] == 0
    assert len(body["trace_id"]) == 32
    assert body["session_id"] == "s-1"
    assert set(citation) == {
        *("marker", "id", "document", "version", "page"),
        *("quote", "boxes", "score", "chunk_id"),
    }


def test_what_the_documents_do_not_hold_is_not_answered(api: TestClient) -> None:
    body = api.post("/query", json={"question": "Who won the 1954 world cup final?"}).json()

    assert (body["answered"], body["citations"]) == (False, [])
    assert "session_id" not in body


def test_a_search_returns_chunks_best_first(api: TestClient) -> None:
    body = api.post("/search", json={"query": "cleaning the oven", "top_k": 2}).json()

    first, second = body["hits"]
    assert first["document"] == "manuals/oven.txt"
    assert first["text"].startswith("Clean the oven")
    assert len(first["boxes"]) == 2
    assert 1 >= first["score"] >= second["score"] >= 0


@pytest.mark.parametrize(
    ("narrowed", "documents"),
    [
        ({"prefix": "leases/"}, {"leases/main street.txt"}),
        ({"prefix": "man"}, {"manuals/oven.txt"}),
        ({"document": "leases/main street.txt"}, {"leases/main street.txt"}),
        ({"metadata": {"team": "legal"}}, {"leases/main street.txt"}),
        ({"metadata": {"team": "zoo"}}, set()),
        ({"metadata": {"team": ["zoo", "legal"]}}, {"leases/main street.txt"}),
        ({"prefix": ["leases/", "man"]}, {"leases/main street.txt", "manuals/oven.txt"}),
        ({"prefix": ["none/"], "metadata": {"team": "legal"}}, set()),
        ({}, {"leases/main street.txt", "manuals/oven.txt"}),
    ],
)
def test_a_filter_narrows_a_search(
    api: TestClient, narrowed: dict[str, Any], documents: set[str]
) -> None:
    body = api.post("/search", json={"query": "month", "filter": narrowed}).json()

    assert {hit["document"] for hit in body["hits"]} == documents


def test_health_tells_the_store(api: TestClient) -> None:
    body = api.get("/health").json()

    assert body["status"] == "ok"
    assert "qdrant" in body["store"].lower()


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": 5}, "question"),
        ({"question": None}, "question"),
        ({"question": "a", "top_k": 0}, "top_k"),
        ({"question": "a", "top_k": 21}, "top_k"),
        ({"question": "a", "top_k": "many"}, "top_k"),
        ({"question": "a", "top_k": 2.5}, "top_k"),
        ({"question": "a", "colour": "red"}, "colour"),
        ({"question": "a", "\ud800": 1}, "body"),
        ({"question": "\ud800"}, "question"),
        ({"question": "a", "filter": {"prefx": "a"}}, "filter.prefx"),
        ({"question": "a", "filter": {"prefix": ""}}, "filter.prefix"),
        ({"question": "a", "filter": {"prefix": "x" * 1025}}, "filter.prefix"),
        ({"question": "a", "filter": {"prefix": []}}, "filter.prefix"),
        ({"question": "a", "filter": {"prefix": ["a/", "x" * 1025]}}, "filter.prefix"),
        ({"question": "a", "filter": {"metadata": {"k": 1}}}, "filter.metadata.k"),
        ({"question": "a", "filter": {"metadata": {"k": ["v"] * 101}}}, "filter.metadata.k"),
        ({"question": "a", "filter": {"metadata": {str(n): "v" for n in range(11)}}}, "filter"),
        ({"question": "a", "filter": None}, "filter"),
        ({"question": "a", "session_id": ""}, "session_id"),
        ({"question": "a", "session_id": "x" * 129}, "session_id"),
        ([], "body"),
        ("question", "body"),
    ],
)
@pytest.mark.parametrize("route", ["/query", "/query/stream"])
def test_a_body_that_does_not_fit_names_the_field(
    api: TestClient, route: str, body: Any, field: str
) -> None:
    sent = json.dumps(body)  # escaped: httpx cannot send half a surrogate pair otherwise

    reply = api.post(route, content=sent, headers={"content-type": "application/json"})

    told = problem(reply, 422)
    assert told["errors"][0]["field"].startswith(field)
    assert field in told["detail"]


@pytest.mark.parametrize("sent", [b"{", b"", b"\xff\xfe", b'{"question": }'])
def test_a_body_that_is_no_json_is_told_so(api: TestClient, sent: bytes) -> None:
    reply = api.post("/query", content=sent, headers={"content-type": "application/json"})

    assert reply.status_code in (400, 422)
    assert problem(reply, reply.status_code)["detail"]


def test_a_blank_question_is_refused(api: TestClient) -> None:
    assert "blank" in problem(api.post("/query", json={"question": " \n "}), 400)["detail"]


@pytest.mark.parametrize("route", ["/query", "/query/stream", "/search"])
def test_a_question_over_the_limit_is_413_with_both_numbers(api: TestClient, route: str) -> None:
    name = "query" if route == "/search" else "question"

    told = problem(api.post(route, json={name: "x" * 2001}), 413)

    assert "2001 characters; 2000 at most" in told["detail"]


def test_a_question_longer_than_the_embedder_takes_is_413(api: TestClient) -> None:
    told = problem(api.post("/query", json={"question": "one two " * 240}), 413)

    assert "fewer words" in told["detail"]


def test_a_large_body_is_413(api: TestClient) -> None:
    told = problem(api.post("/query", json={"question": "x" * MAX_BODY_BYTES}), 413)

    assert str(MAX_BODY_BYTES) in told["detail"]


def test_a_large_body_without_a_length_is_413_before_it_is_all_read() -> None:
    chunk, read, sent = b" " * 1024, 0, list[Any]()
    scope = {"type": "http", "method": "POST", "path": "/query", "query_string": b""}

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(create_app()({**scope, "headers": [], "client": LOOPBACK}, receive, send))

    assert sent[0]["status"] == 413
    assert (b"content-type", b"application/problem+json") in sent[0]["headers"]
    assert read <= MAX_BODY_BYTES + len(chunk)


def test_a_body_just_within_the_limit_is_read(api: TestClient) -> None:
    envelope = len('{"question":""}')

    told = problem(api.post("/query", json={"question": "x" * (MAX_BODY_BYTES - envelope)}), 413)

    assert "characters" in told["detail"]


def test_an_unknown_route_points_to_the_list(api: TestClient) -> None:
    assert "/openapi.json" in problem(api.get("/nothing"), 404)["detail"]


def test_a_wrong_method_is_405_and_names_the_right_one(api: TestClient) -> None:
    reply = api.delete("/query")

    problem(reply, 405)
    assert reply.headers["allow"] == "POST"


# --- faults -------------------------------------------------------------------------------------


def test_a_passing_fault_is_503_with_a_time_to_come_back(
    api: TestClient, wired: Callable[[str, Any], None]
) -> None:
    wired("answering", answering(ScriptedChat(error=TryAgain("the model is busy"))))

    reply = api.post("/query", json={"question": RENT})

    assert "the model is busy; try again" in problem(reply, 503)["detail"]
    assert int(reply.headers["retry-after"]) > 0


def test_an_unexpected_fault_tells_nothing_of_itself(
    api: TestClient, wired: Callable[[str, Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    wired("answering", answering(ScriptedChat(error=RuntimeError("password is hunter2"))))

    reply = api.post("/query", json={"question": RENT})

    problem(reply, 500)
    assert "hunter2" not in reply.text
    assert "request_failed" in capsys.readouterr().err


def test_forged_citations_of_a_model_are_not_passed_on(
    api: TestClient, wired: Callable[[str, Any], None]
) -> None:
    chat = ScriptedChat(f'{RENT_REPLY}\nCats can talk. [2: "cats can talk"]')
    wired("answering", answering(chat))

    body = api.post("/query", json={"question": RENT}).json()

    assert body["answer"] == "You pay 1,577 euros. [1]"
    assert body["usage"] == {"input_tokens": 100, "output_tokens": 20, "usd": 0.0125}


@pytest.mark.parametrize("route", ["/query", "/query/stream"])
def test_a_request_may_choose_among_the_allowed_models_only(
    api: TestClient, setting: Callable[[str, str], None], route: str
) -> None:
    setting("ASKBUCKET_CHAT_MODELS", "amazon.nova-pro-v1:0")

    refused = api.post(route, json={"question": RENT, "model": "gpt"})
    taken = api.post(route, json={"question": RENT, "model": "askbucket.extractive"})

    told = problem(refused, 422)["detail"]
    assert "'gpt' is none of those allowed: askbucket.extractive, amazon.nova-pro-v1:0" in told
    assert taken.status_code == 200
    assert '"model":"askbucket.extractive"' in taken.text.replace('": "', '":"')


@pytest.fixture
def fresh_chats() -> Iterator[None]:
    """Chat models made anew for one test, once its settings are set, and again after it."""
    for part in (wiring_chat.chat, wiring_answers.answering):
        part.cache_clear()
    yield
    for part in (wiring_chat.chat, wiring_answers.answering):
        part.cache_clear()


@pytest.mark.usefixtures("fresh_chats")
def test_a_guardrail_s_word_is_an_answer_that_says_so(
    api: TestClient, setting: Callable[[str, str], None]
) -> None:
    setting("ASKBUCKET_GUARDRAIL_ID", "rent")

    body = api.post("/query", json={"question": RENT}).json()

    assert (body["answered"], body["stop"], body["citations"]) == (False, "guardrail", [])
    assert body["answer"] == "A guardrail held this answer back."
