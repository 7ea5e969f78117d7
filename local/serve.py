"""One of the offline endpoints, or the API, as a process that ends with whoever started it.

`python -m local.serve NAME PORT DATA`, with the environment of its deployed counterpart. It serves
until it is told to stop, or its standard input closes because its parent is gone.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

HOST = "127.0.0.1"
GRACE_SECONDS = 3
API_KEY_VARIABLE = "ASKBUCKET_LOCAL_STORE_KEY"
MODEL_CACHE = Path(__file__).parent.parent / ".cache" / "models"


def main() -> None:
    name, port, data = sys.argv[1:4]
    config = uvicorn.Config(
        APPS[name](Path(data)),
        host=HOST,
        port=int(port),
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


def _textract(data: Path) -> Any:
    from local.textract.app import create_app

    return create_app(data, aws_endpoint=os.environ["AWS_ENDPOINT_URL"])


def _bedrock(_: Path) -> Any:
    from local.bedrock.app import create_app

    return create_app(MODEL_CACHE)


def _qdrant(data: Path) -> Any:
    from local.qdrant.app import create_app

    return create_app(data, os.environ[API_KEY_VARIABLE])


def _api(_: Path) -> Any:
    from lambdas.query.app import create_app

    return create_app()


APPS: dict[str, Callable[[Path], Any]] = {
    "textract": _textract,
    "bedrock": _bedrock,
    "qdrant": _qdrant,
    "api": _api,
}

if __name__ == "__main__":
    main()
