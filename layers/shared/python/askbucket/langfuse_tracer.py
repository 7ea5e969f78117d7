"""Traces, and what people thought of answers, sent to Langfuse through its SDK."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import httpx
from langfuse import Langfuse, propagate_attributes
from langfuse.api import CreateScoreBatchResults, CreateScoreRequest
from langfuse.api.core import ApiError
from langfuse.api.core.request_options import RequestOptions
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator

from askbucket.errors import NotFound, TryAgain
from askbucket.log import event as log
from askbucket.log import fault_of
from askbucket.masking import Mask, NoMask
from askbucket.models import DEFAULT_TENANT, Usage
from askbucket.patience import Patience
from askbucket.trace_ids import TraceIds
from askbucket.tracing import Kind, PromptRef, Span, Unseen
from askbucket.version import VERSION

CLOUD = "https://cloud.langfuse.com"
CALL_SECONDS = 1  # the client's own timeout for one request
FLUSH_SECONDS = 0.7  # the most an answer waits for its trace; prompts may take the rest of a second
IDLE_SECONDS = 60.0  # between looks of the SDK's threads at empty queues; every request flushes
ONCE = RequestOptions(max_retries=0, timeout_in_seconds=CALL_SECONDS)
FEEDBACK = "user_feedback"

_next_id: ContextVar[Callable[[], str] | None] = ContextVar("_next_id", default=None)


class LangfuseTracer:
    """Langfuse through its SDK, given as a ready client; its faults end in the log."""

    def __init__(self, client: Any, ids: TraceIds, mask: Mask | NoMask, url: str = "") -> None:
        self._client = client
        self._ids = ids
        self._mask = mask
        self._url = (url or CLOUD).rstrip("/")
        self._flushing = Patience[None]("flush", FLUSH_SECONDS)

    @contextmanager
    def session(
        self,
        session_id: str | None,
        *,
        tenant: str = DEFAULT_TENANT,
        user: str = "",
        tags: Sequence[str] = (),
        trace_id: str | None = None,
    ) -> Iterator[None]:
        before = _next_id.get()

        def shared() -> Any:
            return propagate_attributes(
                session_id=session_id,
                user_id=self._mask.hash(user) if user else None,
                tags=list(tags) or None,
            )

        with ExitStack() as inside:
            _quietly(lambda: inside.enter_context(shared()))
            _next_id.set(lambda: trace_id or self._ids.new(tenant))
            try:
                yield
            finally:
                _next_id.set(before)  # by value: a stream may be closed in another context

    @contextmanager
    def span(
        self,
        name: str,
        kind: Kind,
        *,
        input: Any = None,
        metadata: Mapping[str, Any] | None = None,
        model: str | None = None,
        prompt: PromptRef | None = None,
    ) -> Iterator[Span]:
        def opened() -> Span:
            about = {"input": self._mask(input), "metadata": self._mask(metadata)}
            if model or prompt:
                about |= {"model": model, **_prompted(prompt, about["metadata"])}
            seen = self._client.start_as_current_observation(name=name, as_type=kind, **about)
            return _Observation(open_span.enter_context(seen), self._mask)

        with ExitStack() as open_span:
            span = _quietly(opened) or Unseen()
            try:
                yield span
            except Exception as error:
                if isinstance(span, _Observation):
                    span.failed(error)
                # Closed here: the SDK would send the error's words and the stack's.
                _quietly(open_span.close)
                raise

    def url(self, trace_id: str) -> str:
        return f"{self._url}/trace/{trace_id}"

    def feedback(self, trace_id: str, *, tenant: str, score: int, comment: str | None) -> None:
        issued = self._ids.issued(trace_id, tenant)
        if issued is None:
            raise NotFound(f"there is no answer with the trace id {trace_id!r}")
        given = CreateScoreRequest(
            id=f"{FEEDBACK}-{trace_id}",
            trace_id=trace_id,
            name=FEEDBACK,
            value=float(score),
            data_type="NUMERIC",
            comment=comment,
            timestamp=issued,  # a score of the same id and time replaces the former
        )
        try:
            reply = self._client.api.scores.create(request=[given], request_options=ONCE)
        except (ApiError, httpx.HTTPError) as error:
            log("feedback_failed", level="warning", trace_id=trace_id, error=type(error).__name__)
            raise TryAgain("Langfuse does not take the feedback now") from error
        if isinstance(reply, CreateScoreBatchResults):
            raise TryAgain(f"Langfuse refused the feedback: {reply.errors[0].message}")

    def flush(self) -> None:
        self._flushing(self._client.flush)


class _Observation:
    recording = True

    def __init__(self, seen: Any, mask: Mask | NoMask) -> None:
        self._seen = seen
        self._mask = mask
        self.trace_id: str = seen.trace_id

    def end(
        self,
        output: Any = None,
        *,
        usage: Usage | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        def update() -> None:
            told = output() if callable(output) else output
            details = {"output": self._mask(told), "metadata": self._mask(metadata)}
            if usage:
                details["usage_details"] = _tokens(usage)
            if usage and usage.usd is not None:
                details["cost_details"] = {"total": usage.usd}
            self._seen.update(**details)

        _quietly(update)

    def began(self) -> None:
        _quietly(lambda: self._seen.update(completion_start_time=datetime.now(UTC)))

    def failed(self, error: Exception) -> None:
        told = f"{type(error).__name__}: {self._mask(str(error))}"
        _quietly(lambda: self._seen.update(level="ERROR", status_message=told))


class _Ids(IdGenerator):
    """Traces get the id their session chose; spans any."""

    def __init__(self, ids: TraceIds) -> None:
        self._ids = ids
        self._random = RandomIdGenerator()

    def generate_trace_id(self) -> int:
        chosen = _next_id.get()
        return int(chosen() if chosen else self._ids.new(DEFAULT_TENANT), 16)

    def generate_span_id(self) -> int:
        return self._random.generate_span_id()


def _quietly(call: Callable[[], Any]) -> Any:
    """What the call returns; None, and a line in the log, where it fails."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001  (tracing's edge: nothing of it may reach the work)
        log("tracing_failed", level="warning", **fault_of(error))
        return None


