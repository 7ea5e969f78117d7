"""Repair. In, from the schedules: `{"task": "sweep"}` daily, `{"task": "due"}` every five minutes.

From the command: `{"task": "sweep", "cursor": {…}}`, with `{}` to begin and `"prefix"` in it to
look at a part; the reply's cursor is where to call again, null when all is done. A scheduled sweep
that the clock cuts short keeps its cursor in the manifest, and the next five-minute run goes on.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from askbucket import wiring, wiring_ingest
from askbucket.clock import Deadline, now_ms
from askbucket.ingest.sweep import Cursor
from askbucket.log import event as log
from askbucket.log import following, write_from


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What was found, as counts. Raises ValueError for a task or cursor there is not."""
    write_from(wiring.settings().log_level)
    with following(getattr(context, "aws_request_id", None)):
        return _done(event, context)


def _done(event: dict[str, Any], context: Any) -> dict[str, Any]:
    deadline = Deadline(now_ms() + context.get_remaining_time_in_millis(), now_ms)
    match event.get("task"):
        case "sweep" if "cursor" in event:
            found = _swept(Cursor.of(event["cursor"]), deadline)
        case "sweep":
            found = _scheduled(Cursor(), deadline)
        case "due":
            found = {"due": wiring_ingest.sweep().due(now_ms())}
            broken_off = wiring.manifest().take_sweep()
            if broken_off:
                found |= _scheduled(Cursor.of(broken_off), deadline)
        case task:
            raise ValueError(f"task is {task!r}; it must be 'sweep' or 'due'")
    log("swept", **found)
    return found


def _scheduled(cursor: Cursor, deadline: Deadline) -> dict[str, Any]:
    found = _swept(cursor, deadline)
    if found["cursor"]:
        wiring.manifest().save_sweep(found["cursor"])
    return found


def _swept(cursor: Cursor, deadline: Deadline) -> dict[str, Any]:
    findings, rest = wiring_ingest.sweep().run(cursor, deadline)
    return {**asdict(findings), "cursor": asdict(rest) if rest else None}
