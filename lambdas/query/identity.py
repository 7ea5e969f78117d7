"""Who is asking: told by API Gateway, never by the caller.

The gateway checks the signature; a request that did not pass through it is refused. Behind the
proxy integration its word is the event's request context. Behind the Lambda Web Adapter it is a
header, which is believed only inside Lambda, where nothing else can reach the app.
"""

from __future__ import annotations

import ipaddress
import json
import os
from typing import Annotated

from fastapi import Depends, Request

from askbucket import wiring
from askbucket.errors import Forbidden
from askbucket.models import DEFAULT_TENANT

CONTEXT_HEADER = "x-amzn-request-context"


def tenant_of(request: Request) -> str:
    """The caller's tenant. Raises Forbidden for a caller the gateway has not let in."""
    if wiring.settings().auth == "none":
        _require_loopback(request)
    elif not _through_gateway(request):
        raise Forbidden("this address is not the API's: send signed requests to the gateway's URL")
    return DEFAULT_TENANT


Tenant = Annotated[str, Depends(tenant_of)]


def _require_loopback(request: Request) -> None:
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Forbidden("without authentication only callers on this machine are served")


def _through_gateway(request: Request) -> bool:
    event = request.scope.get("aws.event")
    if event is not None:
        return bool(event.get("requestContext", {}).get("apiId"))
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return False
    try:
        context = json.loads(request.headers.get(CONTEXT_HEADER, ""))
    except ValueError:
        return False
    return isinstance(context, dict) and bool(context.get("apiId"))
