"""What traces show of an attempt: its document's version and where that came to stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from askbucket.ingest.attempt import Attempt, Outcome
from askbucket.tracing import Tracer, ingest_trace_id

STANDING = ("version", "status", "pages", "ocr_pages", "chunks", "embedded")


def traced(tracer: Tracer, attempt: Attempt, work: Callable[[], Outcome | None]) -> Outcome | None:
    """The work's outcome, under one trace whose id the hits of this generation carry.

    All attempts at a document are a session named by its id.
    """
    document, generation = attempt.document, attempt.generation
    trace_id = ingest_trace_id(document.id, generation)
    about = {"document_id": document.id, "document": document.key, "generation": generation}
    with (
        tracer.session(document.id, trace_id=trace_id, tags=("ingest",)),
        tracer.span("document", "chain", metadata=about) as span,
    ):
        outcome = work()
        span.end(lambda: {"outcome": outcome or "looked at again"} | _standing(attempt))
    return outcome


def _standing(attempt: Attempt) -> dict[str, Any]:
    """What the manifest says of the document now."""
    entry = attempt.manifest.get(attempt.document.id)
    return {name: getattr(entry, name) for name in STANDING} if entry else {}
