"""Who is let in: the gateway's callers, this machine's where that is asked for, nobody else."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from lambdas.query import handler as query_function
from lambdas.query.app import create_app
from lambdas.query.identity import CONTEXT_HEADER
from tests.unit.lambdas.problems import problem

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.usefixtures("library"),
]

EVENTS = Path(__file__).parents[2] / "events"
SIGNED = {"apiId": "a1b2c3d4e5", "identity": {"userArn": "arn:aws:iam::111122223333:user/ann"}}
THROUGH_GATEWAY = {CONTEXT_HEADER: json.dumps(SIGNED)}
Setting = Callable[[str, str], None]
Gateway = Callable[[dict[str, Any]], Any]


class Context:
    """What Lambda hands to a function beside its event."""

    aws_request_id = "r"
    function_name = "query"


def recorded(name: str, **changes: Any) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"api_proxy_{name}.json").read_text())
    return event | changes


def caller(host: str) -> TestClient:
    return TestClient(create_app(), client=(host, 50_000), raise_server_exceptions=False)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """The function as Lambda calls it, on an event loop that ends with the test."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield lambda event: query_function.handler(event, Context())
    asyncio.set_event_loop(None)
    loop.close()
    query_function._adapter.cache_clear()


@pytest.fixture
def iam(setting: Setting) -> None:
    setting("ASKBUCKET_AUTH", "iam")


# --- auth=none ----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1"])
def test_without_authentication_this_machine_is_served(host: str) -> None:
    assert caller(host).get("/documents").status_code == 200


@pytest.mark.parametrize("host", ["192.168.1.7", "203.0.113.7", "localhost.evil", "", "::"])
def test_without_authentication_no_other_machine_is_served(host: str) -> None:
    told = problem(caller(host).get("/documents"), 403)

    assert "on this machine" in told["detail"]


def test_a_forwarded_address_does_not_make_a_caller_local() -> None:
    headers = {"x-forwarded-for": "127.0.0.1", **THROUGH_GATEWAY}

    problem(caller("203.0.113.7").get("/documents", headers=headers), 403)


# --- auth=iam -----------------------------------------------------------------------------------

PROTECTED = [
    ("POST", "/query", {"question": "a"}),
    ("POST", "/query/stream", {"question": "a"}),
    ("POST", "/search", {"query": "a"}),
    ("POST", "/questions", {"question": "a"}),
    ("GET", f"/questions/{'0' * 32}", None),
    ("GET", "/sessions/x", None),
    ("DELETE", "/sessions/x", None),
    ("GET", "/documents", None),
    ("POST", "/documents", {"key": "a"}),
    ("GET", "/documents/x", None),
    ("DELETE", "/documents/x", None),
    ("GET", "/documents/x/pages/1", None),
    ("GET", "/documents/x/content", None),
]


@pytest.mark.usefixtures("iam")
@pytest.mark.parametrize(("method", "path", "body"), PROTECTED)
def test_who_did_not_come_through_the_gateway_is_403_on_every_route(
    method: str, path: str, body: Any
) -> None:
    told = problem(caller("127.0.0.1").request(method, path, json=body), 403)

    assert "gateway" in told["detail"]


@pytest.mark.usefixtures("iam")
def test_the_gateway_s_header_is_dropped_outside_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)

    problem(caller("127.0.0.1").get("/documents", headers=THROUGH_GATEWAY), 403)


@pytest.mark.usefixtures("iam")
def test_the_gateway_s_header_is_believed_inside_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "stream")

    assert caller("127.0.0.1").get("/documents", headers=THROUGH_GATEWAY).status_code == 200


@pytest.mark.usefixtures("iam")
@pytest.mark.parametrize("value", ["", "{", "[]", "{}", '{"apiId": ""}', '"apiId"', "null"])
def test_a_header_that_names_no_api_is_no_gateway(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "stream")

    problem(caller("127.0.0.1").get("/documents", headers={CONTEXT_HEADER: value}), 403)


# --- behind API Gateway's proxy integration -----------------------------------------------------


