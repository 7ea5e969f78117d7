"""The offline Bedrock runtime, served in a thread of this process."""

from __future__ import annotations

from contextlib import AbstractContextManager

from local.bedrock.app import create_app
from local.serve import MODEL_CACHE
from local.threaded import served


def served_bedrock(chat: str = "") -> AbstractContextManager[str]:
    """The endpoint's URL, on a free loopback port, while the block runs; `chat` is a server's
    model."""
    return served(create_app(MODEL_CACHE, chat))
