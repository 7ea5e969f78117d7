"""The offline Bedrock runtime endpoint: boto3 reaches it through AWS_ENDPOINT_URL_BEDROCK_RUNTIME.

InvokeModel for `askbucket.minilm-l6-v2`, Converse and ConverseStream for `askbucket.extractive`.
Signatures are not checked; nothing leaves the machine.
"""

import json
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.bedrock.converse import Reply, converse_reply, reply_to, stream_events
from local.bedrock.errors import ServiceError, invalid, malformed, unknown_model
from local.bedrock.eventstream import event_frame
from local.bedrock.minilm import MiniLM
from local.bedrock.titan import embedding_reply

EMBEDDER = "askbucket.minilm-l6-v2"
ANSWERER = "askbucket.extractive"
EVENT_STREAM = "application/vnd.amazon.eventstream"

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(cache: Path) -> Starlette:
    """The endpoint as an ASGI app; its model's graph is written into `cache` on first use.

    Raises FileNotFoundError where the package with the weights is missing, ValueError where they
    are not the pinned ones: at start, not at the first question.
    """
    model = MiniLM(cache)
    calls = {"embeddings": 0}

    async def counted(_: Request) -> Response:
        return JSONResponse(calls)

    routes = [
        _route("invoke", _invoke(model, calls)),
        _route("converse", _converse(model)),
        _route("converse-stream", _converse_stream(model)),
        Route("/_askbucket/calls", counted, methods=["GET"]),
    ]
    handlers: Any = {ServiceError: _refusal, HTTPException: _no_such_operation}
    return Starlette(routes=routes, exception_handlers=handlers)


def _route(operation: str, endpoint: Endpoint) -> Route:
    # `path`: a model may be named by its ARN, which holds slashes
    return Route(f"/model/{{model:path}}/{operation}", endpoint, methods=["POST"])


def _invoke(model: MiniLM, calls: dict[str, int]) -> Endpoint:
    async def invoke(request: Request) -> Response:
        body = await _body(request, EMBEDDER)
        started = time.perf_counter()
        reply = await run_in_threadpool(embedding_reply, body, model)
        calls["embeddings"] += 1
        headers = {
            "x-amzn-bedrock-input-token-count": str(reply["inputTextTokenCount"]),
            "x-amzn-bedrock-invocation-latency": str(_milliseconds_since(started)),
        }
        return JSONResponse(reply, headers=headers | _request_id())

    return invoke


def _converse(model: MiniLM) -> Endpoint:
    async def converse(request: Request) -> Response:
        reply = converse_reply(*await _answered(request, model))
        return JSONResponse(reply, headers=_request_id())

    return converse


def _converse_stream(model: MiniLM) -> Endpoint:
    async def converse_stream(request: Request) -> Response:
        events = stream_events(*await _answered(request, model))
        frames = (event_frame(name, payload) for name, payload in events)
        return StreamingResponse(frames, media_type=EVENT_STREAM, headers=_request_id())

    return converse_stream


async def _answered(request: Request, model: MiniLM) -> tuple[Reply, int]:
    """The reply and its milliseconds; before the first byte is sent, so that errors stay errors."""
    body = await _body(request, ANSWERER)
    started = time.perf_counter()
    reply = await run_in_threadpool(reply_to, body, model)
    return reply, _milliseconds_since(started)


async def _body(request: Request, wanted: str) -> Any:
    """The request's JSON, if it is for the model that this operation has."""
    model = request.path_params["model"].rpartition("/")[2]
    if model not in (EMBEDDER, ANSWERER):
        raise unknown_model(model, [EMBEDDER, ANSWERER])
    if model != wanted:
        raise invalid(f"This action doesn't support the model {model}. Try again with {wanted}.")
    try:
        body = json.loads(await request.body())
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is JSON, but no text
    except ValueError as error:
        raise malformed(f"the body is not JSON ({error})") from error
    return body


async def _refusal(_: Request, error: ServiceError) -> Response:
    headers = {"x-amzn-errortype": error.code} | _request_id()
    return JSONResponse({"message": str(error)}, error.status, headers)


async def _no_such_operation(request: Request, _: HTTPException) -> Response:
    message = (
        f"{request.method} {request.url.path} is none of invoke, converse and converse-stream."
    )
    return await _refusal(request, ServiceError("UnknownOperationException", 404, message))


def _request_id() -> dict[str, str]:
    return {"x-amzn-requestid": str(uuid.uuid4())}


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
