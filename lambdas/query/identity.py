"""Who is asking: told by API Gateway, never by the caller.

The gateway checks the signature; a request that did not pass through it is refused. Behind the
proxy integration its word is the event's request context. Behind the Lambda Web Adapter it is a
header, which is believed only inside Lambda, where nothing else can reach the app.
"""

from __future__ import annotations

import ipaddress
import json
import os
from typing import Annotated, Any

from fastapi import Depends, Request

from askbucket import wiring
from askbucket.answer.question import Caller
from askbucket.errors import Forbidden
from askbucket.models import DEFAULT_TENANT

LOCAL_SUBJECT = "local"  # who asks where nobody is told apart
CONTEXT_HEADER = "x-amzn-request-context"


def caller_of(request: Request) -> Caller:
    """Who asks. Raises Forbidden for a caller the gateway has not let in."""
    if wiring.settings().auth == "none":
        _require_loopback(request)
        return Caller(DEFAULT_TENANT, LOCAL_SUBJECT)
    context = _gateway_context(request)
    if not context.get("apiId"):
        raise Forbidden("this address is not the API's: send signed requests to the gateway's URL")
    return Caller(DEFAULT_TENANT, _subject(context))


Asking = Annotated[Caller, Depends(caller_of)]


def tenant_of(caller: Asking) -> str:
    """The caller's tenant."""
    return caller.tenant


Tenant = Annotated[str, Depends(tenant_of)]


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
        return event.get("requestContext") or {}
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    try:
        context = json.loads(request.headers.get(CONTEXT_HEADER, ""))
    except ValueError:
        return {}
    return context if isinstance(context, dict) else {}


def _subject(context: dict[str, Any]) -> str:
    """The IAM principal, or the subject of a token; blank where the gateway names nobody."""
    authorizer = context.get("authorizer") or {}
    claims = authorizer.get("claims") or authorizer.get("jwt", {}).get("claims") or {}
    identity = context.get("identity") or {}
    return str(claims.get("sub") or identity.get("userArn") or "")
