"""The version that traces and the API tell is the package's."""

from __future__ import annotations

import tomllib
from pathlib import Path

from askbucket.version import VERSION

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads(PYPROJECT.read_text())["project"]["version"] == VERSION
