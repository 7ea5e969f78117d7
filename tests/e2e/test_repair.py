"""Commands for when something is wrong, on a stack where something is: reindex, redrive, doctor."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from lambdas.ingest.handler import MAX_RECEIVES
from local.cli import main
from local.deployed import Deployed
from local.emulator import CREDENTIALS, free_port
from local.serve import ROOT, Server
from local.stack import DESCRIPTION, OfflineStack, Running
from tests.e2e.driver import Driver, Run, eventually

SAMPLES = ROOT / "samples"
NAMES = ("handbook.pdf", "scan.pdf", "notice.html")
QUESTION, WORDS = "How much is the deposit for boat shed B?", "510 pounds"
SMALLER = {"ASKBUCKET_CHUNK_CHARS": "400", "ASKBUCKET_CHUNK_OVERLAP_CHARS": "50"}
NO_STORE = "qdrant+http://127.0.0.1:9/askbucket"
LAST_WAIT = "15"  # seconds from the last fault to the dead letter, instead of 330


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of this module's stack, whose settings its tests change."""
    return tmp_path_factory.mktemp("repair")


@pytest.fixture(scope="module")
def stack(data: Path) -> Iterator[Driver]:
    with OfflineStack(data) as running:
        driver = Driver.of(running.running)
        yield driver
        driver.close()


def test_doctor_tells_a_hint_that_waits_from_one_that_is_lost(
    run: Run, stack: Driver, prefix: str
) -> None:
    key = f"{prefix}gate.txt"
    with stack.paused():
        # when
        version = stack.put(key, "The gate of the yard is painted green.")
        eventually(lambda: "in the queue" in run("doctor", key).stdout, "the hint in the queue")
        # then
        waiting = run("doctor", key)
        assert (waiting.exit_code, waiting.stdout.split()[:2]) == (0, ["step", "queued"])
        # when
        stack.sqs.purge_queue(QueueUrl=stack.running.outputs["QueueUrl"])
        # then
        lost = run("doctor", key)
        assert lost.exit_code == 1
        assert "step    event lost" in lost.stdout
        assert "action  run `askbucket sweep`" in lost.stdout
    # when
    swept = run("sweep")
    # then
    assert "1 to be indexed again: not in the manifest" in swept.stdout
    stack.ready(key, version)
    assert run("doctor", key).exit_code == 0


def test_reindex_renews_every_document_without_ocr_while_answers_go_on(
    stack: Driver, tmp_path: Path
) -> None:
    # given
    versions = {name: stack.put(name, (SAMPLES / name).read_bytes()) for name in NAMES}
    before = {name: stack.ready(name, version) for name, version in versions.items()}
    billed = stack.pages_billed()
    with stack.told(**SMALLER), another_api(stack, tmp_path) as renewed:
        # then
        listed = command(tmp_path, "status")
        assert "`askbucket reindex` renews them" in listed.splitlines()[-1]
        assert "indexed by an older recipe" in command(tmp_path, "doctor", "scan.pdf")
        # when
        said = command(tmp_path, "reindex", "--prefix", "handbook")
        assert said == "1 key looked at\n1 to be indexed again: another recipe\n"
        command(tmp_path, "reindex")
        # then
        eventually(lambda: answered_and_renewed(renewed), "all documents on the new recipe")
        after = {each["document"]: each for each in renewed.documents()}
        for name in NAMES:
            assert after[name]["status"] == "ready"
            assert after[name]["active_version"] == before[name]["version"]
        assert after["handbook.pdf"]["chunks"] > before["handbook.pdf"]["chunks"]
        assert after["scan.pdf"]["ocr_pages"] == 1
        assert stack.pages_billed() == billed
        assert "older recipe" not in command(tmp_path, "status")
        assert command(tmp_path, "reindex").endswith("nothing to be indexed again\n")


@pytest.mark.slow
def test_a_fault_that_outlasts_its_tries_is_told_and_redriven(
    run: Run, stack: Driver, prefix: str
) -> None:
    key = f"{prefix}lantern.txt"
    stack.put_ready(key, "The lantern hangs by the door.")
    queue = stack.running.outputs["QueueUrl"]
    stack.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": LAST_WAIT})
    with stack.told(ASKBUCKET_STORE=NO_STORE):
        # when
        with stack.paused():
            version = stack.put(key, "The lantern hangs by the window.")
            receive(stack, queue, times=MAX_RECEIVES - 1)
        failed = stack.at_rest(key, version)
        # then
        assert failed["status"] == "failed"
        assert "the vector store cannot be reached" in failed["reason"]
        assert "by the door" in stack.ask("Where does the lantern hang?", document=key)["answer"]
        told = run("doctor", key)
        assert told.exit_code == 1
        assert "step    gave up for now" in told.stdout
        assert "askbucket redrive" in told.stdout
    # when
    eventually(lambda: run("redrive").stdout == "1 message put back\n", "a dead letter", 90)
    # then
    eventually(lambda: stack.documents(key=key, status="ready"), f"{key} ready")
    assert run("doctor", key).exit_code == 0
    assert "by the window" in stack.ask("Where does the lantern hang?", document=key)["answer"]


@pytest.mark.slow
def test_a_restart_with_another_chunk_size_needs_no_reindex_and_no_ocr(tmp_path: Path) -> None:
    with OfflineStack(tmp_path) as running, driven(running.running) as stack:
        version = stack.put("scan.pdf", (SAMPLES / "scan.pdf").read_bytes())
        before, billed = stack.ready("scan.pdf", version), stack.pages_billed()

    smaller = {"chunk_chars": "400", "chunk_overlap_chars": "50"}
    with OfflineStack(tmp_path, context=smaller) as running, driven(running.running) as stack:
        after = stack.ready("scan.pdf", version)
        assert after["chunks"] > before["chunks"]
        assert not after["outdated"]
        assert stack.pages_billed() == billed


def answered_and_renewed(stack: Driver) -> bool:
    """Whether no document is outdated; an answer from one version is there in any case."""
    answer = stack.ask(QUESTION, document="handbook.pdf")
    assert WORDS in answer["answer"], answer
    return not any(document["outdated"] for document in stack.documents())


def receive(stack: Driver, queue: str, times: int) -> None:
    """Takes the one message so often, as workers do that end without a word."""
    got = 0
    while got < times:
        reply = stack.sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, WaitTimeSeconds=1)
        got += len(reply.get("Messages", ()))


def command(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, [*arguments, "--data", str(folder)])
    assert done.exit_code == 0, done.output
    return done.stdout


@contextmanager
def driven(running: Running) -> Iterator[Driver]:
    driver = Driver.of(running)
    try:
        yield driver
    finally:
        driver.close()


@contextmanager
def another_api(stack: Driver, folder: Path) -> Iterator[Driver]:
    """The stack behind an API with the variables its functions have now.

    `folder` is then a data folder for the command.
    """
    running = stack.running
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": running.aws_endpoint,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": running.bedrock_url,
        "NO_PROXY": "127.0.0.1",
    }
    with open(os.devnull) as nothing:
        server = Server("api", free_port(), folder / "api", environment, nothing.fileno())
    try:
        server.begin(Deployed(running.aws_endpoint, running.outputs).query_environment())
        server.wait_until_up()
        described = {**asdict(running), "api_url": server.url}
        (folder / DESCRIPTION).write_text(json.dumps(described))
        with driven(Running(**described)) as driver:
            yield driver
    finally:
        server.release()
        server.wait()
