"""One trace for every question and document, behind a port that costs nothing when it is off."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, Literal, Protocol

from askbucket.log import event as log
from askbucket.models import Usage

Kind = Literal["chain", "embedding", "retriever", "generation", "span"]
FLUSH_SECONDS = 1  # the most an unreachable Langfuse may cost


class Span(Protocol):
    """A piece of work being traced; where `recording` is False nobody will see what came of it."""

    trace_id: str
    recording: bool

    def end(self, output: Any = None, *, usage: Usage | None = None) -> None:
        """What came of it. Called at most once; a span left without it has failed."""


class Tracer(Protocol):
    """Where spans go. Nothing here ever raises or changes the work that is traced."""

    def span(self, name: str, kind: Kind, **about: Any) -> Any:
        """A context manager that yields a Span; spans opened inside are its children."""

    def session(self, session_id: str | None) -> Any:
        """A context manager that names the conversation of the spans inside."""

    def flush(self) -> None:
        """Sends what was traced, before the function is frozen."""


class Untraced:
    """No keys, no tracing: spans only carry an id to find a reply by in the logs."""

    def __init__(self) -> None:
        self.trace_id = ""

    @contextmanager
    def span(self, name: str, kind: Kind, **about: Any) -> Iterator[Span]:  # noqa: ARG002
        yield _Nothing(uuid.uuid4().hex)

    def session(self, session_id: str | None) -> Any:  # noqa: ARG002
        return nullcontext()

    def flush(self) -> None:
        """Nothing was kept."""


class _Nothing:
    recording = False

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id

    def end(self, output: Any = None, *, usage: Usage | None = None) -> None:
        """Dropped."""


class LangfuseTracer:
    """Langfuse through its SDK, given as a ready client; its faults end in the log."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @contextmanager
    def span(self, name: str, kind: Kind, **about: Any) -> Iterator[Span]:
        def opened() -> _Observation:
            observed = self._client.start_as_current_observation(name=name, as_type=kind, **about)
            return _Observation(open_span.enter_context(observed))

        with ExitStack() as open_span:
            yield _quietly(opened) or _Nothing(uuid.uuid4().hex)

    def session(self, session_id: str | None) -> Any:
        from langfuse import propagate_attributes

        return propagate_attributes(session_id=session_id) if session_id else nullcontext()

    def flush(self) -> None:
        _quietly(self._client.flush)


def _quietly(call: Callable[[], Any]) -> Any:
    """What the call returns; None, and a line in the log, where it fails."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001  (tracing's edge: nothing of it may reach the work)
        log("tracing_failed", error=repr(error))
        return None


class _Observation:
    recording = True

    def __init__(self, seen: Any) -> None:
        self._seen = seen
        self.trace_id: str = seen.trace_id

    def end(self, output: Any = None, *, usage: Usage | None = None) -> None:
        details: dict[str, Any] = {"output": output}
        if usage:
            details["usage_details"] = {
                "input": usage.input_tokens,
                "output": usage.output_tokens,
            }
            details["cost_details"] = {"total": usage.usd}
        _quietly(lambda: self._seen.update(**details))


def langfuse_client(keys: Mapping[str, str], url: str, exporter: Any = None) -> Any:
    """A client that gives up sending after a second; `exporter` catches the spans in tests."""
    from langfuse import Langfuse
    from opentelemetry.sdk.trace import TracerProvider

    return Langfuse(
        public_key=keys["public_key"],
        secret_key=keys["secret_key"],
        base_url=url or None,
        timeout=FLUSH_SECONDS,
        tracer_provider=TracerProvider(),
        span_exporter=exporter,
    )
