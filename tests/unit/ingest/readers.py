"""Reading a file in a test, and making hostile zips."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.reading import open_source
from askbucket.ingest.readers.source import Source
from askbucket.models import Line

SHARED_DATA = Path(
    os.environ.get("ASKBUCKET_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data"
)


def pages_of(folder: Path, body: bytes, key: str = "object") -> list[list[str]]:
    """The lines of each page."""
    path = folder / "object"
    path.write_bytes(body)
    source = open_source(path, key)
    try:
        pages = source.pages(1, source.page_count)
    finally:
        source.close()
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert all(line.box is None for page in pages for line in page.lines)
    return [[line.text for line in page.lines] for page in pages]


def lines_of(folder: Path, body: bytes, key: str = "object") -> list[str]:
    """The lines of a file without pages."""
    path = folder / "object"
    path.write_bytes(body)
    assert not open_source(path, key).paged
    return [line for page in pages_of(folder, body, key) for line in page]


def roles_of(folder: Path, body: bytes, key: str = "object") -> list[str]:
    """The lines of the first page: "1# " before a heading of level 1, "1+ " before the row of
    table 1 that names its columns, "1| " before its other rows."""
    return [_role(line) for page in source_of(folder, body, key).pages(1, 1) for line in page.lines]


def _role(line: Line) -> str:
    if line.table:
        return f"{line.table}{'+' if line.header else '|'} {line.text}"
    return f"{line.heading}# {line.text}" if line.heading else line.text


def source_of(folder: Path, body: bytes, key: str = "object") -> Source:
    path = folder / "object"
    path.write_bytes(body)
    return open_source(path, key)


def reason_of(folder: Path, body: bytes, key: str = "object") -> str:
    """Why the file is refused."""
    try:
        pages = pages_of(folder, body, key)
    except UnreadableDocument as fault:
        return str(fault)
    raise AssertionError(f"it was read: {pages}"[:500])


def members(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return buffer.getvalue()


def cuts(body: bytes) -> list[bytes]:
    """The file cut short at every tenth of it."""
    return [body[: len(body) * tenth // 10] for tenth in range(1, 10)]
