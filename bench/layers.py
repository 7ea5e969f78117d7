"""What each function unpacks to: its layers, our package and the handlers, as they are uploaded."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.measured import Row
from infra.pins import LAYERS, ROOT

MIB = 2**20
MOST_MIB = 200  # Lambda takes 250, function and layers together
OURS = (ROOT / "layers" / "shared", ROOT / "lambdas")


def rows() -> list[Row]:
    return [_row(name) for name in LAYERS]


def _row(name: str) -> Row:
    from infra.bundling import build_layer

    with tempfile.TemporaryDirectory(prefix="askbucket-bench-") as folder:
        build_layer(ROOT / "layers" / name / "requirements.txt", "arm64", Path(folder))
        size = sum(map(_bytes, (Path(folder), *OURS))) / MIB
    return Row(name, f"{size:.0f} MiB", "", f"must stay below {MOST_MIB} MiB", size >= MOST_MIB)


def _bytes(folder: Path) -> int:
    files = (
        path for path in folder.rglob("*") if "__pycache__" not in path.parts or not _ours(path)
    )
    return sum(path.stat().st_size for path in files if path.is_file())


def _ours(path: Path) -> bool:
    """Our own compiled files are never uploaded."""
    return any(path.is_relative_to(folder) for folder in OURS)
