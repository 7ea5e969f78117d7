"""Callers of several tenants and groups, through the gateway's recorded events."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from askbucket import wiring
from askbucket.models import Document, Status
from lambdas.query import handler as query_function
from tests.unit.lambdas.parts import BUCKET, NOW, Library, committed

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

EVENTS = Path(__file__).parents[2] / "events"
EVENT, BY_KEY = EVENTS / "api_proxy_documents.json", EVENTS / "api_proxy_key.json"
Reply = tuple[int, Any]
Ask = Callable[..., Reply]
OURS, HR, THEIRS = "acme/a.txt", "acme/hr.txt", "acme-2/a.txt"
IDS = {key: Document(BUCKET, key).id for key in (OURS, HR, THEIRS, "nobody.txt")}


@pytest.fixture(scope="module", autouse=True)
def shelf(library: Library) -> None:
    everyone, hr = ("groups=",), ("groups=hr",)
    committed(library.manifest, OURS, tenant="acme", groups=everyone)
    committed(library.manifest, HR, tenant="acme", groups=hr)
    committed(library.manifest, THEIRS, tenant="acme-2", groups=everyone)
    committed(library.manifest, "nobody.txt", Status.FAILED, tenant="", groups=everyone)


class Context:
    aws_request_id = "r"
    function_name = "query"


@pytest.fixture
def ask(setting: Callable[[str, str], None]) -> Iterator[Ask]:
    """A request by a token's caller."""
    for name, value in {"AUTH": "jwt", "TENANTS": "prefix", "GROUPS_LABEL": "groups"}.items():
        setting(f"ASKBUCKET_{name}", value)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    query_function._adapter.cache_clear()
    yield request
    asyncio.set_event_loop(None)
    loop.close()
    query_function._adapter.cache_clear()


def request(
    method: str,
    path: str,
    tenant: Any = "acme",
    groups: Any = (),
    *,
    body: Any = None,
    query: dict[str, str] | None = None,
) -> Reply:
    event: dict[str, Any] = json.loads(EVENT.read_text())
    claims = {"sub": "ann", "exp": 4_000_000_000, "custom:tenant": tenant}
    claims |= {"cognito:groups": list(groups)}
    event |= {
        "httpMethod": method,
        "path": path,
        "body": json.dumps(body) if body is not None else None,
        "queryStringParameters": query or {},
        "multiValueQueryStringParameters": {k: [v] for k, v in (query or {}).items()},
    }
    event["multiValueHeaders"]["content-type"] = ["application/json"]
    event["requestContext"] |= {"authorizer": {"claims": json.dumps(claims)}, "httpMethod": method}
    return _reply(event)


def _reply(event: dict[str, Any]) -> Reply:
    reply: Any = query_function.handler(event, Context())
    return reply["statusCode"], json.loads(reply["body"]) if reply["body"] else None


def listed(reply: Reply) -> list[str]:
    assert reply[0] == 200, reply
    return [each["document"] for each in reply[1]["documents"]]


@pytest.mark.parametrize(
    ("tenant", "groups", "query", "keys"),
    [
        ("acme", (), {}, [OURS]),
        ("acme", ("hr",), {}, [OURS, HR]),
        ("acme", ("hr-2",), {"prefix": "acme/h"}, []),
        ("acme", ("hr",), {"prefix": "a"}, [OURS, HR]),
        ("acme", (), {"prefix": "acme-2/"}, []),
        ("acme", (), {"key": THEIRS}, []),
        ("acme", (), {"key": HR}, []),
        ("acme", (), {"key": "nobody.txt"}, []),
        ("acme-2", ("hr",), {}, [THEIRS]),
        ("globex", ("hr",), {}, []),
    ],
)
def test_a_list_holds_what_the_caller_may_know_of(
    ask: Ask, tenant: str, groups: tuple[str, ...], query: dict[str, str], keys: list[str]
) -> None:
    assert listed(ask("GET", "/documents", tenant, groups, query=query)) == keys


def test_a_cursor_names_no_hidden_document(ask: Ask) -> None:
    code, body = ask("GET", "/documents", query={"limit": "1"})
    keys = [each["document"] for each in body["documents"]]
    while "cursor" in body:
        assert "hr.txt" not in str(_decoded(body["cursor"]))
        code, body = ask("GET", "/documents", query={"limit": "1", "cursor": body["cursor"]})
        keys += [each["document"] for each in body["documents"]]

    assert (code, keys) == (200, [OURS])


def _decoded(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor)


@pytest.mark.parametrize("key", [THEIRS, HR, "nobody.txt"])
@pytest.mark.parametrize(("method", "way"), [("GET", ""), ("GET", "/content"), ("DELETE", "")])
def test_a_foreign_or_hidden_document_is_404(ask: Ask, key: str, method: str, way: str) -> None:
    code, body = ask(method, f"/documents/{IDS[key]}{way}")

    assert code == 404
    assert key not in json.dumps(body)
    assert ask("GET", f"/documents/{IDS[HR]}", groups=["hr"])[0] == 200


