"""A model's server that replies what a test wrote down, and remembers every request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.bedrock.eventstream import event_frame, frame

USED = {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100}


@dataclass(frozen=True)
class Wired:
    """One HTTP reply."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "application/json"),)


@dataclass
class Server:
    """`requests` are (path, headers, body), oldest first."""

    url: str
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.requests]


@contextmanager
def serving(*replies: Wired) -> Iterator[Server]:
    """Gives the replies in order; the last one again and again."""
    left = list(replies)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.requests.append((self.path, headers, body))
            reply = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(reply.status)
            for name, value in (*reply.headers, ("content-length", str(len(reply.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def said(
    *blocks: dict[str, Any], stop: str = "end_turn", usage: dict[str, Any] | None = None
) -> Wired:
    """A ConverseResponse."""
    reply = {
        "output": {"message": {"role": "assistant", "content": list(blocks)}},
        "stopReason": stop,
        "usage": usage or USED,
        "metrics": {"latencyMs": 5},
    }
    return Wired(json.dumps(reply).encode())


def streamed(
    *deltas: dict[str, Any], stop: str = "end_turn", usage: dict[str, Any] | None = None
) -> Wired:
    """A ConverseStream of these deltas."""
    return _stream(
        event_frame("messageStart", {"role": "assistant"}),
        *(event_frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": d}) for d in deltas),
        event_frame("contentBlockStop", {"contentBlockIndex": 0}),
        event_frame("messageStop", {"stopReason": stop}),
        event_frame("metadata", {"usage": usage or USED, "metrics": {"latencyMs": 5}}),
    )


def broken_off(text: str, error: str, message: str) -> Wired:
    """A ConverseStream that begins, and ends in an error."""
    headers = {":message-type": "exception", ":exception-type": error}
    return _stream(
        event_frame("messageStart", {"role": "assistant"}),
        event_frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}}),
        frame(
            headers | {":content-type": "application/json"},
            json.dumps({"message": message}).encode(),
        ),
    )


def refused(error: str, message: str, status: int = 400) -> Wired:
    """One of Bedrock's errors."""
    headers = (("content-type", "application/json"), ("x-amzn-errortype", error))
    return Wired(json.dumps({"message": message}).encode(), status, headers)


def completion(text: str, finish: str = "stop", model: str = "llama3.1") -> Wired:
    """A chat completion of OpenAI's."""
    message = {"role": "assistant", "content": text}
    reply = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 7, "total_tokens": 37},
    }
    return Wired(json.dumps(reply).encode())


def completion_stream(pieces: Sequence[str], finish: str = "stop") -> Wired:
    """The same as server-sent events, the usage last."""
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "llama3.1"}
    deltas: list[tuple[dict[str, str], str | None]] = [({"content": p}, None) for p in pieces]
    events: list[dict[str, Any]] = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": why}]}
        for delta, why in [*deltas, ({}, finish)]
    ]
    usage = {"prompt_tokens": 30, "completion_tokens": 7, "total_tokens": 37}
    events.append({**head, "choices": [], "usage": usage})
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    body = "".join([*lines, "data: [DONE]\n\n"]).encode()
    return Wired(body, headers=(("content-type", "text/event-stream"),))


def _stream(*frames: bytes) -> Wired:
    return Wired(
        b"".join(frames), headers=(("content-type", "application/vnd.amazon.eventstream"),)
    )
