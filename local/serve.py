"""One of the offline endpoints, or the API, as a process that ends with whoever started it.

Both ends are here: `Server` in the stack's process, and `python -m local.serve NAME PORT DATA` in
the other. They share a pipe, the child's standard input. Its first line, a JSON object, adds to the
environment and is the word to begin: so the API, which takes two seconds to import, can be started
before it is known what is deployed. The pipe's end is the word to stop, and also comes when the
parent is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uvicorn

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
GRACE_SECONDS = 2  # for requests under way
STOP_SECONDS = 4  # then a process that still runs is killed with all it started
START_SECONDS = 60
API_KEY_VARIABLE = "ASKBUCKET_LOCAL_STORE_KEY"
CHAT_VARIABLE = "ASKBUCKET_LOCAL_CHAT_MODEL"
MODEL_CACHE = ROOT / ".cache" / "models"


class ServerFailed(RuntimeError):
    """A server ended by itself or never answered; the message ends with its last words."""


class Server:
    """The parent's end. `folder` keeps the server's data and its log; `held` is a file descriptor
    that the process keeps open for as long as it lives."""

    def __init__(
        self, name: str, port: int, folder: Path, environment: Mapping[str, str], held: int
    ) -> None:
        self._name = name
        self._port = port
        self.url = f"http://{HOST}:{port}"
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "server.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.serve", name, str(port), str(folder)],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(held,),
            )

    def begin(self, environment: Mapping[str, str]) -> None:
        """Lets it serve, with these variables added."""
        assert self._process.stdin is not None  # noqa: S101  (made above)
        with contextlib.suppress(BrokenPipeError):  # it has ended; wait_until_up says why
            self._process.stdin.write(json.dumps(dict(environment)).encode() + b"\n")
            self._process.stdin.flush()

    def wait_until_up(self) -> None:
        """Returns when it takes connections. Raises ServerFailed."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.check()
            with contextlib.suppress(OSError), socket.create_connection((HOST, self._port), 1):
                return
            if time.monotonic() > deadline:
                raise ServerFailed(f"{self._name} did not start within {START_SECONDS} s")
            time.sleep(0.02)

    def check(self) -> None:
        """Raises ServerFailed if it has ended."""
        if self._process.poll() is not None:
            words = self._log.read_text(errors="replace")[-2000:].strip() or "it said nothing"
            raise ServerFailed(f"{self._name} ended by itself: {words}")

    def release(self) -> None:
        """Tells it to stop, without waiting for that; safe to call twice."""
        self._process.terminate()  # ends at once what does not serve yet
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()

    def wait(self) -> None:
        """Returns when it has ended, by force if need be."""
        try:
            self._process.wait(STOP_SECONDS + 1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main() -> None:
    name, port, data = sys.argv[1:4]
    module, create = APPS[name]
    loaded = import_module(module)
    added = sys.stdin.readline()
    if not added:
        return  # the parent is gone before it came to that
    os.environ.update(json.loads(added))
    _serve(create(loaded, Path(data)), int(port))


def _serve(app: Any, port: int) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
    server.run()


def _stop_with_parent(server: uvicorn.Server) -> None:
    while os.read(0, 1024):
        pass
    server.should_exit = True
    time.sleep(STOP_SECONDS)
    os.killpg(0, signal.SIGKILL)  # we lead the group; Tesseract may be in it


APPS: dict[str, tuple[str, Callable[[Any, Path], Any]]] = {
    "textract": (
        "local.textract.app",
        lambda app, data: app.create_app(data, aws_endpoint=os.environ["AWS_ENDPOINT_URL"]),
    ),
    "bedrock": (
        "local.bedrock.app",
        lambda app, _: app.create_app(MODEL_CACHE, os.environ.get(CHAT_VARIABLE, "")),
    ),
    "qdrant": (
        "local.qdrant.app",
        lambda app, data: app.create_app(data, os.environ[API_KEY_VARIABLE]),
    ),
    "api": ("lambdas.query.app", lambda app, _: app.create_app()),
}

if __name__ == "__main__":
    main()
