"""What a function has not imported when it is ready for its first event."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.imports import ANSWERING, ENVIRONMENT, INDEXING, INGEST, QUERY, SEARCHING
from local.serve import ROOT

# Each costs tenths of a second of CPU; what needs one waits for it when it is needed.
HEAVY = ("langchain_aws", "langsmith", "langfuse", "numpy", "qdrant_client", "textractor", "PIL")


def heavy_after(code: str) -> set[str]:
    """Those of the heavy libraries that a fresh process has imported after running the code."""
    asked = f"{code}\nimport sys; print(*(n for n in {HEAVY!r} if n in sys.modules))"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env=kept | ENVIRONMENT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("handler", [QUERY, INGEST])
def test_a_handler_is_imported_without_what_only_some_events_need(handler: str) -> None:
    assert heavy_after(handler) == set()


@pytest.mark.parametrize("ready", [SEARCHING, INDEXING])
def test_who_asks_no_chat_model_does_not_wait_for_langchain_aws(ready: str) -> None:
    assert heavy_after(ready) == {"numpy", "qdrant_client"}  # numpy is Qdrant's client's


def test_an_answer_needs_langchain_but_langfuse_only_where_it_has_keys() -> None:
    loaded = heavy_after(ANSWERING)
    assert "langchain_aws" in loaded
    assert "langfuse" not in loaded
