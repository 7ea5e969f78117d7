"""Texts that begin like something else are texts; what only looks like text is not."""

from __future__ import annotations

import bz2
from pathlib import Path

import pytest

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.reading import open_source
from tests.unit.ingest.files import pdf

TEXTS = (
    b"MZ is how programs begin.",
    b"BZhang wrote this.",
    b"Rar! cried the crow.",
    b"RIFF RAFF\nand more",
    b"GIF89a is from 1989.",
    b"7z is a tool.",
    b"Every PDF begins with %PDF- and a version.",
    b"MZ caf\xe9 in Latin-1",
)
BINARIES = {
    "program": (b"MZ\x90\x00\x03\x00", "programs"),
    "bzip2": (bz2.compress(b"text"), "bzip2 archives"),
    "picture": (b"GIF89a\x01\x00\x01\x00", "GIF images"),
    "damaged PDF after other bytes": (b"\x00\x01 %PDF-1.7 cut short", "not a readable PDF"),
}


@pytest.mark.parametrize("body", TEXTS)
def test_a_text_is_a_text(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(body)
    page = open_source(path, "notes.txt").pages(1, 1)[0]
    assert page.lines[0].text.startswith(body[:3].decode())


@pytest.mark.parametrize(("body", "reason"), BINARIES.values(), ids=BINARIES.keys())
def test_a_binary_is_refused_by_its_name(tmp_path: Path, body: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(body)
    with pytest.raises(UnreadableDocument, match=reason):
        open_source(path, "notes.txt")


def test_a_pdf_may_begin_with_other_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a mail's header\r\n" + pdf([["hello"]]))
    source = open_source(path, "file")
    assert source.paged
    source.close()
