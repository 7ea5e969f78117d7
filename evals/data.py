"""Where the documents with known truth lie; they are never part of the project."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from local.serve import ROOT

VARIABLE = "ASKBUCKET_SHARED_DATA"


def data_folder(given: Path | None = None) -> Path | None:
    """The folder given, or that of the environment, or `../shared/data`; None without any.

    Raises click.UsageError, exit code 2, where a folder was named but is none.
    """
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None and not named.is_dir():
        raise click.UsageError(f"there is no folder {named}; --data or {VARIABLE} names it")
    found = named or ROOT.parent / "shared" / "data"
    return found if found.is_dir() else None


def set_folder(data: Path | None, name: str) -> Path:
    """The folder of one set. Raises click.UsageError, exit code 2, where it is absent."""
    if data is None:
        raise click.UsageError(
            f"the set {name} needs its documents: name them by --data or {VARIABLE}"
        )
    if not (data / name).is_dir():
        raise click.UsageError(f"there is no set {name} in {data}")
    return data / name


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file that holds one on each line."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
