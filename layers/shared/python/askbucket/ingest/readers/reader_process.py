"""One reader process as its parent sees it: started bare, asked, listened to, ended without trace.

Not multiprocessing: a fork would inherit the worker's threads, memory and credentials.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum, auto
from pathlib import Path
from typing import IO, cast

from askbucket.errors import TryAgain, UnreadableDocument
from askbucket.ingest.readers.frames import Frame, packed, unpacked
from askbucket.ingest.readers.reader_child import MEMORY_EXIT, WALL_FACTOR
from askbucket.ingest.readers.room import MIB
from askbucket.log import event as log

CHILD = "askbucket.ingest.readers.reader_child"
START_SECONDS = 60  # of waiting; it takes about 0.1
GRACE_SECONDS = 5  # the child's own clock rings first
KIB = 1024
PIPE_BYTES = 256 * KIB  # what a process may read ahead of its parent
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # else numpy takes memory for every core, just in case
OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGALRM)
NEARLY_ALL = 0.5  # of the memory; the rest may be what the process failed to get


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What a reader process may take: MiB of address space, and seconds of work."""

    memory_mib: int
    open_seconds: int
    page_seconds: int


class Cause(Enum):
    """Why a reader process ended before its work did."""

    TIME = auto()
    MEMORY = auto()
    CRASH = auto()
    KILLED = auto()  # by the machine, which had no memory left


class Died(Exception):
    """The process is gone, and so is what it was asked for. Handled by `reader`."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.name)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Launch:
    """How readers of one file are started. `environment` holds no secrets."""

    path: Path
    key: str
    limits: ReaderLimits
    environment: Mapping[str, str]
    child: str = CHILD

    def __call__(self) -> ReaderProcess:
        """Raises TryAgain where none can be started."""
        process = ReaderProcess(self._popen(), self.limits.memory_mib)
        try:
            process.start({"path": str(self.path), "key": self.key, **asdict(self.limits)})
        except Died as error:
            raise TryAgain("a reader process could not be started") from error
        except BaseException:
            process.end()
            raise
        return process

    def _popen(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(os.path.abspath(each) for each in sys.path if each)
        try:
            return subprocess.Popen(
                [sys.executable, "-S", "-P", "-m", self.child],  # -S: `path` is all that site adds
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                pipesize=PIPE_BYTES,
                env={**self.environment, **ONE_THREAD, "PYTHONPATH": path},
                start_new_session=True,  # its process group is all that may come of it
            )
        except OSError as error:
            raise TryAgain(f"a reader process could not be started: {error}") from error


class ReaderProcess:
    """A running reader. Whatever raises Died has ended it."""

    def __init__(self, popen: subprocess.Popen[bytes], memory_mib: int) -> None:
        self._popen, self._memory_mib = popen, memory_mib
        self._in, self._out = cast(IO[bytes], popen.stdin), cast(IO[bytes], popen.stdout)
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)
        self._first_peak = 0  # its largest size in KiB before any work; Linux counts the parent's

    def start(self, order: Mapping[str, object]) -> None:
        """Returns when it has bounded itself, and before any parser is loaded."""
        self.ask(order)
        self._first_peak = self.answer(START_SECONDS, 0, "started").header["peak"]

    def ask(self, header: Mapping[str, object], body: bytes = b"") -> None:
        with suppress(BrokenPipeError):  # then `receive` tells why
            message = memoryview(packed(header, body))
            while message:
                message = message[self._in.write(message) :]

    def answer(self, seconds: float, most_bytes: int, *kinds: str) -> Frame:
        """The next message if it is of these kinds. Raises UnreadableDocument where it tells that
        the file is at fault, TryAgain where it is the machine."""
        frame = self.receive(seconds, most_bytes)
        header = frame.header
        if header.get("kind") in kinds:
            return frame
        self.end()
        match header:
            case {"kind": "unreadable", "reason": str(reason)}:
                raise UnreadableDocument(reason)
            case {"kind": "passing", "error": error, "where": where}:
                raise TryAgain(f"the reader failed: {error} at {where}")
            case {"kind": "failed", "error": error, "where": where}:
                log("reader_failed", level="warning", error=error, at=where)
                raise UnreadableDocument(f"the reader failed on it ({error})")
        raise Died(Cause.CRASH)

    def receive(self, seconds: float, most_bytes: int) -> Frame:
        """The next message, within twice the time its work may take."""
        until = time.monotonic() + WALL_FACTOR * seconds + GRACE_SECONDS
        try:
            return unpacked(lambda size: self._take(size, until), most_bytes)
        except EOFError as error:
            raise self._died() from error
        except (ValueError, RecursionError) as error:
            self.end()
            raise Died(Cause.CRASH) from error

    def _take(self, size: int, until: float) -> bytes:
        pieces = []
        while size:
            left = max(0.0, until - time.monotonic())
            if not self._poll.poll(left * 1000):
                self.end()
                raise Died(Cause.TIME)
            piece = os.read(self._out.fileno(), min(size, MIB))
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _died(self) -> Died:
        """Why the process ended by itself."""
        peak = self.end()
        large = peak > max(self._first_peak, NEARLY_ALL * self._memory_mib * KIB)
        match self._popen.returncode:
            case code if code in OUT_OF_TIME:
                return Died(Cause.TIME)
            case code if code == -signal.SIGKILL:
                return Died(Cause.KILLED)
            case code if code == MEMORY_EXIT or large:  # C code crashes where it gets no more
                return Died(Cause.MEMORY)
        return Died(Cause.CRASH)

    def end(self) -> int:
        """Ends it and all it may have started; its largest size in KiB. Does nothing twice."""
        if self._popen.returncode is not None:
            return 0
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)  # changes nothing where it is dead already
        _, status, usage = os.wait4(self._popen.pid, 0)
        self._popen.returncode = os.waitstatus_to_exitcode(status)
        self._in.close()
        self._out.close()
        return usage.ru_maxrss
