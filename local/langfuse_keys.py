"""Langfuse for commands run by people: keys from its own environment variables.

The offline stack traces only where ASKBUCKET_LANGFUSE_URL asks for it: keys may be in the
environment for something else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
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


def tracing_context(environment: Mapping[str, str]) -> dict[str, str]:
    """The offline stack's choices about traces, as context values."""
    chosen = {
        "langfuse_url": environment.get("ASKBUCKET_LANGFUSE_URL"),
        "trace_text": environment.get("ASKBUCKET_TRACE_TEXT"),
        "langfuse_prompts": environment.get("ASKBUCKET_LANGFUSE_PROMPTS"),
    }
    return {name: value for name, value in chosen.items() if value}


def tracing_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """What goes into the offline stack's secret; empty where nothing is to be traced."""
    keys = {"public_key": environment.get(PUBLIC, ""), "secret_key": environment.get(SECRET, "")}
    return keys if environment.get("ASKBUCKET_LANGFUSE_URL") and all(keys.values()) else {}
