"""Every route against every caller in every way of letting callers in.

The routes are the app's own: a new one is tried here without being named.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from askbucket import wiring
from lambdas.query import handler as query_function
from lambdas.query.app import create_app
from lambdas.query.identity import CONTEXT_HEADER
from tests.unit.lambdas.problems import problem
from tests.unit.lambdas.test_query_identity import Context, recorded

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.usefixtures("library"),
]

OPEN = {("GET", "/health")}  # tells nothing of documents; the gateway asks who calls all the same
BODIES = {
    "/query": {"question": "a"},
    "/query/stream": {"question": "a"},
    "/questions": {"question": "a"},
    "/search": {"query": "a"},
    "/documents": {"key": "a"},
    "/feedback": {"trace_id": "0" * 32, "score": 1},
}
HOUR = 3600
ARN = "arn:aws:sts::111122223333:assumed-role/reader/ann"
Setting = Callable[[str, str], None]
Way = dict[str, Any]


def routes() -> list[tuple[str, str]]:
    """Method and path of every route of the app but its description."""
    found = [r for r in create_app().routes if isinstance(r, APIRoute)]
    return sorted((method, route.path) for route in found for method in route.methods)


GUARDED = [route for route in routes() if route not in OPEN]


def claims(**changes: Any) -> Way:
    told = {"sub": "ann", "exp": int(time.time()) + HOUR, "custom:tenant": "default", **changes}
    return {"claims": json.dumps({name: v for name, v in told.items() if v is not None})}


RIGHT: dict[str, Way] = {
    "iam": {"identity": {"userArn": ARN, "accessKey": "ASIAEXAMPLE"}},
    "jwt": {"identity": {}, "authorizer": claims()},
    "api_key": {"identity": {"apiKeyId": "k1a2b3", "apiKey": "secret"}},
}
NOBODY: Way = {"identity": {"sourceIp": "203.0.113.7", "userArn": None, "apiKeyId": None}}
WRONG: list[tuple[str, str, Way, int]] = [
    *((auth, "nobody", NOBODY, 401 if auth == "jwt" else 403) for auth in RIGHT),
    *(
        (auth, f"known by {other} only", told, 401 if auth == "jwt" else 403)
        for auth in RIGHT
        for other, told in RIGHT.items()
        if other != auth
    ),
    ("jwt", "expired", {"authorizer": claims(exp=int(time.time()) - 1)}, 401),
    ("jwt", "without an end", {"authorizer": claims(exp=None)}, 401),
    ("jwt", "never ending", {"authorizer": {"claims": '{"sub": "ann", "exp": NaN}'}}, 401),
    ("jwt", "of no subject", {"authorizer": claims(sub=None)}, 403),
    ("jwt", "of an odd subject", {"authorizer": claims(sub=["ann"])}, 403),
    ("jwt", "claims that are no JSON", {"authorizer": {"claims": "{"}}, 401),
    ("jwt", "claims that are a list", {"authorizer": {"claims": "[]"}}, 401),
    ("iam", "of an odd principal", {"identity": {"userArn": {"a": 1}}}, 403),
    ("api_key", "blank", {"identity": {"apiKeyId": ""}}, 403),
]


def event(route: tuple[str, str], told: Way, **headers: str) -> dict[str, Any]:
    """The recorded proxy event, for another route and another caller."""
    method, path = route
    body = json.dumps(BODIES[path]) if method == "POST" else None
    made = recorded("query", httpMethod=method, path=re.sub(r"\{[^}]*\}", "1", path), body=body)
    made["multiValueHeaders"] |= {name: [value] for name, value in headers.items()}
    made["requestContext"] = {"apiId": "a1b2c3d4e5", "stage": "v1", **told}
    return made


@pytest.fixture
def gateway() -> Iterator[Callable[[dict[str, Any]], dict[str, Any]]]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield lambda asked: query_function.handler(asked, Context())
    asyncio.set_event_loop(None)
    loop.close()
    query_function._adapter.cache_clear()


def test_every_route_with_a_body_has_one_here() -> None:
    assert {path for method, path in GUARDED if method == "POST"} == set(BODIES)


@pytest.mark.parametrize(("auth", "caller", "told", "status"), WRONG, ids=lambda v: str(v)[:24])
def test_a_wrong_caller_is_refused_on_every_route(
    gateway: Any, setting: Setting, auth: str, caller: str, told: Way, status: int
) -> None:
    setting("ASKBUCKET_AUTH", auth)
    for route in GUARDED:
        reply = gateway(event(route, told))
        assert reply["statusCode"] == status, (caller, route, reply["body"])
        assert json.loads(reply["body"])["status"] == status


@pytest.mark.parametrize("auth", RIGHT)
def test_the_right_caller_comes_past_the_door_of_every_route(
    gateway: Any, setting: Setting, auth: str
) -> None:
    setting("ASKBUCKET_AUTH", auth)
    for route in GUARDED:
        reply = gateway(event(route, RIGHT[auth]))
        assert reply["statusCode"] not in (401, 403, 405, 500), (route, reply["body"])
        if "{" in route[1]:
            assert reply["statusCode"] in (404, 204, 409), (route, reply["body"])


@pytest.mark.parametrize("auth", RIGHT)
def test_nothing_that_the_caller_sends_makes_them_somebody(
    gateway: Any, setting: Setting, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    setting("ASKBUCKET_AUTH", auth)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "query")
    lie = json.dumps({"apiId": "a1b2c3d4e5", **RIGHT[auth]})
    sent = {CONTEXT_HEADER: lie, "authorization": "Bearer a.b.c", "x-api-key": "k1a2b3"}
    for route in GUARDED:
        assert gateway(event(route, NOBODY, **sent))["statusCode"] in (401, 403), route


@pytest.mark.parametrize("auth", RIGHT)
def test_a_header_that_comes_twice_is_no_gateway_s(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, auth: str
) -> None:
    setting("ASKBUCKET_AUTH", auth)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "stream")
    told = json.dumps({"apiId": "a1b2c3d4e5", **RIGHT[auth]})
    with TestClient(create_app(), client=("127.0.0.1", 50_000)) as client:
        once = client.get("/documents", headers=[(CONTEXT_HEADER, told)])
        twice = client.get("/documents", headers=[(CONTEXT_HEADER, told), (CONTEXT_HEADER, told)])
    assert once.status_code == 200
    problem(twice, 403)


def test_a_caller_s_requests_are_used_up_for_the_minute(
    gateway: Any, setting: Setting, wired: Callable[[str, Any], None]
) -> None:
    from askbucket.errors import TooMany

    class UsedUp:
        def admit(self, caller: Any) -> None:
            raise TooMany(f"{caller.subject} has used up 120 requests", 17)

    setting("ASKBUCKET_AUTH", "iam")
    wired("call_limit", UsedUp())
    reply = gateway(event(("GET", "/documents"), RIGHT["iam"]))
    assert reply["statusCode"] == 429
    assert "'17'" in str(reply.get("multiValueHeaders", {}) | reply.get("headers", {}))


# --- web pages of other origins -----------------------------------------------------------------

PAGE = "https://app.example.com"
ASKING = {"origin": PAGE, "access-control-request-method": "POST"}


@pytest.fixture
def listed(setting: Setting) -> None:
    setting("ASKBUCKET_CORS_ORIGINS", f"{PAGE}, https://other.example.com")


def test_no_page_is_named_unless_there_is_a_list(api: TestClient) -> None:
    told = api.get("/documents", headers={"origin": PAGE}).headers
    assert not [name for name in told if name.startswith("access-control")]


@pytest.mark.usefixtures("listed")
def test_a_page_on_the_list_may_read_replies_and_refusals(api: TestClient) -> None:
    for path in ("/documents", "/documents/nowhere"):
        told = api.get(path, headers={"origin": PAGE}).headers
        assert told["access-control-allow-origin"] == PAGE
        assert "access-control-allow-credentials" not in told


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{PAGE}.evil.example"])
def test_a_page_that_is_not_on_the_list_may_not(api: TestClient, origin: str) -> None:
    told = api.get("/documents", headers={"origin": origin}).headers
    assert "access-control-allow-origin" not in told
    assert api.options("/query", headers=ASKING | {"origin": origin}).status_code == 400


@pytest.mark.usefixtures("listed")
def test_a_preflight_asks_for_no_caller(api: TestClient) -> None:
    wiring.settings.cache_clear()
    reply = api.options("/query", headers=ASKING)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == PAGE