@pytest.mark.usefixtures("iam")
def test_a_question_through_the_gateway_is_answered(gateway: Gateway) -> None:
    reply = gateway(recorded("query"))

    assert reply["statusCode"] == 200
    body = json.loads(reply["body"])
    assert body["answer"] == "The monthly rent is 1,577 euros. [1]"
    assert reply["isBase64Encoded"] is False


@pytest.mark.usefixtures("iam")
def test_a_base64_body_is_read(gateway: Gateway) -> None:
    body = base64.b64encode(b'{"question": "How much is the monthly rent?"}').decode()

    reply = gateway(recorded("query", body=body, isBase64Encoded=True))

    assert reply["statusCode"] == 200


@pytest.mark.usefixtures("iam")
def test_a_query_string_through_the_gateway_is_decoded(gateway: Gateway) -> None:
    reply = gateway(recorded("documents"))

    documents = json.loads(reply["body"])["documents"]
    assert [each["document"] for each in documents] == ["leases/main street.txt"]


@pytest.mark.usefixtures("iam")
@pytest.mark.parametrize("context", [{}, {"apiId": ""}, {"identity": {"sourceIp": "127.0.0.1"}}])
def test_an_event_that_names_no_api_is_403_whatever_its_headers_say(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, context: dict[str, Any]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "query")
    event = recorded("query")
    event["multiValueHeaders"][CONTEXT_HEADER] = [THROUGH_GATEWAY[CONTEXT_HEADER]]
    event["requestContext"] = {"identity": {"sourceIp": "127.0.0.1"}, **context}

    reply = gateway(event)

    assert reply["statusCode"] == 403


@pytest.mark.usefixtures("iam")
def test_a_refusal_through_the_gateway_is_a_problem(gateway: Gateway) -> None:
    reply = gateway(recorded("query", body='{"question": ""}'))

    assert reply["statusCode"] == 422
    headers = {**reply.get("headers", {}), **reply.get("multiValueHeaders", {})}
    assert "application/problem+json" in str(headers["content-type"])
    assert json.loads(reply["body"])["errors"][0]["field"] == "question"


def test_a_fault_through_the_gateway_is_a_problem_too(
    gateway: Gateway, wired: Callable[[str, Any], None]
) -> None:
    class Broken:
        def health(self) -> str:
            raise RuntimeError("password is hunter2")

    wired("store", Broken())

    reply = gateway(recorded("documents", path="/health"))

    assert reply["statusCode"] == 500
    assert json.loads(reply["body"])["title"] == "Internal Server Error"
    assert "hunter2" not in json.dumps(reply)


# --- the description ----------------------------------------------------------------------------

ROUTES = {
    ("get", "/documents"),
    ("post", "/documents"),
    ("get", "/documents/{document_id}"),
    ("delete", "/documents/{document_id}"),
    ("get", "/documents/{document_id}/content"),
    ("get", "/documents/{document_id}/pages/{number}"),
    ("get", "/health"),
    ("post", "/query"),
    ("post", "/query/stream"),
    ("post", "/feedback"),
    ("post", "/search"),
    ("post", "/questions"),
    ("get", "/questions/{question_id}"),
    ("get", "/sessions/{session_id}"),
    ("delete", "/sessions/{session_id}"),
}


def test_openapi_lists_every_route_and_every_reference_leads_somewhere() -> None:
    described = caller("127.0.0.1").get("/openapi.json").json()

    assert described["openapi"].startswith("3.")
    found = {(method, path) for path, item in described["paths"].items() for method in item}
    assert found == ROUTES
    for reference in _references(described):
        node = described
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    operations = [op for item in described["paths"].values() for op in item.values()]
    assert len({op["operationId"] for op in operations}) == len(operations)
    for operation in operations:
        assert operation["description"]
        assert {"500", "503"} <= set(operation["responses"])
        refusal = operation["responses"]["503"]["content"]
        assert set(refusal) == {"application/problem+json"}


def test_the_docs_page_is_served() -> None:
    assert caller("127.0.0.1").get("/docs").status_code == 200


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()
