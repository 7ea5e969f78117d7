"""`askbucket` as a process of its own, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from local.emulator import HOST, free_port
from local.serve import ROOT
from local.stack import DESCRIPTION, Running
from tests.e2e.driver import Driver, eventually

COMMAND = (sys.executable, "-m", "local.cli")
START_SECONDS = 90
NOWHERE = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), "http://127.0.0.1:9")
"""Proxies that nobody may be led to by their environment."""


class Up:
    """`askbucket up` on a data folder and a temporary folder of its own.

    Another one started in the same `folder` finds the same data, and the same ports by default.
    """

    def __init__(
        self, folder: Path, api_port: int = 0, aws_port: int = 0, **environment: str
    ) -> None:
        self.data = folder / "data"
        self.scratch = folder / "scratch"
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.api_port = api_port or free_port()
        self.aws_port = aws_port or free_port()
        ports = ["--api-port", str(self.api_port), "--aws-port", str(self.aws_port)]
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--data", str(self.data), *ports],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(self.scratch), **NOWHERE, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Up:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.ended(10)
        eventually(lambda: not self.leftovers(), "no process left", 15)

    def ready(self) -> Running:
        eventually(lambda: "ready" in self.lines or self.process.poll(), "ready", START_SECONDS)
        assert self.process.poll() is None, self.lines
        return Running(**json.loads((self.data / DESCRIPTION).read_text()))

    @contextmanager
    def driven(self) -> Iterator[Driver]:
        driver = Driver.of(self.ready())
        try:
            yield driver
        finally:
            driver.close()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self, within_s: float) -> int:
        """The exit status. Its output is then complete in `lines`."""
        status = self.process.wait(within_s)
        self._reader.join()
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def leftovers(self) -> list[str]:
        """Command lines of all processes that know of its folders, itself included."""
        folder = str(self.data.parent).encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue  # ended meanwhile, or not ours
            if folder in told:
                found.append(f"{process.name} {told[:300]!r}")
        return found

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
