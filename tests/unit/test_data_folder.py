"""Who holds a data folder, and when it is free again."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.data_folder import FolderTaken, locked

HOLD = """
import subprocess, sys, time
from pathlib import Path
from local.data_folder import locked
with locked(Path(sys.argv[1])) as (lock, _):
    server = subprocess.Popen(["sleep", "2"], pass_fds=[lock], stdout=subprocess.DEVNULL)
    print("held", flush=True)
    time.sleep(60)
"""


def holder(data: Path) -> subprocess.Popen[str]:
    """A process that holds the folder until it is killed, and its server for two seconds."""
    command = [sys.executable, "-c", HOLD, str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_folder_in_use_is_taken_at_once(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        began = time.monotonic()
        with pytest.raises(FolderTaken, match="use --data"), locked(tmp_path):
            pass
        waited = time.monotonic() - began
        process.kill()
    assert waited < 5  # not for the end of a killed stack


def test_a_killed_holder_that_nobody_waited_for_holds_nothing(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
        with locked(tmp_path) as (_, killed):
            assert killed


def test_a_folder_left_in_order_was_not_killed(tmp_path: Path) -> None:
    with locked(tmp_path) as (_, killed):
        assert not killed
    with locked(tmp_path) as (_, killed):
        assert not killed
