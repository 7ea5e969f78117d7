"""Lets callers in by the token they bear. The gateway asks here, and keeps the word for minutes.

In, `{"type": "TOKEN", "authorizationToken": "Bearer …", "methodArn": "arn:…:API/STAGE/GET/path"}`.
Out, a policy for the whole API, since the word is kept for every route, and the token's claims as
JSON, which `lambdas.query.identity` reads. To raise "Unauthorized" is how a 401 is told.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from askbucket.errors import Unauthorized
from askbucket.log import event as log
from askbucket.tokens import Tokens, tokens_of

SCHEME = "bearer"


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    try:
        claims = _tokens().claims(_borne(event["authorizationToken"]))
    except Unauthorized as error:
        log("token_refused", reason=str(error))
        raise RuntimeError("Unauthorized") from None  # the very word that the gateway looks for
    return _allowed(claims, event["methodArn"])


def _borne(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != SCHEME:
        raise Unauthorized("the Authorization header bears no token")
    return token.strip()


def _allowed(claims: dict[str, Any], method_arn: str) -> dict[str, Any]:
    api, stage = method_arn.split("/")[:2]
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": str(claims["sub"]),
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"claims": json.dumps(claims)},
    }


@cache
def _tokens() -> Tokens:
    return tokens_of(os.environ["ASKBUCKET_JWT_ISSUER"], os.environ["ASKBUCKET_JWT_AUDIENCE"])
