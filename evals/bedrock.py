"""The offline Bedrock runtime, served in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from local.bedrock.app import create_app
from local.serve import HOST, MODEL_CACHE


@contextmanager
def served_bedrock() -> Iterator[str]:
    """The endpoint's URL, on a free loopback port, while the block runs."""
    app = create_app(MODEL_CACHE)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_level="warning"))
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
