"""Scheduled repair. In: `{"task": "sweep"}` daily, `{"task": "ocr"}` every five minutes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from askbucket import wiring
from askbucket.clock import now_ms
from askbucket.log import event as log


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001
    """What was found, as counts. Raises ValueError for a task there is not."""
    task = event.get("task")
    if task == "sweep":
        found = asdict(wiring.sweep().run())
    elif task == "ocr":
        found = {"ocr_due": wiring.sweep().ocr_due(now_ms())}
    else:
        raise ValueError(f"task is {task!r}; it must be 'sweep' or 'ocr'")
    log("swept", task=task, **found)
    return found
