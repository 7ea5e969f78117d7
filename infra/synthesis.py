"""The CDK app run by itself: a cloud assembly without the CDK CLI, network or credentials."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.node import node_environment

ROOT = Path(__file__).parent.parent


class SynthesisFailed(RuntimeError):
    """app.py did not produce an assembly; the message is what it printed."""


def synthesise(out: Path, context: Mapping[str, str]) -> None:
    """Writes the cloud assembly to `out`; needs neither network, credentials nor the CDK CLI."""
    out.mkdir(parents=True, exist_ok=True)
    settings = json.loads((ROOT / "cdk.json").read_text()).get("context", {})
    environment = {
        **node_environment(),
        "CDK_OUTDIR": str(out.resolve()),
        "CDK_CONTEXT_JSON": json.dumps({**settings, **context}),
    }
    with tempfile.TemporaryDirectory(prefix="askbucket-synth-") as scratch:
        status, said = _run([sys.executable, "app.py"], {**environment, "TMPDIR": scratch})
    if status:
        raise SynthesisFailed(said.strip())


def _run(command: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit status and output. Should we be interrupted, nothing of it goes on, Node included."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return process.returncode, said
