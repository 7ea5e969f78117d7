"""The data folder belongs to one stack at a time, kills included."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

DYING_SECONDS = 0.5  # a process that was just killed is still there for a moment
ENDING_SECONDS = 8  # what is left of a killed stack is gone by then


class FolderTaken(RuntimeError):
    """Another stack runs on the folder."""


@contextlib.contextmanager
def locked(data: Path) -> Iterator[tuple[int, bool]]:
    """One stack for a data folder: its lock's descriptor, and whether the last one was killed.

    The servers inherit the descriptor, so that what a killed stack leaves behind for a moment still
    holds the lock. Raises FolderTaken where another stack does.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("a+") as file:
        began = time.monotonic()
        while not _lock(file.fileno()):
            waited = time.monotonic() - began
            if waited > (DYING_SECONDS if _is_alive(_holder(data)) else ENDING_SECONDS):
                raise FolderTaken(f"another askbucket is running on {data}; use --data DIR")
            time.sleep(0.05)
        killed = _holder(data) is not None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file.fileno(), killed
        file.truncate(0)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(data: Path) -> int | None:
    text = (data / "lock").read_text()
    return int(text) if text.isdigit() else None


def _is_alive(process: int | None) -> bool:
    if process is None or _is_zombie(process):
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_zombie(process: int) -> bool:
    """Whether it was killed and its parent has not asked how it ended; only Linux tells."""
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] == "Z"
