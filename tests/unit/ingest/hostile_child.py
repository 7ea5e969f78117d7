"""A reader process whose parser does what the file says, page by page: `python -m` this.

The file is JSON: what opening does, then what each page does; "fine" is to behave.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers import reader_child
from askbucket.models import Line, Page


class HostileSource:
    """Every page says its number, if it gets that far; OCR input is the numbers asked for."""

    paged = True
    boxed = True
    warnings = ("a loss",)
    ocr_suffix = ".pdf"

    def __init__(self, path: Path, _key: str) -> None:
        self.folder = path.parent
        deeds = json.loads(path.read_text())
        self.opening, self.deeds = deeds["opening"], deeds["pages"]
        self.ocr, self.page_count = deeds.get("ocr", "fine"), len(self.deeds)
        act(self, self.opening)

    def pages(self, first: int, last: int) -> list[Page]:
        said = [act(self, deed) for deed in self.deeds[first - 1 : last]]
        shift = 1 if "wrong number" in self.deeds[first - 1 : last] else 0
        return [
            Page(number + shift, (Line(f"page {number}"), *map(Line, filter(None, words))))
            for number, words in zip(range(first, last + 1), said, strict=True)
        ]

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        act(self, self.ocr)
        return json.dumps(list(numbers)).encode()

    def close(self) -> None:
        """Never called here: the process just ends."""


def act(source: HostileSource, deed: str) -> Sequence[str]:
    """Does it; lines to add to the page."""
    words = DEEDS[deed](source) if deed in DEEDS else None
    return [words] if isinstance(words, str) else []


def spin(source: HostileSource) -> None:
    while True:
        pass


def sleep(source: HostileSource) -> None:
    time.sleep(3600)


def allocate(source: HostileSource) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(2**24))


def segfault(source: HostileSource) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def killed_once(source: HostileSource) -> None:
    """As by the machine, for want of memory that is there again."""
    mark = source.folder / "killed"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def killed(source: HostileSource) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def flood(source: HostileSource) -> None:
    """Straight into the pipe, past all framing."""
    for fd in range(3, 20):
        try:
            while True:
                os.write(fd, b"\xff" * 2**16)
        except OSError:
            continue


def bomb(source: HostileSource) -> str:
    return " " * (80 * 2**20)


def prints(source: HostileSource) -> None:
    sys.stdout.write("no part of the protocol")
    sys.stdout.flush()


def connect(source: HostileSource) -> str:
    """What came of it."""
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    except PermissionError as error:
        return str(error)
    return "connected"


def spawn(source: HostileSource) -> str:
    try:
        subprocess.run(["true"], check=False)
    except PermissionError as error:
        return str(error)
    return "spawned"


def write(source: HostileSource) -> str:
    """A file of a GiB where temporary files go."""
    with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir(), delete=False) as file:
        try:
            file.truncate(2**30)
        except OSError as error:
            return f"{type(error).__name__} in {Path(tempfile.gettempdir()).name}"
    return "written"


def environment(source: HostileSource) -> str:
    return " ".join(sorted(os.environ))


def fails(source: HostileSource) -> None:
    raise KeyError("what the document says")


def refuses(source: HostileSource) -> None:
    raise UnreadableDocument("it is in verse")


def full_disk(source: HostileSource) -> None:
    raise OSError(28, "No space left on device")


DEEDS: dict[str, Callable[[HostileSource], object]] = {
    "spin": spin, "sleep": sleep, "allocate": allocate, "segfault": segfault, "killed": killed,
    "killed once": killed_once, "flood": flood, "bomb": bomb, "print": prints, "connect": connect,
    "spawn": spawn, "write": write, "environment": environment, "fail": fails, "refuse": refuses,
    "full disk": full_disk,
}  # fmt: skip

if __name__ == "__main__":
    reader_child.main(HostileSource)
