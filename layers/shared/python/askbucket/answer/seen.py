"""What traces show of a question's way; texts among it are masked by the tracer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from askbucket.answer.citations import MARKER, CitedText, cited
from askbucket.answer.prompt import abstains
from askbucket.answer.question import Question
from askbucket.models import Citation, Hit
from askbucket.tracing import Tracer, ingest_trace_id


def retrieval_about(question: Question) -> dict[str, Any]:
    """How many were wanted, and among what."""
    scope = question.scope
    narrowed = {
        "prefixes": list(scope.prefixes),
        "document": scope.document,
        "labels": {name: list(values) for name, values in scope.labels.items()},
    }
    chosen = {name: value for name, value in narrowed.items() if value}
    return {"top_k": question.top_k, "filter": chosen, "tenant": question.tenant}


def seen_hit(hit: Hit, tracer: Tracer) -> dict[str, Any]:
    """Where the hit stands, and the trace of the attempt that indexed it."""
    return {
        "chunk": hit.chunk_id,
        "document_id": hit.document_id,
        "document": hit.document,
        "version": hit.version,
        "generation": hit.generation,
        "page": hit.page,
        "score": hit.score,
        "ingest_trace": tracer.url(ingest_trace_id(hit.document_id, hit.generation)),
    }


def messages(system: str, user: str) -> list[dict[str, str]]:
    """What the model is sent."""
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def seen_verification(reply: str, kept: CitedText, hits: Sequence[Hit]) -> dict[str, Any]:
    """What was kept of a reply, and every line that added nothing to it, with the reason."""
    return {
        "kept": kept.text,
        "citations": [seen_citation(cite) for cite in kept.citations],
        "dropped": dropped_lines(reply, hits),
    }


def dropped_lines(reply: str, hits: Sequence[Hit]) -> list[dict[str, str]]:
    """Every line of a reply that added nothing to the answer, with the reason."""
    whole_markers = MARKER.sub(lambda mark: " ".join(mark.group().split()), reply)
    lines = [line for line in whole_markers.splitlines() if line.strip()]
    return [
        {"line": line, "why": _why(line, len(hits))}
        for line in lines
        if not cited(line, hits).citations
    ]


def _why(line: str, sources: int) -> str:
    if abstains(line):
        return "the model found no answer"
    named = [
        int(each) for mark in MARKER.finditer(line) for each in re.findall(r"\d+", mark.group(1))
    ]
    if not named:
        return "no source named"
    if not any(1 <= number <= sources for number in named):
        return "no such source"
    return "its words are not in the source"


def seen_citation(cite: Citation) -> dict[str, Any]:
    """Where the quote stands, and its words."""
    return {
        "marker": cite.marker,
        "chunk": cite.hit.chunk_id,
        "document_id": cite.hit.document_id,
        "page": cite.hit.page,
        "quote": cite.quote,
    }
