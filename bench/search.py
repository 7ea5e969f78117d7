"""Where the time of a `/search` request goes, on a running offline stack: above all, how much of it
is the reader's check, which reads the manifest.

The app runs in this process with the deployed query function's variables and asks the stack's
endpoints. The manifest is the emulator's, written in Python on this machine: what its share would
be with DynamoDB, a network away, is another matter.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.measured import Row, in_ms
from local.client import Client
from local.deployed import Deployed
from local.emulator import CREDENTIALS
from local.stack import OfflineStack, Running
from local.target import Target

DOCUMENTS = 300
UPLOADERS = 4
WAIT_SECONDS = 300.0
SETTLED_SECONDS = 3.0  # the check searches again where a commit is younger than two seconds
QUESTIONS, WARM_UP = 200, 20
THINGS = ("lantern", "locker", "boat", "ladder", "bicycle", "kettle", "anchor", "violin")
PLACES = ("harbour", "attic", "garage", "library", "orchard", "stable", "cellar", "chapel")
PARTS = ("embedding", "store's search", "manifest read")


def rows() -> list[Row]:
    with (
        tempfile.TemporaryDirectory(prefix="askbucket-bench-") as folder,
        OfflineStack(Path(folder)) as stack,
    ):
        with Client(Target.local(Path(folder))) as client:
            _fill(client, Path(folder))
        time.sleep(SETTLED_SECONDS)
        whole, parts = _timed(stack.running)
    rest = [took - sum(each) for took, each in zip(whole, zip(*parts, strict=True), strict=True)]
    share = [part / took for part, took in zip(parts[2], whole, strict=True)]
    return [
        in_ms("whole request", whole, f"{DOCUMENTS} documents, no network but loopback"),
        *(in_ms(f"  {name}", times) for name, times in zip(PARTS, parts, strict=True)),
        in_ms("  everything else", rest),
        Row("the reader's check", f"{statistics.median(share):.0%}", "", "of the whole request"),
    ]


def _fill(client: Client, folder: Path) -> None:
    files = folder / "files"
    files.mkdir()

    def put(number: int) -> Any:
        thing, place = THINGS[number % 8], PLACES[number // 8 % 8]
        file = files / f"{number:03d}.txt"
        file.write_text(f"The {thing} number {number} stands in the {place}.\n" * 5)
        return client.put(file, file.name)

    with ThreadPoolExecutor(UPLOADERS) as pool:
        uploads = list(pool.map(put, range(DOCUMENTS)))
    for upload in uploads:
        client.wait(upload, WAIT_SECONDS)


def _timed(running: Running) -> tuple[list[float], list[list[float]]]:
    """Seconds of each request, and for each of PARTS its share of them."""
    from fastapi.testclient import TestClient

    os.environ.update(_environment(running))  # before the app reads it, once for this process
    from askbucket import wiring
    from lambdas.query.app import create_app

    parts: list[list[float]] = [[], [], []]
    asked = (
        (wiring.embedder(), "embed_question"),
        (wiring.store(), "search"),
        (wiring.manifest(), "get_many"),
    )
    for (thing, method), seconds in zip(asked, parts, strict=True):
        setattr(thing, method, _heard(getattr(thing, method), seconds))
    whole = []
    with TestClient(create_app(), client=("127.0.0.1", 1)) as api:
        for number in range(WARM_UP + QUESTIONS):
            query = f"Where does the {THINGS[number % 8]} number {number % DOCUMENTS} stand?"
            began = time.perf_counter()
            reply = api.post("/search", json={"query": query})
            whole.append(time.perf_counter() - began)
            if reply.status_code != 200 or not reply.json()["hits"]:
                raise RuntimeError(f"{query}: {reply.text}")
    return whole[WARM_UP:], [_one_each(seconds)[WARM_UP:] for seconds in parts]


def _one_each(seconds: Sequence[float]) -> list[float]:
    if len(seconds) != WARM_UP + QUESTIONS:
        raise RuntimeError(f"{len(seconds)} calls for {WARM_UP + QUESTIONS} requests")
    return list(seconds)


def _heard(call: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            seconds.append(time.perf_counter() - began)

    return timed


def _environment(running: Running) -> dict[str, str]:
    return {
        **Deployed(running.aws_endpoint, running.outputs).query_environment(),
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": running.aws_endpoint,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": running.bedrock_url,
        "NO_PROXY": "127.0.0.1",
    }
