"""What every refusal of the HTTP API must look like."""

from __future__ import annotations

from typing import Any


def problem(reply: Any, status: int) -> dict[str, Any]:
    """The reply's body, which is a problem of that status."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert body["status"] == status
    assert body["title"]
    assert body["type"] == "about:blank"
    return body
