"""The offline Bedrock runtime endpoint: boto3 reaches it through AWS_ENDPOINT_URL_BEDROCK_RUNTIME.

InvokeModel for MiniLM, in Titan's wire format and in Cohere's; Converse and ConverseStream for
`askbucket.extractive`, and for a model of a server such as Ollama where one is named.
Signatures are not checked; nothing leaves the machine.
"""

import json
import time
import uuid
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.bedrock import cohere, titan
from local.bedrock.blocking import BLOCKED, intervenes
from local.bedrock.converse import Reply, converse_reply, reply_to, said, stream_events
from local.bedrock.errors import ServiceError, invalid, malformed, unknown_model
from local.bedrock.eventstream import event_frame
from local.bedrock.forward import Served, forwarded, forwarded_frames, served
from local.bedrock.minilm import MiniLM

EMBEDDER = "askbucket.minilm-l6-v2"
BATCH_EMBEDDER = "askbucket.minilm-l6-v2-cohere"
ANSWERER = "askbucket.extractive"
EVENT_STREAM = "application/vnd.amazon.eventstream"

Endpoint = Callable[[Request], Awaitable[Response]]
EMBEDDERS = {EMBEDDER: titan.embedding_reply, BATCH_EMBEDDER: cohere.embedding_reply}


@dataclass(frozen=True)
class Models:
    """What the endpoint has: MiniLM behind all but the server's model, if one is named."""

    minilm: MiniLM
    server: Served | None

    @property
    def chats(self) -> list[str]:
        return [ANSWERER, *([self.server.model_id] if self.server else [])]

    async def asked(self, request: Request, wanted: Collection[str]) -> tuple[str, Any]:
        """Model and JSON of the request, if the model is one this operation has."""
        model = request.path_params["model"].rpartition("/")[2]
        known = [*EMBEDDERS, *self.chats]
        if model not in known:
            raise unknown_model(model, known)
        if model not in wanted:
            told = f"This action doesn't support the model {model}. Try again with "
            raise invalid(f"{told}{' or '.join(wanted)}.")
        return model, await _json(request)


def create_app(cache: Path, chat: str = "") -> Starlette:
    """The endpoint as an ASGI app; its model's graph is written into `cache` on first use.

    `chat` is a server's model as `forward.served` reads it, or empty. Raises FileNotFoundError
    where the package with the weights is missing, ValueError where they are not the pinned ones or
    `chat` names nothing: at start, not at the first question.
    """
    models = Models(MiniLM(cache), served(chat) if chat else None)
    calls = {"embeddings": 0, "tokens": 0}

    async def counted(_: Request) -> Response:
        return JSONResponse(calls)

    routes = [
        _route("invoke", _invoke(models, calls)),
        _route("converse", _converse(models)),
        _route("converse-stream", _converse_stream(models)),
        Route("/_askbucket/calls", counted, methods=["GET"]),
    ]
    handlers: Any = {ServiceError: _refusal, HTTPException: _no_such_operation}
    return Starlette(routes=routes, exception_handlers=handlers)


def _route(operation: str, endpoint: Endpoint) -> Route:
    # `path`: a model may be named by its ARN, which holds slashes
    return Route(f"/model/{{model:path}}/{operation}", endpoint, methods=["POST"])


def _invoke(models: Models, calls: dict[str, int]) -> Endpoint:
    async def invoke(request: Request) -> Response:
        name, body = await models.asked(request, EMBEDDERS)
        started = time.perf_counter()
        made = await run_in_threadpool(EMBEDDERS[name], body, models.minilm)
        calls["embeddings"] += made.texts
        calls["tokens"] += made.tokens
        headers = {
            "x-amzn-bedrock-input-token-count": str(made.tokens),
            "x-amzn-bedrock-invocation-latency": str(_milliseconds_since(started)),
        }
        return JSONResponse(made.reply, headers=headers | _request_id())

    return invoke


def _converse(models: Models) -> Endpoint:
    async def converse(request: Request) -> Response:
        name, body = await models.asked(request, models.chats)
        started = time.perf_counter()
        reply = await _replied(models, name, body)
        shown = converse_reply(reply, _milliseconds_since(started))
        return JSONResponse(shown, headers=_request_id())

    return converse


def _converse_stream(models: Models) -> Endpoint:
    async def converse_stream(request: Request) -> Response:
        """Nothing is sent before it is known that there is an answer: errors stay errors."""
        name, body = await models.asked(request, models.chats)
        started = time.perf_counter()
        frames: Any
        if models.server and name == models.server.model_id and not _blocked(body):
            frames = await forwarded_frames(models.server, body)
        else:
            reply = await _replied(models, name, body)
            events = stream_events(reply, _milliseconds_since(started))
            frames = (event_frame(event, payload) for event, payload in events)
        return StreamingResponse(frames, media_type=EVENT_STREAM, headers=_request_id())

    return converse_stream


async def _replied(models: Models, name: str, body: Any) -> Reply:
    if blocked := _blocked(body):
        return blocked
    if models.server and name == models.server.model_id:
        return await forwarded(models.server, body)
    return await run_in_threadpool(reply_to, body, models.minilm)


def _blocked(body: Any) -> Reply | None:
    """A guardrail's words in place of an answer. Raises ServiceError for what is no request."""
    said(body)
    return Reply(BLOCKED, 0, 0, "guardrail_intervened") if intervenes(body) else None


async def _json(request: Request) -> Any:
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
