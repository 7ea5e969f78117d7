"""A tracer whose spans stay in memory."""

from __future__ import annotations

import uuid
from typing import Any

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from askbucket.tracing import LangfuseTracer, langfuse_client


class Caught:
    """A tracer, and the spans that it sent."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        # The SDK keeps one client for every public key, so each test has its own.
        self._client = langfuse_client(some_keys(), "http://127.0.0.1:9", self._spans)
        self.tracer = LangfuseTracer(self._client)

    def spans(self) -> dict[str, Any]:
        self.tracer.flush()
        found = {span.name: span for span in self._spans.get_finished_spans()}
        assert len(found) == len(self._spans.get_finished_spans())
        return found

    def close(self) -> None:
        self._client.shutdown()


def some_keys() -> dict[str, str]:
    return {"public_key": f"pk-{uuid.uuid4()}", "secret_key": "sk-for-tests"}
