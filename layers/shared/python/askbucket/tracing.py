"""One trace for every question and every attempt at a document, behind a port that costs nothing
when it is off.

The two are linked: what a question found carries the id of the trace that indexed it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal, Protocol

from askbucket.errors import Conflict
from askbucket.models import DEFAULT_TENANT, Usage

Kind = Literal["chain", "embedding", "retriever", "generation", "guardrail", "span"]
OFF = (
    "tracing is off, so there is no trace to give feedback on; it is switched on by putting "
    "Langfuse's keys into the secret that ASKBUCKET_LANGFUSE_SECRET_ARN names"
)


class PromptRef(Protocol):
    """Which text a model was told to follow; `version` is None for the one in this repository."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int | None: ...
    @property
    def revision(self) -> str:
        """Changes with the text, wherever it is kept."""


class Span(Protocol):
    """A piece of work being traced; where `recording` is False nobody will see what came of it."""

    trace_id: str
    recording: bool

    def end(
        self,
        output: Any = None,
        *,
        usage: Usage | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """What came of it. Called at most once; a span left without it has failed.

        A callable `output` is asked only where somebody will see it; its faults are tracing's.
        """

    def began(self) -> None:
        """The first words of a streamed reply are here."""


class Tracer(Protocol):
    """Where spans go. But for `feedback`, nothing here ever raises or changes the traced work."""

    def session(
        self,
        session_id: str | None,
        *,
        tenant: str = DEFAULT_TENANT,
        user: str = "",
        tags: Sequence[str] = (),
        trace_id: str | None = None,
    ) -> AbstractContextManager[Any]:
        """A context manager for all that the spans inside share; opened before the first of them.

        `user` says who asks; `tags` the route and whatever else traces are told apart by;
        `trace_id`, 32 hex digits, is made up where none is given.
        """

    def span(
        self,
        name: str,
        kind: Kind,
        *,
        input: Any = None,
        metadata: Mapping[str, Any] | None = None,
        model: str | None = None,
        prompt: PromptRef | None = None,
    ) -> AbstractContextManager[Span]:
        """A context manager that yields a Span; spans opened inside are its children.

        `model` and `prompt` belong to generations and embeddings; Langfuse keeps dollars of these
        alone.
        """

    def url(self, trace_id: str) -> str:
        """Where people look at the trace; blank where there is none."""

    def feedback(self, trace_id: str, *, tenant: str, score: int, comment: str | None) -> None:
        """Keeps what a person thought of an answer: -1, 0 or 1. The last word counts.

        Raises Conflict where tracing is off, NotFound unless the trace is an answer to this
        tenant, and TryAgain where the score cannot be delivered.
        """

    def flush(self) -> None:
        """Sends what was traced, before the function is frozen."""


class Untraced:
    """No keys, no tracing: spans only carry an id to find a reply by in the logs."""

    def session(self, session_id: str | None, **about: Any) -> AbstractContextManager[Any]:  # noqa: ARG002
        return nullcontext()

    @contextmanager
    def span(self, name: str, kind: Kind, **about: Any) -> Iterator[Span]:  # noqa: ARG002
        yield Unseen()

    def url(self, trace_id: str) -> str:  # noqa: ARG002
        return ""

    def feedback(self, trace_id: str, *, tenant: str, score: int, comment: str | None) -> None:  # noqa: ARG002
        raise Conflict(OFF)

    def flush(self) -> None:
        """Nothing was kept."""


UNTRACED = Untraced()


class Unseen:
    """A span that goes nowhere."""

    recording = False

    def __init__(self) -> None:
        self.trace_id = uuid.uuid4().hex

    def end(self, output: Any = None, **more: Any) -> None:
        """Dropped."""

    def began(self) -> None:
        """Nobody counts."""


def ingest_trace_id(document_id: str, generation: int) -> str:
    """The trace of the attempt that wrote the points of a generation: 32 hex digits.

    What Langfuse's `create_trace_id(seed=...)` makes of the two, so that it is known wherever a
    point is.
    """
    return hashlib.sha256(f"{document_id}:{generation}".encode()).hexdigest()[:32]
