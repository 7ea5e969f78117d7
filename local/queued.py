"""Asking by the queue: the question is put there, and looked at until it is at rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local.client import Client

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 1800  # three tries of five minutes, and what is between them


def by_queue(
    client: Client,
    question: str,
    options: Mapping[str, Any],
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """The answer, as `client.ask` gives it. Raises ClientFailed with the reason there is none."""
    from local.target import ClientFailed

    asked = client.call("POST", "/questions", {"question": question, **options})
    for _ in range(int(PATIENCE_SECONDS / POLL_SECONDS)):
        now = client.call("GET", f"/questions/{asked['id']}")
        if now["answer"]:
            return dict(now["answer"])
        if now["status"] in ("answered", "failed"):
            raise ClientFailed(f"there is no answer: {now['reason']}")
        pause(POLL_SECONDS)
    raise ClientFailed(f"question {asked['id']} was not answered in {PATIENCE_SECONDS} s")
