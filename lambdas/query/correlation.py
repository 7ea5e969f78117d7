"""One id for all that is logged of a request: the gateway's own, so that its logs name it too."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from askbucket import wiring
from askbucket.log import following, write_from
from lambdas.query.identity import CONTEXT_HEADER


class Correlation:
    """ASGI middleware. Also hands out what the request counted, before Lambda freezes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        write_from(wiring.settings().log_level)
        with following(_request_id(scope)):
            try:
                await self._app(scope, receive, send)
            finally:
                wiring.metrics().flush()


def _request_id(scope: Scope) -> str | None:
    """None outside Lambda: there is no gateway, and callers do not choose what is logged."""
    event = scope.get("aws.event")
    context = event.get("requestContext") if event is not None else _adapter_s_context(scope)
    found = context.get("requestId") if isinstance(context, dict) else None
    return found if isinstance(found, str) else None


def _adapter_s_context(scope: Scope) -> Mapping[str, Any]:
    """The gateway's request context as the Web Adapter passes it on, believed only in Lambda."""
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    try:
        context = json.loads(Headers(scope=scope).get(CONTEXT_HEADER, ""))
    except ValueError:
        return {}
    return context if isinstance(context, dict) else {}
