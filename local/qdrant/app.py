"""A Qdrant server's REST API for offline use, as a Starlette app over Qdrant Edge.

The engine is Qdrant's own, in this process; what is written here is the door to it. It exists
because a shard can be open in one process only, while the offline stack has several (Lambda
functions and the API), and because it lets them use qdrant-client as they do when deployed.

Routes not listed in `ROUTES` are answered 501 by name. Replies are Qdrant's:
`{"result": ..., "status": "ok", "time": seconds}`, or
`{"status": {"error": text}, "time": seconds}`.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.qdrant import handlers
from local.qdrant.collections import Collections
from local.qdrant.errors import BadRequest, NotOffered, QdrantError, TooLarge
from local.qdrant.handlers import Call

# qdrant-client warns at its first call unless the server's minor version is within one of its
# own. Edge 0.9 names no server version; this is the client's, which pyproject.toml pins.
VERSION = "1.20.0"
MAX_BODY_BYTES = 32 * 2**20  # Qdrant's default, max_request_size_mb
UPKEEP_INTERVAL_S = 1.0

LOG = logging.getLogger(__name__)

Handler = Callable[[Collections, Call], Any]

COLLECTION = "/collections/{collection}"
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/collections", handlers.list_collections),
    ("PUT", COLLECTION, handlers.create_collection),
    ("GET", COLLECTION, handlers.get_collection),
    ("DELETE", COLLECTION, handlers.delete_collection),
    ("GET", COLLECTION + "/exists", handlers.collection_exists),
    ("PUT", COLLECTION + "/index", handlers.create_index),
    ("PUT", COLLECTION + "/points", handlers.upsert),
    ("POST", COLLECTION + "/points", handlers.retrieve),
    ("POST", COLLECTION + "/points/delete", handlers.delete_points),
    ("POST", COLLECTION + "/points/count", handlers.count),
    ("POST", COLLECTION + "/points/scroll", handlers.scroll),
    ("POST", COLLECTION + "/points/query", handlers.query),
    ("POST", COLLECTION + "/points/query/batch", handlers.query_batch),
)
# Not worth a thread: Edge holds Python's lock all through a search, and waking one costs more.
SEARCHES = (handlers.query, handlers.query_batch)
EVERY_METHOD = ["GET", "PUT", "POST", "PATCH", "DELETE"]


def create_app(data: Path, api_key: str | None) -> Starlette:
    """The app over the collections in folder `data`; with a key, every route but health wants it.

    Its lifespan runs the upkeep (flush, compact) and closes the collections at the end.
    """
    collections = Collections(data)
    door = _Door(collections, api_key)
    routes = [
        Route("/", _version),
        *(Route(path, _healthy) for path in ("/healthz", "/readyz", "/livez")),
        *(Route(path, door.opened(handler), methods=[method]) for method, path, handler in ROUTES),
        Route("/{path:path}", door.opened(None), methods=EVERY_METHOD),
    ]
    return Starlette(
        routes=routes,
        lifespan=_lifespan(collections),
        exception_handlers={Exception: _unforeseen},
    )


def _lifespan(collections: Collections) -> Any:
    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        stop = threading.Event()
        upkeep = threading.Thread(target=_keep, args=(collections, stop), name="qdrant-upkeep")
        upkeep.start()
        try:
            yield
        finally:
            stop.set()
            await run_in_threadpool(upkeep.join)
            await run_in_threadpool(collections.close)

    return running


def _keep(collections: Collections, stop: threading.Event) -> None:
    while not stop.wait(UPKEEP_INTERVAL_S):
        try:
            collections.keep()
        except QdrantError:
            LOG.exception("qdrant_upkeep_failed")


class _Door:
    """What every request passes on its way to a handler: key, body, thread pool, error mapping."""

    def __init__(self, collections: Collections, api_key: str | None) -> None:
        self._collections = collections
        self._api_key = api_key

    def opened(self, handler: Handler | None) -> Any:
        """An ASGI endpoint for `handler`; without one, for what is not offered."""

        async def endpoint(request: Request) -> Response:
            started = time.perf_counter()
            if not self._admits(request):
                return _failure(401, "Must provide a valid API key", started)
            try:
                return _reply({"result": await self._handled(handler, request)}, started)
            except QdrantError as error:
                return _failure(error.status, str(error), started)

        return endpoint

    def _admits(self, request: Request) -> bool:
        if self._api_key is None:
            return True
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        given = request.headers.get("api-key", bearer)
        return secrets.compare_digest(given.encode(), self._api_key.encode())

    async def _handled(self, handler: Handler | None, request: Request) -> Any:
        if handler is None:
            raise NotOffered(f"`{request.method} {request.url.path}`")
        call = Call(
            collection=request.path_params.get("collection", ""),
            body=await _body(request),
            wait=_flag(request.query_params.get("wait", "false"), "wait"),
        )
        if handler in SEARCHES:
            return handler(self._collections, call)
        return await run_in_threadpool(handler, self._collections, call)


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise TooLarge(f"JSON payload is larger than allowed (limit: {MAX_BODY_BYTES} bytes)")
    return b"".join(parts)


def _flag(text: str, name: str) -> bool:
    if text not in ("true", "false"):
        raise BadRequest(f"Wrong input: query parameter `{name}` is `{text}`, not true or false")
    return text == "true"


def _reply(content: dict[str, Any], started: float, status: int = 200) -> Response:
    shown = {"status": "ok", "time": time.perf_counter() - started, **content}
    return Response(to_json(shown), status, media_type="application/json")


def _failure(status: int, message: str, started: float) -> Response:
    return _reply({"status": {"error": message}}, started, status)


def _unforeseen(_: Request, error: Exception) -> Response:
    message = f"Service internal error: {type(error).__name__}: {error}"
    return _failure(500, message, time.perf_counter())


def _version(_: Request) -> Response:
    return Response(
        to_json({"title": "qdrant - vector search engine", "version": VERSION}),
        media_type="application/json",
    )


def _healthy(request: Request) -> Response:
    return PlainTextResponse(f"{request.url.path.strip('/')} check passed")
