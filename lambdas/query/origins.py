"""Web pages of other origins: which may read our replies, by the setting `cors_origins`."""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from askbucket import wiring

METHODS = ("GET", "POST", "DELETE")
HEADERS = (
    *("authorization", "content-type", "idempotency-key"),
    *("x-api-key", "x-amz-date", "x-amz-security-token"),
)
TOLD = ("location", "retry-after")
REMEMBERED_SECONDS = 3600


class Origins:
    """ASGI middleware: names an origin that is on the list, and only that one. No cookie is ever
    asked for, so credentials are not allowed. Settings are read with the first request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._allowing: CORSMiddleware | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (origins := wiring.settings().origins):
            await self._app(scope, receive, send)
            return
        if self._allowing is None:
            self._allowing = CORSMiddleware(
                self._app,
                allow_origins=origins,
                allow_methods=METHODS,
                allow_headers=HEADERS,
                expose_headers=TOLD,
                max_age=REMEMBERED_SECONDS,
            )
        await self._allowing(scope, receive, send)
