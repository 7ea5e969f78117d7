"""A stand-in for API Gateway before a store: it checks routes and signatures, then forwards.

The signature is computed anew from what came over the wire, by the steps of AWS's documentation
("Create a signed AWS API request"), not by the library under test.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote, urlsplit

import httpx

from infra.qdrant_routes import ROUTES

ACCESS_KEY, SECRET_KEY, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI", "session-token"
REGION = "eu-central-1"
MOST_BYTES = 10_000_000  # of a request (HTTP API quotas, "Payload size")
FORWARDED = ("api-key", "content-type")


def listed(method: str, path: str) -> bool:
    """Whether a route takes it: `{name}` is one segment, `{proxy+}` the rest."""
    patterns = (
        route.replace("{proxy+}", ".+").replace("{name}", "[^/]+")
        for verb, route in ROUTES
        if verb == method
    )
    return any(re.fullmatch(pattern, path) for pattern in patterns)


def signature(
    method: str, target: str, headers: dict[str, str], signed: list[str], body: bytes
) -> str:
    """What the signature of a request for `execute-api` must be, in hexadecimal."""
    url = urlsplit(target)
    request = "\n".join(
        [
            method,
            quote(url.path, safe="/~"),
            "&".join(sorted(url.query.split("&"))),
            *(f"{name}:{headers[name].strip()}" for name in signed),
            "",
            ";".join(signed),
            hashlib.sha256(body).hexdigest(),
        ]
    )
    at = headers["x-amz-date"]
    scope = f"{at[:8]}/{REGION}/execute-api/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{SECRET_KEY}".encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    to_sign = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}"
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def refusal(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    """Status and message; 0 for a request that goes through."""
    if not listed(method, urlsplit(target).path):
        return 404, "Not Found"
    if len(body) > MOST_BYTES:
        return 413, "Request Entity Too Large"
    given = re.fullmatch(
        rf"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/\d{{8}}/{REGION}/execute-api/aws4_request, "
        r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
        headers.get("authorization", ""),
    )
    if given is None or headers.get("x-amz-security-token") != TOKEN:
        return 403, "Forbidden"
    signed = given[1].split(";")
    good = signature(method, target, headers, signed, body) == given[2]
    whole = {"host", "x-amz-date", "x-amz-security-token"} <= set(signed)
    return (0, "") if good and whole else (403, "Forbidden")


@contextlib.contextmanager
def gateway(server: str) -> Iterator[str]:
    """The gateway's URL while it stands before `server`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, message = refusal(self.command, self.path, headers, body)
            if status:
                self.reply(status, f'{{"message": "{message}"}}'.encode())
                return
            kept = {name: headers[name] for name in FORWARDED if name in headers}
            reply = httpx.request(self.command, server + self.path, content=body, headers=kept)
            self.reply(reply.status_code, reply.content)

        do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

        def reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
