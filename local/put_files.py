"""Which files a path given to `put` or `estimate` stands for, and their keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def files_of(path: Path) -> Iterator[tuple[Path, str]]:
    """Each file with its key: its name, or its path below the folder given."""
    if path.is_file():
        yield path, path.name
        return
    for file in sorted(path.rglob("*")):
        if file.is_file():
            yield file, file.relative_to(path).as_posix()
