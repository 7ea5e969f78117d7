"""Who is asking: told by API Gateway, never by the caller.

The gateway checks a signature, a token or a key; a request that did not pass through it is refused.
Behind the proxy integration its word is the event's request context. Behind the Lambda Web Adapter
it is a header, which is believed only inside Lambda, where nothing else can reach the app.

What is read of that context, by `ASKBUCKET_AUTH`:

    iam       subject: the principal's ARN (`identity.userArn`)
    jwt       subject: the claim `sub` of the verified token, tenant: the claim
              `ASKBUCKET_TENANT_CLAIM`, groups: the claim `ASKBUCKET_GROUPS_CLAIM`
    api_key   subject: the key's id (`identity.apiKeyId`)

Tenant and groups of a principal or a key are what `askbucket tenant assign` wrote down (see
askbucket/callers.py).
"""

from __future__ import annotations

import ipaddress
import json
import os
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from askbucket import wiring
from askbucket.answer.question import Caller
from askbucket.clock import now_ms
from askbucket.errors import Forbidden, Unauthorized
from askbucket.models import DEFAULT_TENANT

LOCAL_SUBJECT = "local"  # who asks where nobody is told apart
CONTEXT_HEADER = "x-amzn-request-context"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the gateway verified. `tenant` is as a token's claim names it, blank where none does."""

    subject: str
    tenant: str = ""
    groups: frozenset[str] = frozenset()


def caller_of(request: Request) -> Caller:
    """Who asks, of which this request is counted. Raises Forbidden for a caller the gateway has not
    let in, Unauthorized for one whose token has expired since, and TooMany."""
    if wiring.settings().auth == "none":
        _require_loopback(request)
        return Caller(DEFAULT_TENANT, LOCAL_SUBJECT)
    identity = identity_in(_gateway_context(request), wiring.settings().auth)
    caller = _owned(identity, assigned=wiring.settings().auth != "jwt")
    if limit := wiring.call_limit():
        limit.admit(caller)
    return caller


Asking = Annotated[Caller, Depends(caller_of)]


def identity_in(context: dict[str, Any], auth: str) -> Identity:
    """The identity that a request context tells by the stack's one way of letting callers in; what
    it tells by another counts for nothing. Raises as `caller_of` does."""
    if not context.get("apiId"):
        raise Forbidden("this address is not the API's: send requests to the gateway's URL")
    identity = _of_token(context) if auth == "jwt" else _of_gateway(context, auth)
    if not identity.subject:
        raise Forbidden(f"the gateway names no caller, though the API is set up for auth={auth}")
    return identity


def _owned(identity: Identity, *, assigned: bool) -> Caller:
    """The caller of a tenant that there can be. Raises Forbidden for any other.

    Where there is one tenant and no group counts, nothing is looked up.
    """
    rules, tenant, groups = wiring.ownership(), identity.tenant, identity.groups
    if assigned and rules.recipe:
        found = wiring.callers().get(identity.subject)
        tenant, groups = (found.tenant, found.groups) if found else ("", groups)
    return Caller(rules.tenant_named(tenant), identity.subject, groups)


def _of_gateway(context: dict[str, Any], auth: str) -> Identity:
    told = _mapping(context.get("identity"))
    return Identity(_text(told.get("userArn" if auth == "iam" else "apiKeyId")))


def _of_token(context: dict[str, Any]) -> Identity:
    """By the claims that our authorizer verified, which come as JSON.

    The gateway keeps an authorizer's word for minutes, so the token's end is looked at again.
    """
    claims = _json_object(_mapping(context.get("authorizer")).get("claims"))
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or not expires * 1000 > now_ms():
        raise Unauthorized("the token has expired: sign in again")
    of = wiring.settings()
    groups = claims.get(of.groups_claim)
    named = groups if isinstance(groups, list) else [groups]
    return Identity(
        _text(claims.get("sub")),
        _text(claims.get(of.tenant_claim)),
        frozenset(filter(None, map(_text, named))),
    )


def _require_loopback(request: Request) -> None:
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Forbidden("without authentication only callers on this machine are served")


def _gateway_context(request: Request) -> dict[str, Any]:
    """What the gateway says of the request; empty where none does."""
    event = request.scope.get("aws.event")
    if event is not None:
        return _mapping(event.get("requestContext"))
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    told = request.headers.getlist(CONTEXT_HEADER)
    return _json_object(told[0]) if len(told) == 1 else {}


def _json_object(text: object) -> dict[str, Any]:
    try:
        return _mapping(json.loads(text)) if isinstance(text, str) else {}
    except ValueError:
        return {}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Blank for anything that is no text: an absent value is never another one's name."""
    return value if isinstance(value, str) else ""
