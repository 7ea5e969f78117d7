"""Langfuse for commands run by people: keys from its own environment variables."""

from __future__ import annotations

import os
from typing import Any

PUBLIC, SECRET, URL = "LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "LANGFUSE_BASE_URL"

TIMEOUT_SECONDS = 20


class KeysMissing(ValueError):
    """The message names the variables to set."""


def client_by_environment() -> Any:
    """The SDK's client. Raises KeysMissing."""
    from askbucket.langfuse_tracer import langfuse_client

    missing = [name for name in (PUBLIC, SECRET) if not os.environ.get(name)]
    if missing:
        raise KeysMissing(f"{' and '.join(missing)} must hold the keys of a Langfuse project")
    keys = {"public_key": os.environ[PUBLIC], "secret_key": os.environ[SECRET]}
    return langfuse_client(keys, os.environ.get(URL, ""), timeout_s=TIMEOUT_SECONDS)
