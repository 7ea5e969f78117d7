"""The process a file is read in, started by `reader_process`: what a hostile file can harm is
only this. It bounds itself before any parser is loaded, does what its standard input asks for
and answers on its standard output, a message at a time.

In: {"path", "key", "memory_mib", "open_seconds", "page_seconds"}, then {"pages": [first, last,
step]} or {"ocr": true} with the numbers as JSON in the body. Out: "started"; "opened" or why not;
then every page, or the file for OCR. A death is an answer, too: see Exit and the signals.
"""

from __future__ import annotations

import errno
import json
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.frames import Frame, packed, unpacked
from askbucket.ingest.readers.room import MIB, MOST_UNPACKED
from askbucket.ingest.readers.source import Source

MEMORY_EXIT = 77  # a MemoryError: what C code still holds cannot be trusted after it
WALL_FACTOR = 2  # waiting counts, too, but a busy machine must not decide what is readable
MOST_OPEN_FILES = 64
MOST_REASON_CHARS = 1000
MOST_ORDER_BYTES = MIB
PASSING = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE}  # the machine's, not the file's
FORBIDDEN = {
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn",
    "subprocess.Popen",
}  # fmt: skip
TOLD = ("paged", "page_count", "boxed", "warnings", "ocr_suffix")
Open = Callable[[Path, str], Source]


def main(opener: Open | None = None) -> None:
    """Serves one file until the input ends; tests bring their own `opener`."""
    channel = _Channel.taken()
    order = channel.receive().header
    _confine(order["memory_mib"] * MIB)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    channel.send({"kind": "started", "peak": peak})
    with channel.telling(), _spending(order["open_seconds"]):
        source = (opener or _opener())(Path(order["path"]), order["key"])
    channel.send({"kind": "opened", "source": {name: getattr(source, name) for name in TOLD}})
    while True:
        _serve(channel, source, channel.receive(), order)


def _serve(channel: _Channel, source: Source, asked: Frame, order: dict[str, Any]) -> None:
    if "ocr" in asked.header:
        with channel.telling(), _spending(order["open_seconds"]):
            content = source.ocr_input(json.loads(asked.body))
        channel.send({"kind": "ocr"}, content)
        return
    first, last, step = asked.header["pages"]
    for number in range(first, last + 1, step):
        _send_page(channel, source, number, order["page_seconds"])


def _send_page(channel: _Channel, source: Source, number: int, seconds: int) -> None:
    """A page that fails in Python is lost alone, and its reader goes on."""
    from askbucket.artifacts import pages_to_bytes

    body = b""
    header: dict[str, Any] = {"kind": "page", "number": number}
    try:
        with _spending(seconds):
            body = pages_to_bytes(source.pages(number, number))
    except (UnreadableDocument, MemoryError) as error:
        channel.end(error)
    except Exception as error:  # noqa: BLE001  (a process's edge: told to the parent)
        header = {"kind": "lost", "number": number, **_told(error)}
    channel.send(header, body)


class _Channel:
    """The two pipes to the parent."""

    def __init__(self, orders: BinaryIO, answers: BinaryIO) -> None:
        self._orders, self._answers = orders, answers

    @classmethod
    def taken(cls) -> _Channel:
        """Standard input and output, out of the reach of a parser that prints."""
        orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.close(nothing)
        return cls(orders, answers)

    def receive(self) -> Frame:
        """The next order; ends the process where there will be none."""
        try:
            return unpacked(self._take, MOST_ORDER_BYTES)
        except EOFError:
            os._exit(0)

    def _take(self, size: int) -> bytes:
        taken = self._orders.read(size)
        if len(taken) < size:
            raise EOFError
        return taken

    def send(self, header: dict[str, Any], body: bytes = b"") -> None:
        try:
            self._answers.write(packed(header, body))
            self._answers.flush()
        except BrokenPipeError:
            os._exit(0)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Ends the process with an answer that tells of any error."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  (a process's edge: told to the parent)
            self.end(error)

    def end(self, error: Exception) -> None:
        if isinstance(error, MemoryError):
            os._exit(MEMORY_EXIT)
        if isinstance(error, UnreadableDocument):
            self.send({"kind": "unreadable", "reason": str(error)[:MOST_REASON_CHARS]})
        else:
            self.send({"kind": "passing" if _passing(error) else "failed", **_told(error)})
        os._exit(0)


def _opener() -> Open:
    from askbucket.ingest.readers.reading import open_source

    return open_source


def _passing(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in PASSING
    return isinstance(error, ImportError)


def _told(error: Exception) -> dict[str, str]:
    """An error's kind and place, without what it says: that may be the document's text."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    code = place.tb_frame.f_code if place else None
    where = f"{Path(code.co_filename).name}:{place.tb_lineno}" if code and place else ""
    return {"error": type(error).__name__, "where": where}


def _confine(memory: int) -> None:
    """Less memory, no core file, few and small files, no network, no processes; from here on."""
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, MOST_UNPACKED)  # of attachments, unpacked to be read
    _lower(resource.RLIMIT_NOFILE, MOST_OPEN_FILES)
    for ending in (signal.SIGXCPU, signal.SIGALRM):  # may have been ignored by who started us
        signal.signal(ending, signal.SIG_DFL)
    with suppress(OSError):  # where the machine has none left, this goes and not the worker
        Path("/proc/self/oom_score_adj").write_text("1000")
    sys.addaudithook(_refuse)


def _lower(limit: int, value: int) -> None:
    """Also for good; left as it is where the system knows no such limit (macOS and memory)."""
    _, hard = resource.getrlimit(limit)
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(limit, (most, most))


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN or event.startswith("socket."):
        raise PermissionError(f"a reader asks for {event}")


@contextmanager
def _spending(seconds: int) -> Iterator[None]:
    """At most so many seconds of work, also in C code: then a signal ends the process."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    spent = math.ceil(time.process_time())
    most = spent + seconds if hard == resource.RLIM_INFINITY else min(spent + seconds, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))
    signal.alarm(WALL_FACTOR * seconds)
    try:
        yield
    finally:
        signal.alarm(0)  # what follows waits for the parent, which may take its time


if __name__ == "__main__":
    main()
