"""What traces show of a summary's way; texts among it are masked by the tracer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from askbucket.answer.citations import CitedText
from askbucket.answer.prompt import abstains
from askbucket.answer.seen import seen_citation
from askbucket.answer.summary.claims import BRACKETED, Claim, condensed
from askbucket.answer.summary.scope import WholeDocument
from askbucket.tracing import Tracer, ingest_trace_id


def seen_document(whole: WholeDocument, tracer: Tracer) -> dict[str, Any]:
    """What of the document was read, and the trace of the attempt that indexed it."""
    entry = whole.entry
    return {
        "document_id": entry.document.id,
        "document": entry.document.key,
        "version": entry.active_version,
        "generation": entry.active,
        "chunks": len(whole.hits),
        "ingest_trace": tracer.url(ingest_trace_id(entry.document.id, entry.active or 0)),
    }


def seen_reduction(reply: str, kept: CitedText, claims: Sequence[Claim]) -> dict[str, Any]:
    """What was kept of the last reply, and every line that added nothing, with the reason."""
    lines = [line for line in reply.splitlines() if line.strip()]
    return {
        "kept": kept.text,
        "citations": [seen_citation(cite) for cite in kept.citations],
        "dropped": [
            {"line": line, "why": _why(line)} for line in lines if not condensed(line, claims)
        ],
    }


def _why(line: str) -> str:
    if abstains(line):
        return "the model found no answer"
    named = BRACKETED.search(line)
    return "its claims do not speak for it" if named else "no claim named"
