"""One line of JSON for every event: a name in the past tense and its fields.

Lines that belong together carry one `correlation_id`, from the event that began it all, through
queues, OCR and further attempts. A level below the one that is set is not written.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
LONGEST_ID = 128  # EventBridge's and the gateway's have 36 characters, S3's 16
_FIT = re.compile(rf"[A-Za-z0-9+/=_.:-]{{1,{LONGEST_ID}}}")
_PATH_OF_URL = re.compile(r"(https?://[^/\s'\"]+)[^\s'\"]*")

_correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
_least = "info"


def event(name: str, *, level: Level = "info", **fields: Any) -> None:
    """Written to standard error, where Lambda and uvicorn both pick it up.

    Fields name things and count them; above "debug", document text, questions, vectors and keys
    have no place here. A field may hold what a terminal obeys: all beyond ASCII is escaped.
    """
    if LEVELS.index(level) < LEVELS.index(_least):
        return
    known = correlation_id()
    about = {"correlation_id": known} if known else {}
    line = {"event": name, "level": level, **about, **fields}
    sys.stderr.write(json.dumps(line, default=str).replace("\x7f", "\\u007f") + "\n")


def write_from(level: Level) -> None:
    """Sets the least level that is written, for the whole process."""
    global _least  # noqa: PLW0603  (a process has one log)
    _least = level


def fault_of(error: BaseException) -> dict[str, str]:
    """An error as fields, without the keys that its addresses hold.

    Errors of ours say what they are about in plain words. The words of others may quote a document:
    of those, only the kind and where it happened.
    """
    kind = type(error).__name__
    if type(error).__module__.startswith("askbucket."):
        return {"error": kind, "reason": _PATH_OF_URL.sub(r"\1", str(error))}
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    where = f"{at.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{at.tb_lineno}" if at else ""
    return {"error": kind, "at": where}


def correlation_id() -> str | None:
    """Of the story that is being told; None outside of `following`."""
    return _correlation_id.get()


@contextmanager
def following(story: str | None) -> Iterator[str]:
    """Lines written inside carry this id, or a new one where it is none that fits in a log."""
    taken = story if story and _FIT.fullmatch(story) else uuid.uuid4().hex
    token = _correlation_id.set(taken)
    try:
        yield taken
    finally:
        _correlation_id.reset(token)
