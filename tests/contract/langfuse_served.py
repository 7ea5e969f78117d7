"""A Langfuse that keeps what it is sent: its public routes, as far as the SDK calls them."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

NOW = "2026-01-01T00:00:00.000Z"
STAMPS = {"createdAt": NOW, "updatedAt": NOW, "metadata": None}
Json = dict[str, Any]


class LangfuseServer:
    """Spans as {"name", "trace", "span", "parent", attribute: value}; scores, prompts and datasets
    as JSON. `status` and `delay_s` make it fail or linger; `stop` ends every delay."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.delay_s = 0.0
        self.stop = threading.Event()
        self.spans: list[Json] = []
        self.scores: list[Json] = []
        self.prompts: dict[str, list[Json]] = {}
        self.datasets: dict[str, Json] = {}
        self.items: dict[str, Json] = {}
        self.asked: list[str] = []
        self.keys: set[tuple[str, str]] = set()

    def reply(self, method: str, path: str, query: Json, body: bytes) -> tuple[int, Any]:
        self.asked.append(f"{method} {path}")
        self.stop.wait(self.delay_s)
        if self.status != 200:
            return self.status, {"message": "no"}
        if path == "/api/public/otel/v1/traces":
            self.spans += _spans(body)
            return 200, None
        given = json.loads(body) if body else {}
        parts = path.removeprefix("/api/public/").split("/")
        return self._api(method, parts, query, given)

    def _api(self, method: str, parts: list[str], query: Json, given: Any) -> tuple[int, Any]:
        match method, parts:
            case "POST", ["scores"]:
                self.scores += given
                return 202, {"accepted": len(given)}
            case "GET", ["v2", "prompts", name]:
                return self._prompt(unquote(name), query["label"])
            case "POST", ["v2", "prompts"]:
                return 200, self.add_prompt(given["name"], given["prompt"], *given["labels"])
            case "GET", ["projects"]:
                owner = {"id": "o", "name": "o"}
                project = {"id": "p", "name": "n", "metadata": {}, "organization": owner}
                return 200, {"data": [project]}
        return self._dataset(method, parts, query, given)

    def _dataset(self, method: str, parts: list[str], query: Json, given: Any) -> tuple[int, Any]:
        match method, parts:
            case "POST", ["v2", "datasets"]:
                made = {"id": f"d-{given['name']}", "projectId": "p", **STAMPS} | given
                return 200, self.datasets.setdefault(given["name"], made)
            case "GET", ["v2", "datasets", name] if name in self.datasets:
                return 200, self.datasets[name]
            case "POST", ["dataset-items"]:
                return 200, self._item(given)
            case "GET", ["dataset-items"]:
                items = [i for i in self.items.values() if i["datasetName"] == query["datasetName"]]
                meta = {"page": 1, "limit": 50, "totalItems": len(items), "totalPages": 1}
                return 200, {"data": items, "meta": meta}
        return 404, {"message": "/".join(parts)}

    def add_prompt(self, name: str, text: str, *labels: str) -> Json:
        """A new version of the prompt, which takes the labels over."""
        versions = self.prompts.setdefault(name, [])
        for each in versions:
            each["labels"] = [label for label in each["labels"] if label not in labels]
        made = {"name": name, "version": len(versions) + 1, "prompt": text, "type": "text",
                "config": {}, "labels": list(labels), "tags": []}  # fmt: skip
        versions.append(made)
        return made

    def _prompt(self, name: str, label: str) -> tuple[int, Json]:
        found = [each for each in self.prompts.get(name, ()) if label in each["labels"]]
        return (200, found[-1]) if found else (404, {"message": "no such prompt"})

    def _item(self, given: Json) -> Json:
        dataset = self.datasets[given["datasetName"]]
        blank = {"input": None, "expectedOutput": None, "mediaReferences": []}
        made = {"status": "ACTIVE", "datasetId": dataset["id"], **blank, **STAMPS}
        self.items[given["id"]] = made | {k: v for k, v in given.items() if v is not None}
        return self.items[given["id"]]


@contextmanager
def langfuse_served() -> Iterator[LangfuseServer]:
    """Served on a free loopback port."""
    langfuse = LangfuseServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            basic = base64.b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()
            langfuse.keys.add((basic.partition(":")[0], basic.partition(":")[2]))
            status, told = langfuse.reply(self.command, url.path, query, body)
            reply = b"" if told is None else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815  (the server's names)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    langfuse.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield langfuse
    finally:
        langfuse.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


def some_keys() -> dict[str, str]:
    """Keys of a project of its own: the SDK keeps one client for every public key."""
    return {"public_key": f"pk-{uuid.uuid4()}", "secret_key": "sk-for-tests"}


def until(true: Any, seconds: float = 10.0) -> None:
    """Returns once it is; fails after a time that no working machine needs."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.01)


def _spans(body: bytes) -> list[Json]:
    sent = ExportTraceServiceRequest.FromString(body)
    return [
        {
            "name": span.name,
            "trace": span.trace_id.hex(),
            "span": span.span_id.hex(),
            "parent": span.parent_span_id.hex(),
            **{each.key: _value(each.value) for each in span.attributes},
        }
        for resource in sent.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind)
