"""Many files at once: a kill in the middle loses none, and unreadable ones delay no healthy one."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError
from qdrant_client.http import models

from local.qdrant.collections import Collections
from local.qdrant.handlers import Call, scroll
from local.serve import ROOT
from tests.e2e.driver import Driver
from tests.e2e.processes import Up
from tests.e2e.test_bad_files import zipped

pytestmark = pytest.mark.slow

HANDBOOK = (ROOT / "samples" / "handbook.pdf").read_bytes()
SMALL = {f"small/{n:03d}.txt": f"Locker {n} belongs to member {n * 7}.\n" * 40 for n in range(200)}
KILLED_AFTER = 100  # uploads
UPLOADERS = 4
READY_WITHIN_SECONDS = 150
STOPS_WITHIN_SECONDS = 8
POISON_FILES = 50
HEALTHY_WITHIN_SECONDS = 60

Versions = dict[str, str]


def test_a_kill_in_the_middle_of_many_uploads_loses_none_and_leaves_no_orphan(
    tmp_path: Path,
) -> None:
    with Up(tmp_path) as up:
        # given
        with up.driven() as stack:
            sent: Versions = {}

            def killed_in_time() -> None:
                if len(sent) == KILLED_AFTER:
                    up.send(signal.SIGKILL)

            upload(stack, SMALL, sent, killed_in_time)
            up.ended(5)
        assert KILLED_AFTER <= len(sent) < len(SMALL)
        # when
        with Up(tmp_path, up.api_port, up.aws_port) as again, again.driven() as stack:
            upload(stack, {key: SMALL[key] for key in SMALL.keys() - sent.keys()}, sent)
            # then
            for key, version in sent.items():
                stack.ready(key, version, READY_WITHIN_SECONDS)
            documents = {each["document"]: each for each in stack.documents()}
            assert documents.keys() == SMALL.keys()
            again.send(signal.SIGTERM)
            assert again.ended(STOPS_WITHIN_SECONDS) == 0, again.lines
    assert points(up.data) == {key: each["chunks"] for key, each in documents.items()}
    ids = {each["id"] for each in documents.values()}
    assert {folder.name for folder in artifacts(up.data)} == ids


def test_unreadable_files_in_the_queue_hold_no_healthy_one_up(
    stack: Driver, prefix: str, record_testsuite_property: Callable[[str, object], None]
) -> None:
    versions = {
        f"{prefix}{n:02d}-{name}": stack.put(f"{prefix}{n:02d}-{name}", body)
        for n in range(POISON_FILES)
        for name, body in [poison(n)]
    }

    began = time.monotonic()
    stack.ready(
        f"{prefix}healthy.txt",
        stack.put(f"{prefix}healthy.txt", "The lantern hangs by the door."),
        HEALTHY_WITHIN_SECONDS,
    )
    record_testsuite_property("healthy_ready_s", round(time.monotonic() - began, 1))

    ends = [stack.at_rest(key, version) for key, version in versions.items()]
    record_testsuite_property("all_at_rest_s", round(time.monotonic() - began, 1))
    assert {document["status"] for document in ends} == {"failed"}
    assert all(document["reason"] for document in ends)


def poison(number: int) -> tuple[str, bytes]:
    """A file nobody can read, of one of five kinds."""
    noise = random.Random(number).randbytes(20_000)  # noqa: S311 - repeatable on purpose
    kinds = (
        ("cut.pdf", HANDBOOK[: 1000 + 40 * number]),
        ("archive.zip", zipped()),
        ("empty.pdf", b""),
        ("noise.bin", noise),
        ("noise.pdf", b"%PDF-1.7\n" + noise),
    )
    return kinds[number % len(kinds)]


def upload(
    stack: Driver, files: dict[str, str], sent: Versions, after: Callable[[], None] = lambda: None
) -> None:
    """Adds each upload that the bucket confirmed to `sent`, and calls `after` it.

    Ends when the bucket does.
    """
    left = sorted(files)

    def one_after_another() -> None:
        with contextlib.suppress(IndexError, BotoCoreError):
            while key := left.pop():
                sent[key] = stack.put(key, files[key])
                after()
        left.clear()

    with ThreadPoolExecutor(UPLOADERS) as pool:
        for uploader in [pool.submit(one_after_another) for _ in range(UPLOADERS)]:
            uploader.result()


def points(data: Path) -> Counter[str]:
    """Points of each document, read from the store's files; each of one generation only."""
    collections = Collections(data / "qdrant")
    try:
        [name] = collections.names()
        body = models.ScrollRequest(limit=100_000).model_dump_json(exclude_none=True)
        found = scroll(collections, Call(name, body.encode(), wait=False))["points"]
    finally:
        collections.close()
    generations = {(each["payload"]["document"], each["payload"]["generation"]) for each in found}
    assert len(generations) == len({document for document, _ in generations})
    return Counter(each["payload"]["document"] for each in found)


def artifacts(data: Path) -> list[Path]:
    """One folder for each document that something was kept of."""
    [bucket] = (data / "aws" / "s3").glob("**/askbucket-artifacts")
    return [folder for folder in bucket.iterdir() if any(p.is_file() for p in folder.rglob("*"))]
