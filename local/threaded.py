"""An offline endpoint in a thread of this process, for tests and evaluations to ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from local.serve import HOST, ServerFailed

POLL_SECONDS = 0.005


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The ASGI app's URL, on a free loopback port, while the block runs. Raises ServerFailed."""
    server = uvicorn.Server(
        uvicorn.Config(app, host=HOST, port=0, ws="none", log_config=None, log_level="warning")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise ServerFailed("the endpoint did not start")
            time.sleep(POLL_SECONDS)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://{HOST}:{port}"
    finally:
        server.should_exit = True
        thread.join()