@pytest.mark.parametrize("key", ["a.txt", "acme", "acme/", "acme-2/a.txt", "/acme/a.txt", "Acme/a"])
def test_an_upload_outside_the_prefix_is_403_and_names_it(ask: Ask, key: str) -> None:
    code, body = ask("POST", "/documents", body={"key": key})

    assert code == 403
    assert "'acme/'" in body["detail"]


def test_an_upload_takes_no_key_of_hidden_documents(ask: Ask) -> None:
    assert ask("POST", "/documents", body={"key": "acme/new.txt"})[0] == 201
    assert ask("POST", "/documents", body={"key": HR}, groups=["hr"])[0] == 201
    assert ask("POST", "/documents", body={"key": HR})[0] == 403


@pytest.mark.parametrize("claim", ["", "Acme", "a/b", "..", "x" * 65, None, 5, ["acme"]])
def test_a_claim_that_names_no_tenant_is_403(ask: Ask, claim: Any) -> None:
    assert ask("GET", "/documents", claim)[0] == 403


def test_what_the_request_says_chooses_no_tenant(ask: Ask) -> None:
    for query in ({"tenant": "acme-2"}, {"custom:tenant": "acme-2"}):
        assert listed(ask("GET", "/documents", query=query)) == [OURS]
    assert ask("POST", "/search", body={"query": "a", "tenant": "acme-2"})[0] == 422


def test_a_document_is_hidden_until_its_groups_are_known(ask: Ask, library: Library) -> None:
    document = Document(BUCKET, "acme/coming.txt")
    of = document.id, library.manifest.claim(document, "acme", NOW).generation
    assert ask("GET", f"/documents/{document.id}", groups=["hr"])[0] == 404

    library.manifest.advance(*of, NOW, status="reading", version="v", coming=["groups=hr"])

    assert ask("GET", f"/documents/{document.id}", groups=["hr"])[0] == 200
    assert ask("GET", f"/documents/{document.id}")[0] == 404


# --- callers that no token tells of -------------------------------------------------------------


def by_role(arn: str) -> Reply:
    event: dict[str, Any] = json.loads(EVENT.read_text())
    event["queryStringParameters"] = event["multiValueQueryStringParameters"] = {}
    event["requestContext"]["identity"]["userArn"] = arn
    return _reply(event)


def test_a_role_is_of_the_tenant_it_was_assigned_to(
    ask: Ask,
    setting: Callable[[str, str], None],
) -> None:
    setting("ASKBUCKET_AUTH", "iam")
    session = "arn:aws:sts::123456789012:assumed-role/Reader/"

    assert by_role(f"{session}acme")[0] == 403

    wiring.callers().assign("arn:aws:iam::123456789012:role/x/Reader", "acme", ["hr"])
    assert listed(by_role(f"{session}acme-2"))[:2] == [OURS, "acme/coming.txt"]

    wiring.callers().assign("arn:aws:iam::123456789012:role/Reader", "acme-2")
    assert listed(by_role(f"{session}any")) == [THEIRS]


def by_key(**identity: Any) -> Reply:
    event: dict[str, Any] = json.loads(BY_KEY.read_text())
    event["requestContext"]["identity"] |= identity
    return _reply(event)


def test_a_key_is_of_the_tenant_it_was_made_for(
    ask: Ask, setting: Callable[[str, str], None]
) -> None:
    setting("ASKBUCKET_AUTH", "api_key")
    key_id = json.loads(BY_KEY.read_text())["requestContext"]["identity"]["apiKeyId"]
    assert by_key()[0] == 403  # a key of the plan, but of nobody's

    wiring.callers().assign(key_id, "acme", ["hr"])
    assert listed(by_key())[:2] == [OURS, "acme/coming.txt"]
    assert HR in listed(by_key())

    wiring.callers().assign(key_id, "acme-2")
    assert listed(by_key()) == [THEIRS]


@pytest.mark.parametrize("key_id", [None, "", "k1a2b3c4d6", 7, ["k1a2b3c4d5"]])
def test_another_key_s_id_or_none_is_nobody(
    ask: Ask, setting: Callable[[str, str], None], key_id: Any
) -> None:
    """Whatever the key's value: it comes with the event, and is looked at by the gateway alone."""
    setting("ASKBUCKET_AUTH", "api_key")
    wiring.callers().assign("k1a2b3c4d5", "acme")
    wiring.callers().assign("nVx0kEXAMPLEkeyEXAMPLEkeyEXAMPLEkeyEXAM", "acme")

    assert by_key(apiKeyId=key_id)[0] == 403
    assert by_key(apiKeyId=key_id, userArn="arn:aws:iam::123456789012:user/ann")[0] == 403
