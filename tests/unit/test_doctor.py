"""Every way a document can stand has a cause and a next action."""

from __future__ import annotations

from typing import Any

import pytest

from local.doctor import diagnose

NOW = 1_000_000


def document(**changes: Any) -> dict[str, Any]:
    healthy = {
        "version": "v1",
        "status": "ready",
        "warnings": [],
        "outdated": False,
        "attempt": {"generation": 2, "finished": True, "due_at": None},
        "steps": [{"at": 1, "step": "read", "detail": "4 pages, 0 need OCR"}],
    }
    return healthy | changes


def unfinished(status: str, due_at: int | None, **changes: Any) -> dict[str, Any]:
    attempt = {"generation": 3, "finished": False, "due_at": due_at}
    return document(status=status, attempt=attempt, **changes)


@pytest.mark.parametrize(
    ("seen", "version", "queued", "healthy", "step", "action"),
    [
        (None, None, 0, True, "absent", "upload"),
        (None, "v1", 3, True, "queued", "wait"),
        (None, "v1", 0, False, "event lost", "askbucket sweep"),
        (document(), "v1", 0, True, "ready", "ask it"),
        (document(), "v2", 1, True, "queued", "wait"),
        (document(), "v2", 0, False, "event lost", "askbucket sweep"),
        (document(), None, 0, False, "event lost", "askbucket sweep"),
        (document(warnings=["page 3 is lost"]), "v1", 0, True, "ready", "check those pages"),
        (document(outdated=True), "v1", 0, True, "ready", "askbucket reindex"),
        (document(status="failed", reason="0 bytes"), "v1", 0, False, "failed for good", "upload"),
        (unfinished("failed", None, reason="busy"), "v1", 0, False, "gave up for now", "redrive"),
        (unfinished("ocr", NOW + 5000), "v1", 0, True, "ocr", "wait"),
        (unfinished("ocr", NOW - 5000), "v1", 0, False, "ocr", "five minutes"),
        (unfinished("reading", NOW + 5000), "v1", 0, True, "reading", "wait"),
        (unfinished("reading", NOW - 5000), "v1", 0, False, "reading", "five minutes"),
        (unfinished("indexing", None), "v1", 0, False, "indexing", "wait for its turn"),
    ],
)
def test_a_document_is_diagnosed(
    seen: dict[str, Any] | None,
    version: str | None,
    queued: int,
    healthy: bool,
    step: str,
    action: str,
) -> None:
    found = diagnose(seen, version, queued, NOW)
    assert (found.healthy, found.step) == (healthy, step)
    assert action in found.action
    assert found.cause


def test_the_reason_of_a_failure_is_the_cause() -> None:
    assert diagnose(document(status="failed", reason="0 bytes"), "v1", 0, NOW).cause == "0 bytes"
