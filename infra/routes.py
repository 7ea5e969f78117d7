"""The application's routes, as it tells them itself: the gateway has these and no others."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
STREAMED = "/query/stream"


@dataclass(frozen=True)
class Route:
    """A path the way API Gateway writes it, and the name of its body's schema, if it has a body."""

    method: str
    path: str
    body: str | None


@cache
def routes() -> tuple[tuple[Route, ...], Mapping[str, Any]]:
    """All routes, and all schemas of the OpenAPI document by name.

    A process of its own tells them, because infra imports none of the code it deploys.
    """
    run = subprocess.run(
        [sys.executable, "-m", "lambdas.query"], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    told = json.loads(run.stdout)
    found = (Route(each["method"], _written(each["path"]), each["body"]) for each in told["routes"])
    return tuple(found), told["schemas"]


def _written(path: str) -> str:
    """`{name:path}`, which holds slashes, is `{name+}` to API Gateway."""
    return re.sub(r"\{(\w+):path\}", r"{\1+}", path)
