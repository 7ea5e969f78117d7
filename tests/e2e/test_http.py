"""The HTTP contract where FastAPI alone cannot show it: behind the gateway, and as a stream."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from tests.e2e.driver import Driver, eventually

NOBODY = str(uuid.UUID(int=0))


def send(stack: Driver, gateway: bool, method: str, path: str, body: Any = None) -> httpx.Response:
    if gateway:
        return stack.through_gateway(method, path, body)
    return stack.http.request(method, stack.running.api_url + path, json=body)


def problem(reply: httpx.Response, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"].startswith("application/problem+json")
    told: dict[str, Any] = reply.json()
    assert told["status"] == status
    return told


both_ways = pytest.mark.parametrize("gateway", [False, True], ids=["uvicorn", "gateway"])


@both_ways
@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", f"/documents/{NOBODY}", None, 404, NOBODY),
        ("DELETE", f"/documents/{NOBODY}", None, 404, NOBODY),
        ("GET", f"/documents/{NOBODY}/pages/1", None, 404, NOBODY),
        ("GET", "/documents?limit=201", None, 422, "limit"),
        ("POST", "/query", {"question": "   "}, 400, "blank"),
        ("POST", "/query", {"question": "x" * 2001}, 413, "2000"),
    ],
)
def test_errors_are_problem_details_that_name_what_was_wrong(
    stack: Driver, gateway: bool, method: str, path: str, body: Any, status: int, told: str
) -> None:
    assert told in problem(send(stack, gateway, method, path, body), status)["detail"]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/query", {}, "question"),
        ("/query", None, "body"),
        ("/search", {"query": "x", "top_k": 21}, "top_k"),
        ("/search", {"query": "x", "unknown": 1}, "unknown"),
    ],
)
def test_a_body_that_is_not_as_described_is_422_by_either_way(
    stack: Driver, path: str, body: Any, told: str
) -> None:
    by_app = problem(send(stack, False, "POST", path, body), 422)
    by_gateway = problem(send(stack, True, "POST", path, body), 422)

    assert told in by_app["detail"]
    assert "openapi.json" in by_gateway["detail"]
    assert by_gateway["request_id"]


@pytest.mark.parametrize("declared", ["text/plain", "application/xml", ""])
def test_no_content_type_leads_a_body_past_its_model(stack: Driver, declared: str) -> None:
    reply = stack.through_gateway("POST", "/query", {"tenant": "a"}, content_type=declared)

    assert problem(reply, 422)["request_id"]


def test_a_route_that_does_not_exist_is_known_to_nobody(stack: Driver) -> None:
    by_app = problem(send(stack, False, "GET", "/nothing/here"), 404)
    problem(send(stack, True, "GET", "/nothing/here"), 403)

    assert "/nothing/here" in by_app["detail"]


def test_the_gateway_refuses_unsigned_requests_with_a_problem(stack: Driver) -> None:
    reply = stack.http.get(f"{stack.running.gateway_url}/documents")

    assert reply.status_code == 403
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert "sign" in reply.json()["detail"].lower()


@both_ways
def test_a_document_is_the_same_by_either_way(stack: Driver, prefix: str, gateway: bool) -> None:
    made = stack.put_ready(f"{prefix}gate.txt", "The gate is green.")

    def told_when_noted() -> Any:
        """The last step is noted right after the commit that shows the document as ready."""
        told = send(stack, gateway, "GET", f"/documents/{made['id']}").json()
        return told if told.pop("steps")[-1]["step"] == "ready" else None

    told = eventually(told_when_noted, "the last step is noted")
    attempt = told.pop("attempt")
    assert (attempt["finished"], attempt["due_at"]) == (True, None)
    assert told == made


def test_a_stream_sends_tokens_and_then_the_verified_answer(stack: Driver, prefix: str) -> None:
    stack.put_ready(f"{prefix}gate.txt", "The gate of the yard is painted green.")
    question = "What colour is the gate?"
    body = {"question": question, "filter": {"prefix": prefix}}

    url = f"{stack.running.api_url}/query/stream"
    with stack.http.stream("POST", url, json=body) as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        events = [event(block) for block in "".join(reply.iter_text()).split("\n\n") if block]

    names = [name for name, _ in events]
    assert names[-1] == "answer"
    assert set(names[:-1]) == {"token"}
    answer = events[-1][1]
    assert "green" in answer["answer"]
    assert answer["citations"][0]["document"] == f"{prefix}gate.txt"
    asked = stack.ask(question, prefix=prefix)
    assert answer.keys() == asked.keys()
    assert answer["answer"] == asked["answer"]


def test_the_api_is_healthy_and_describes_itself(stack: Driver) -> None:
    health = stack.http.get(f"{stack.running.api_url}/health").json()
    described = stack.http.get(f"{stack.running.api_url}/openapi.json").json()

    assert health["status"] == "ok"
    assert {"/query", "/query/stream", "/search", "/documents"} <= described["paths"].keys()


def test_prometheus_reads_this_process_and_the_manifest_but_not_a_function(stack: Driver) -> None:
    told = stack.http.get(f"{stack.running.api_url}/metrics")

    assert told.status_code == 200, told.text
    assert 'askbucket_documents_now{status="ready"}' in told.text
    problem(send(stack, True, "GET", "/metrics"), 403)


def event(block: str) -> tuple[str, Any]:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return fields["event"], json.loads(fields["data"])
