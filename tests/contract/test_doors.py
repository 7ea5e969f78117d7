"""The deployed gateway's doors: every route of the app, by tokens and by keys, in the emulator."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from fastapi.routing import APIRoute

from lambdas.query.app import create_app
from local.deploy import assembly, deploy
from local.emulator import CREDENTIALS, Emulator
from local.keys import Keys
from local.target import ClientFailed, Target
from tests.unit.issuer_served import AUDIENCE, Issuer, served_issuer

pytestmark = pytest.mark.slow

CONTEXT = {
    "layers": "venv",
    "bucket_name": "askbucket",
    "store": "qdrant+http://127.0.0.1:1/askbucket",
    "embedder": "askbucket.minilm-l6-v2",
    "chat_model": "askbucket.extractive",
}
DESCRIPTION = "/openapi.json"  # told to whoever the gateway lets in


def routes() -> list[tuple[str, str]]:
    """Method and path of every route of the app that is described."""
    made = [route for route in create_app().routes if isinstance(route, APIRoute)]
    found = [route for route in made if route.include_in_schema]
    paths = sorted((method, route.path) for route in found for method in route.methods)
    return [(method, re.sub(r"\{[^}]*\}", "1", path)) for method, path in paths]


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with served_issuer() as made:
        yield made


@pytest.fixture(scope="module")
def by_token(tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[httpx.Client]:
    told = {"auth": "jwt", "jwt_issuer": "https://replaced.invalid", "jwt_audience": AUDIENCE}
    folder = tmp_path_factory.mktemp("tokens")
    made = assembly(folder / "cache", {**CONTEXT, **told})
    with Emulator(folder / "data") as aws:
        outputs = deploy(aws.endpoint, made, {"ASKBUCKET_JWT_ISSUER": issuer.url})
        with httpx.Client(base_url=outputs["ApiUrl"], trust_env=False, timeout=60) as http:
            yield http


def refused(reply: httpx.Response, status: int) -> None:
    """By the gateway itself, in words that help."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["request_id"]


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_no_route_opens_without_a_good_token(by_token: httpx.Client, issuer: Issuer) -> None:
    past = int(time.time()) - 3600
    others = {
        "no token": {},
        "a signature": {"authorization": "AWS4-HMAC-SHA256 Credential=a"},
        "expired": bearing(issuer.token(exp=past)),
        "for another app": bearing(issuer.token(aud="another")),
        "forged": bearing(issuer.token("stolen")),
    }
    for method, path in routes():
        for headers in others.values():
            refused(by_token.request(method, path, headers=headers), 401)


def test_a_good_token_opens_every_route(by_token: httpx.Client, issuer: Issuer) -> None:
    token = bearing(issuer.token())
    assert by_token.get(DESCRIPTION, headers=token).status_code == 200
    assert by_token.get("/documents", headers=token).json() == {"documents": []}
    for method, path in routes():
        reply = by_token.request(method, path, headers=token)
        assert reply.status_code not in (401, 403), (method, path, reply.text)
        assert reply.status_code == (422 if method == "POST" else reply.status_code), path
        assert reply.status_code != 500, (method, path, reply.text)


def test_what_is_no_route_is_404_and_reaches_nobody(by_token: httpx.Client, issuer: Issuer) -> None:
    """So is a body that goes round its model: by another spelling of the path, or method."""
    for method, path in (
        ("GET", "/nowhere"),
        ("GET", "/metrics"),
        ("PUT", "/query"),
        ("POST", "/Query"),
        ("POST", "/query/other"),
        ("DELETE", "/documents"),
    ):
        refused(by_token.request(method, path, headers=bearing(issuer.token())), 404)


# --- keys ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("keys")
    made = assembly(folder / "cache", {**CONTEXT, "auth": "api_key"})
    with Emulator(folder / "data") as aws:
        outputs = deploy(aws.endpoint, made)
        yield Target(outputs["ApiUrl"], "askbucket", aws.endpoint, outputs)


@pytest.fixture(scope="module")
def by_key(target: Target) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=target.api_url, trust_env=False, timeout=60) as http:
        yield http


def aws(target: Target, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=target.aws_endpoint,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def test_no_route_opens_without_a_key_of_the_plan(target: Target, by_key: httpx.Client) -> None:
    stranger = aws(target, "apigateway").create_api_key(name="of no plan", enabled=True)["value"]
    for method, path in routes():
        for headers in ({}, {"x-api-key": "guessed"}, {"x-api-key": stranger}):
            refused(by_key.request(method, path, headers=headers), 403)


def test_a_key_opens_until_it_is_revoked(target: Target, by_key: httpx.Client) -> None:
    keys = Keys.of(target)
    made, value = keys.add("Ann's laptop", "acme")
    assert by_key.get(DESCRIPTION, headers={"x-api-key": value}).status_code == 200
    assert list(keys.list()) == [made]

    assert keys.remove(made.id)
    refused(by_key.get(DESCRIPTION, headers={"x-api-key": value}), 403)
    assert list(keys.list()) == []
    assert not keys.remove(made.id)


def test_a_tenant_s_key_is_written_down_where_the_api_looks(target: Target) -> None:
    keys, dynamodb = Keys.of(target), aws(target, "dynamodb")
    table = target.outputs["AnswersTableName"]
    made, value = keys.add("reports", "acme")
    (item,) = dynamodb.scan(TableName=table)["Items"]
    assert item["id"] == {"S": f"caller#{made.id}"}
    assert item["tenant"] == {"S": "acme"}
    assert value not in str(item)

    keys.remove(made.id)
    assert dynamodb.scan(TableName=table)["Items"] == []


def test_a_stack_without_keys_says_how_to_have_them() -> None:
    with pytest.raises(ClientFailed, match="-c auth=api_key"):
        Keys.of(Target("https://api", "bucket", None, {}))
