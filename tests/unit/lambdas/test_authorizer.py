"""Which tokens let a caller in: real ones, by an issuer's real keys."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from askbucket.errors import TryAgain
from askbucket.tokens import tokens_of
from lambdas.authorizer import handler as authorizer
from tests.unit.issuer_served import AUDIENCE, HOUR, Issuer, served_issuer

METHOD = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3d4e5/v1/GET/documents"
LONG_AGO = int(time.time()) - 10 * HOUR


@pytest.fixture(scope="module")
def served() -> Iterator[Issuer]:
    with served_issuer() as issuer:
        yield issuer


@pytest.fixture
def issuer(served: Issuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    monkeypatch.setenv("ASKBUCKET_JWT_ISSUER", served.url)
    monkeypatch.setenv("ASKBUCKET_JWT_AUDIENCE", AUDIENCE)
    authorizer._tokens.cache_clear()
    yield served
    served.public = ["rsa", "ec"]
    served.broken = False
    authorizer._tokens.cache_clear()


def asked(header: str) -> dict[str, Any]:
    event = {"type": "TOKEN", "authorizationToken": header, "methodArn": METHOD}
    return authorizer.handler(event, None)


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def refused(header: str) -> None:
    with pytest.raises(RuntimeError, match=r"^Unauthorized$"):
        asked(header)


@pytest.mark.parametrize("kid", ["rsa", "ec"])
def test_a_good_token_lets_in_to_every_route_with_its_claims(issuer: Issuer, kid: str) -> None:
    groups = {"cognito:groups": ["hr"], "custom:tenant": "acme"}
    told = asked(f"Bearer {issuer.token(kid, **groups)}")

    (statement,) = told["policyDocument"]["Statement"]
    assert told["principalId"] == "ann"
    assert (statement["Effect"], statement["Action"]) == ("Allow", "execute-api:Invoke")
    assert statement["Resource"] == METHOD.removesuffix("GET/documents") + "*"
    claims = json.loads(told["context"]["claims"])
    assert (claims["sub"], claims["cognito:groups"]) == ("ann", ["hr"])
    assert claims["custom:tenant"] == "acme"


def test_a_cognito_access_token_names_the_app_as_its_client(issuer: Issuer) -> None:
    token = issuer.token(aud=None, client_id=AUDIENCE, token_use="access")
    assert asked(f"bearer {token}")["principalId"] == "ann"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-app"},
        {"aud": ["another", "apps"]},
        {"aud": None},
        {"aud": None, "client_id": AUDIENCE},
        {"token_use": "access", "client_id": "another-app"},
        {"token_use": "refresh"},
        {"iss": "https://another.example"},
        {"iss": None},
        {"sub": None},
        {"exp": None},
        {"exp": LONG_AGO},
        {"nbf": int(time.time()) + HOUR},
        {"iat": int(time.time()) + HOUR},
    ],
)
def test_a_token_of_another_place_or_time_is_refused(
    issuer: Issuer, changes: dict[str, Any]
) -> None:
    refused(f"Bearer {issuer.token(**changes)}")


def test_an_audience_among_others_is_enough(issuer: Issuer) -> None:
    assert asked(f"Bearer {issuer.token(aud=['another', AUDIENCE])}")["principalId"] == "ann"


def test_a_signature_by_a_key_that_is_not_published_is_refused(issuer: Issuer) -> None:
    refused(f"Bearer {issuer.token('stolen')}")


def test_a_stolen_name_of_a_published_key_is_refused(issuer: Issuer) -> None:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    forged = jwt.encode(claims, issuer.keys["stolen"], "RS256", headers={"kid": "rsa"})
    refused(f"Bearer {forged}")


def test_a_token_without_signature_is_refused(issuer: Issuer) -> None:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    refused(f"Bearer {jwt.encode(claims, None, 'none', headers={'kid': 'rsa'})}")


def test_the_public_key_is_no_shared_secret(issuer: Issuer) -> None:
    """The oldest attack: HS256 by the text of the public key, which everybody can read."""
    _, body, _ = issuer.token().split(".")
    pem = (
        issuer.keys["rsa"]
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    head = unpadded(json.dumps({"alg": "HS256", "kid": "rsa"}).encode())
    mac = hmac.digest(pem, f"{head}.{body}".encode(), "sha256")
    refused(f"Bearer {head}.{body}.{unpadded(mac)}")


@pytest.mark.parametrize("alg", ["RS512", "PS256"])
def test_other_algorithms_of_the_same_key_are_refused(issuer: Issuer, alg: str) -> None:
    refused(f"Bearer {issuer.token(alg=alg)}")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer a.b.c", "Basic YTpi", "a.b.c"])
def test_what_is_no_token_is_refused(issuer: Issuer, header: str) -> None:
    refused(header)


def test_a_changed_claim_is_refused(issuer: Issuer) -> None:
    head, body, signature = issuer.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed = unpadded(json.dumps({**claims, "sub": "bob"}).encode())
    refused(f"Bearer {head}.{changed}.{signature}")


def test_unknown_keys_do_not_make_us_ask_the_issuer_each_time(issuer: Issuer) -> None:
    asked(f"Bearer {issuer.token()}")
    before = issuer.fetched
    for _ in range(20):
        refused(f"Bearer {issuer.token('stolen')}")
    assert issuer.fetched == before


def test_an_issuer_that_is_down_is_nobody_s_refusal(issuer: Issuer) -> None:
    issuer.broken = True
    with pytest.raises(TryAgain):
        asked(f"Bearer {issuer.token()}")

    issuer.broken = False
    assert asked(f"Bearer {issuer.token()}")["principalId"] == "ann"


def test_keys_are_only_taken_from_who_tells_to_be_the_issuer(issuer: Issuer) -> None:
    with pytest.raises(TryAgain, match="tells of issuer"):
        tokens_of(f"{issuer.url}/", AUDIENCE)
