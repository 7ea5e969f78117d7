"""What a document is waiting for, why, and what to do: `askbucket doctor KEY`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.counting import counted

LOOK_AGAIN = "nothing: it is looked at again within five minutes; `askbucket sweep` does it now"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`healthy` where nothing needs doing; `action` is what to do next."""

    healthy: bool
    step: str
    cause: str
    action: str


def diagnose(
    document: Mapping[str, Any] | None, bucket_version: str | None, queued: int, now: int
) -> Diagnosis:
    """From the API's document (None: unknown or deleted), what the bucket holds now (None: no
    object), how many hints wait in the queue, and the time in milliseconds."""
    if document is None:
        return _unknown(bucket_version, queued)
    if bucket_version is None:
        return _behind("the object is gone, but the index has not followed", queued)
    if document["version"] != bucket_version and _at_rest(document):
        return _behind("a newer version is in the bucket, but nobody has looked at it", queued)
    if document["status"] == "ready":
        return _ready(document)
    if document["status"] == "failed":
        return _failed(document)
    return _under_way(document, now)


def _unknown(bucket_version: str | None, queued: int) -> Diagnosis:
    if bucket_version is None:
        return Diagnosis(
            True, "absent", "there is neither an object nor a document of this key", "upload it"
        )
    return _behind("the object is in the bucket, but nobody has looked at it", queued)


def _behind(cause: str, queued: int) -> Diagnosis:
    if queued:
        return Diagnosis(
            True, "queued", f"{cause} yet: {counted(queued, 'hint')} in the queue", "wait"
        )
    return Diagnosis(False, "event lost", cause, "run `askbucket sweep`")


def _at_rest(document: Mapping[str, Any]) -> bool:
    return document["status"] in ("ready", "failed")


def _ready(document: Mapping[str, Any]) -> Diagnosis:
    if document["warnings"]:
        lost = "; ".join(document["warnings"])
        return Diagnosis(True, "ready", f"indexed, but {lost}", "check those pages in the file")
    if document["outdated"]:
        return Diagnosis(
            True, "ready", "indexed by an older recipe", "run `askbucket reindex` when convenient"
        )
    return Diagnosis(True, "ready", "nothing is wrong", "ask it something")


def _failed(document: Mapping[str, Any]) -> Diagnosis:
    reason = document.get("reason", "no reason was left")
    if document["attempt"]["finished"]:
        return Diagnosis(False, "failed for good", reason, "upload a file that can be read")
    return Diagnosis(
        False,
        "gave up for now",
        reason,
        "mend the cause, then run `askbucket redrive`; the daily sweep tries again too",
    )


def _under_way(document: Mapping[str, Any], now: int) -> Diagnosis:
    attempt, status = document["attempt"], document["status"]
    due = attempt["due_at"]
    last = document["steps"][-1]["detail"] if document["steps"] else "no step yet"
    if due is None:
        return Diagnosis(
            False, status, f"put back into the queue after a fault ({last})", "wait for its turn"
        )
    if now > due:
        what = "OCR is overdue" if status == "ocr" else "its worker fell silent"
        return Diagnosis(False, status, f"{what} ({last})", LOOK_AGAIN)
    seconds = (due - now) // 1000
    what = "waiting for OCR" if status == "ocr" else "a worker is at it"
    return Diagnosis(True, status, f"{what} ({last}); heard of in {seconds} s at most", "wait")
