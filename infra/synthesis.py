"""The CDK app run by itself: a cloud assembly without the CDK CLI, network or credentials."""

import json
import subprocess
import sys
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
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SynthesisFailed((done.stdout + done.stderr).strip())
