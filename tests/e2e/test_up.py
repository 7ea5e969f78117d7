"""`askbucket up` as a process: what it prints, what it refuses, how it stops, what it leaves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator import HOST
from local.serve import ROOT
from tests.e2e.processes import COMMAND, Up, is_free

STOPS_WITHIN_SECONDS = 8
REFUSES_WITHIN_SECONDS = 2


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.slow
def test_it_says_where_it_answers_then_ready_and_stops_without_a_trace(tmp_path: Path) -> None:
    with Up(tmp_path) as up:
        with up.driven() as stack:
            assert stack.http.get(f"{stack.running.api_url}/health").status_code == 200
            assert stack.running.api_url == f"http://127.0.0.1:{up.api_port}"
            assert stack.running.aws_endpoint == f"http://127.0.0.1:{up.aws_port}"
            told = "\n".join(up.lines)
            for url in ("api_url", "gateway_url", "aws_endpoint"):
                assert getattr(stack.running, url) in told
            assert up.lines[-1] == "ready"
            second = refused("--data", str(up.data))
            assert second.returncode == 1
            assert f"another askbucket is running on {up.data}" in second.stderr

        up.send(signal.SIGINT)

        assert up.ended(STOPS_WITHIN_SECONDS) == 0, up.lines
        assert up.leftovers() == []
        assert list(up.scratch.iterdir()) == []
        assert is_free(up.api_port)
        assert is_free(up.aws_port)


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [0.7, 2.0])
def test_a_signal_during_the_start_stops_it_cleanly(tmp_path: Path, after_s: float) -> None:
    with Up(tmp_path) as up:
        time.sleep(after_s)

        up.send(signal.SIGTERM)

        assert up.ended(STOPS_WITHIN_SECONDS) == 0, up.lines
        assert up.lines[-1] == "stopped"
        assert up.leftovers() == []
        assert list(up.scratch.iterdir()) == []


@pytest.mark.slow
def test_a_part_that_dies_ends_the_stack_and_is_named(tmp_path: Path) -> None:
    with Up(tmp_path) as up:
        up.ready()
        [store] = (each for each in up.leftovers() if "local.serve\\x00qdrant" in each)

        os.kill(int(store.split()[0]), signal.SIGKILL)

        assert up.ended(STOPS_WITHIN_SECONDS) == 1
        assert any("qdrant ended by itself" in line for line in up.lines), up.lines
        assert up.leftovers() == []


@pytest.mark.slow
def test_a_part_that_cannot_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Up(tmp_path, ASKBUCKET_LOCAL_OCR="abacus") as up:
        assert up.ended(30) == 1
        said = "\n".join(up.lines)
        assert "textract ended by itself" in said
        assert "there is no OCR engine 'abacus'" in said


@pytest.mark.parametrize("flag", ["--api-port", "--aws-port"])
def test_a_taken_port_is_told_at_once_with_its_flag(tmp_path: Path, taken: int, flag: str) -> None:
    began = time.monotonic()

    run = refused("--data", str(tmp_path), flag, str(taken))

    assert time.monotonic() - began < REFUSES_WITHIN_SECONDS
    assert run.returncode == 2
    assert f"port {taken} is taken; choose another with {flag}" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--api-port", "5000", "--aws-port", "5000"], "are both 5000"),
        (["--api-port", "0"], "--api-port"),
        (["--aws-port", "http"], "--aws-port"),
        (["unexpected"], "unexpected"),
    ],
)
def test_wrong_usage_is_exit_code_2(tmp_path: Path, arguments: list[str], told: str) -> None:
    run = refused("--data", str(tmp_path), *arguments)

    assert run.returncode == 2
    assert told in run.stderr


def refused(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "up", *arguments],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
