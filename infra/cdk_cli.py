"""`python -m infra.cdk_cli ARGUMENTS...` runs the pinned CDK CLI on the pinned Node.

Pinned and private: npm's `latest` is 3.0.0, an old build published by accident that cannot read
what aws-cdk-lib 2.275 writes (aws/aws-cdk issues 38113 and 38230).
"""

import json
import subprocess
import sys
from pathlib import Path

from infra.node import NODE, NPM, node_environment

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".tools"
VERSION = "2.1148.1"
CLI = TOOLS / "node_modules" / "aws-cdk"


def main() -> None:
    """The CLI's own exit code; it is installed into .tools/ on the first run."""
    if _installed() != VERSION:
        _install()
    cdk = [str(NODE), str(CLI / "bin" / "cdk"), *sys.argv[1:]]
    environment = {**node_environment(), "CDK_DISABLE_CLI_TELEMETRY": "1"}
    sys.exit(subprocess.run(cdk, cwd=ROOT, check=False, env=environment).returncode)


def _installed() -> str | None:
    manifest = CLI / "package.json"
    return json.loads(manifest.read_text())["version"] if manifest.exists() else None


def _install() -> None:
    TOOLS.mkdir(exist_ok=True)
    command = [str(NODE), str(NPM), "install", "--silent", "--no-audit", "--no-fund", "--no-save"]
    command += ["--ignore-scripts", "--prefix", str(TOOLS), f"aws-cdk@{VERSION}"]
    subprocess.run(command, check=True, env=node_environment(), stdout=sys.stderr)


if __name__ == "__main__":
    main()
