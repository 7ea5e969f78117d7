"""A tracer whose spans stay in memory."""

from __future__ import annotations

import uuid
from typing import Any

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from askbucket.langfuse_tracer import langfuse_tracer


class Caught:
    """A tracer, and the spans that it sent."""

    def __init__(self, *, masked: bool = False) -> None:
        self._spans = InMemorySpanExporter()
        # The SDK keeps one client for every public key, so each test has its own.
        self.tracer = langfuse_tracer(
            some_keys(), "http://127.0.0.1:9", masked=masked, exporter=self._spans
        )

    def spans(self) -> dict[str, Any]:
        """The finished spans by name; each name once."""
        self.tracer.flush()
        found = {span.name: span for span in self._spans.get_finished_spans()}
        assert len(found) == len(self._spans.get_finished_spans())
        return found

    def forget(self) -> None:
        self.tracer.flush()
        self._spans.clear()

    def close(self) -> None:
        self.tracer._client.shutdown()


def some_keys() -> dict[str, str]:
    return {"public_key": f"pk-{uuid.uuid4()}", "secret_key": "sk-for-tests"}
