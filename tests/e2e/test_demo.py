"""`make demo`'s command, with nothing but loopback to talk to."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.serve import ROOT
from tests.e2e.processes import COMMAND

ALONE = ("unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


def can_be_alone() -> bool:
    tools = all(map(shutil.which, ("unshare", "ip")))
    return (
        tools and subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode == 0
    )


@pytest.mark.slow
def test_the_demo_needs_no_network_and_leaves_nothing(tmp_path: Path) -> None:
    alone = can_be_alone()

    done = subprocess.run(
        [*(ALONE if alone else ()), *COMMAND, "demo"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("done")
    assert "handbook.pdf, page 3" in done.stdout
    assert "scan.pdf, page 1" in done.stdout
    assert list(tmp_path.iterdir()) == []
    if not alone:
        pytest.skip("the demo worked, but this machine has no network namespaces to cut it off by")