def _prompted(prompt: PromptRef | None, metadata: Any) -> dict[str, Any]:
    """The prompt a generation followed, linked where Langfuse has it."""
    if prompt is None:
        return {}
    told = {"prompt": prompt.name, "prompt_revision": prompt.revision}
    linked = {"prompt": _Linked(prompt)} if prompt.version is not None else {}
    return linked | {"metadata": (metadata or {}) | told}


class _Linked:
    """As much of the SDK's PromptClient as a generation looks at."""

    is_fallback = False

    def __init__(self, prompt: PromptRef) -> None:
        self.name = prompt.name
        self.version = prompt.version


def _tokens(usage: Usage) -> dict[str, int]:
    """Every count of tokens by its name, without those of zero but for input and output."""
    counts = {
        field.name.removesuffix("_tokens"): getattr(usage, field.name)
        for field in fields(usage)
        if field.name.endswith("_tokens")
    }
    return {name: n for name, n in counts.items() if n or name in ("input", "output")}


def langfuse_tracer(
    keys: Mapping[str, str], url: str = "", *, masked: bool = True, exporter: Any = None
) -> LangfuseTracer:
    """A tracer with a client of its own; `exporter` catches the spans in tests."""
    ids = TraceIds(keys["secret_key"])
    client = langfuse_client(keys, url, ids, exporter)
    return LangfuseTracer(client, ids, Mask(keys["secret_key"]) if masked else NoMask(), url)


def langfuse_client(
    keys: Mapping[str, str],
    url: str,
    ids: TraceIds | None = None,
    exporter: Any = None,
    *,
    timeout_s: int = CALL_SECONDS,
) -> Langfuse:
    """The SDK's client, with a tracer provider that is only its own."""
    provider = TracerProvider(
        id_generator=_Ids(ids or TraceIds(keys["secret_key"])), shutdown_on_exit=False
    )
    return Langfuse(
        public_key=keys["public_key"],
        secret_key=keys["secret_key"],
        base_url=url or CLOUD,
        timeout=timeout_s,
        flush_interval=IDLE_SECONDS,
        release=VERSION,
        tracer_provider=provider,
        span_exporter=exporter,
    )
