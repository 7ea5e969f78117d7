"""Converse and ConverseStream answered by an OpenAI-compatible server such as Ollama, so that a
laptop has a model that writes, while everything above still speaks Bedrock."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from local.bedrock.converse import Reply, said
from local.bedrock.errors import ServiceError
from local.bedrock.eventstream import event_frame, exception_frame

TIMEOUT = httpx.Timeout(300, connect=5)  # a laptop may write slowly
OLLAMA = "http://127.0.0.1:11434/v1"
STOPS = {"length": "max_tokens", "content_filter": "content_filtered"}
ERRORS = {
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
}


@dataclass(frozen=True)
class Served:
    """A model of a server, by the server's base URL."""

    name: str
    url: str = OLLAMA

    @property
    def model_id(self) -> str:
        """A Bedrock id for it: `local.llama3.1:8b`."""
        return "local." + re.sub(r"[^A-Za-z0-9.:-]", "-", self.name)


def served(text: str) -> Served:
    """NAME, of a local Ollama, or NAME@URL. Raises ValueError."""
    name, at, url = text.partition("@")
    if not name or (at and not re.match(r"https?://\w", url)):
        raise ValueError(f"{text!r} is neither NAME, of a local Ollama, nor NAME@URL of a server")
    return Served(name, url.rstrip("/") if at else OLLAMA)


async def forwarded(model: Served, request: Any) -> Reply:
    """Raises ServiceError, the server's own faults as Bedrock's."""
    async with httpx.AsyncClient(timeout=TIMEOUT) as client:
        response = await _asked(client, model, _body(model, request, stream=False))
        reply = json.loads(await response.aread())
    choice = reply["choices"][0]
    return _reply(choice["message"].get("content") or "", choice, reply.get("usage"))


async def forwarded_frames(model: Served, request: Any) -> AsyncIterator[bytes]:
    """The frames of a ConverseStream, each as the server sends it. Raises ServiceError at once."""
    client = httpx.AsyncClient(timeout=TIMEOUT)
    try:
        response = await _asked(client, model, _body(model, request, stream=True))
    except ServiceError:
        await client.aclose()
        raise
    return _frames(client, response)


async def _frames(client: httpx.AsyncClient, response: httpx.Response) -> AsyncIterator[bytes]:
    yield event_frame("messageStart", {"role": "assistant"})
    finish, usage = {"finish_reason": "stop"}, None
    try:
        async for event in _events(response):
            usage = event.get("usage") or usage
            for choice in event.get("choices", []):
                finish = choice if choice.get("finish_reason") else finish
                if text := choice.get("delta", {}).get("content"):
                    delta = {"contentBlockIndex": 0, "delta": {"text": text}}
                    yield event_frame("contentBlockDelta", delta)
    except (httpx.HTTPError, ValueError) as error:
        yield exception_frame("modelStreamErrorException", f"the server broke off: {error}")
        return
    finally:
        await response.aclose()
        await client.aclose()
    reply = _reply("", finish, usage)
    yield event_frame("contentBlockStop", {"contentBlockIndex": 0})
    yield event_frame("messageStop", {"stopReason": reply.stop})
    yield event_frame("metadata", {"usage": reply.usage, "metrics": {"latencyMs": 0}})


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The JSON of every server-sent event."""
    async for line in response.aiter_lines():
        data = line.removeprefix("data:").strip()
        if line.startswith("data:") and data != "[DONE]":
            yield json.loads(data)


async def _asked(client: httpx.AsyncClient, model: Served, body: dict[str, Any]) -> httpx.Response:
    """The server's response, its body unread."""
    request = client.build_request("POST", f"{model.url}/chat/completions", json=body)
    try:
        response = await client.send(request, stream=True)
    except httpx.HTTPError as error:
        message = f"no model server answers at {model.url}: {error}"
        raise ServiceError("ServiceUnavailableException", 503, message) from error
    if response.is_success:
        return response
    told = (await response.aread()).decode(errors="replace")[:500]
    status = response.status_code
    name = ERRORS.get(status, "ValidationException" if status < 500 else "ModelErrorException")
    raise ServiceError(name, status if name in ERRORS.values() else 400, f"{model.url}: {told}")


def _body(model: Served, request: Any, *, stream: bool) -> dict[str, Any]:
    messages = [{"role": role, "content": text} for role, text in said(request)]
    how = request.get("inferenceConfig", {})
    names = {"maxTokens": "max_tokens", "temperature": "temperature", "topP": "top_p"}
    options = {theirs: how[ours] for ours, theirs in names.items() if ours in how}
    streaming = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    return {"model": model.name, "messages": messages, **options, **streaming}


def _reply(text: str, choice: dict[str, Any], usage: dict[str, int] | None) -> Reply:
    counted = usage or {}
    stop = STOPS.get(choice.get("finish_reason") or "", "end_turn")
    return Reply(text, counted.get("prompt_tokens", 0), counted.get("completion_tokens", 0), stop)
