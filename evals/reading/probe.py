"""One file read in a process of its own, so that a crash or a hang is a result like any other."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from askbucket.errors import UnreadableDocument
from evals.reading.read import read

TIMEOUT_SECONDS = 60.0
STATUS = Path("/proc/self/status")
READ, REFUSED, CRASHED, HUNG = "read", "refused", "crashed", "hung"


@dataclass(frozen=True, slots=True)
class Probe:
    """How reading a file without OCR ended; `peak_mb` is the whole process's, imports included."""

    outcome: str
    reason: str = ""
    seconds: float = 0.0
    peak_mb: int = 0


def probe(path: Path, timeout_s: float = TIMEOUT_SECONDS) -> Probe:
    """The file read in a fresh process, which is killed when the time is over."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_reply, args=(path, there))
    child.start()
    there.close()
    try:
        if not here.poll(timeout_s):
            return Probe(HUNG, f"no end within {timeout_s:g} s")
        reply: Probe = here.recv()
        return reply
    except EOFError:
        child.join()
        return Probe(CRASHED, f"the process ended with {child.exitcode}")
    finally:
        child.kill()
        child.join()
        here.close()


def _reply(path: Path, reply: Connection) -> None:
    try:
        seconds = read(path).seconds
    except UnreadableDocument as fault:
        reply.send(Probe(REFUSED, str(fault), peak_mb=_peak_mb()))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this file's result
        reply.send(Probe(CRASHED, f"{type(error).__name__}: {error}", peak_mb=_peak_mb()))
    else:
        reply.send(Probe(READ, seconds=seconds, peak_mb=_peak_mb()))


def _peak_mb() -> int:
    """0 where there is no /proc. (getrusage would count the parent that it was forked from.)"""
    if not STATUS.exists():
        return 0
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) >> 10
