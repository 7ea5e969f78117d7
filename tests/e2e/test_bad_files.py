"""Files that cannot be read fail soon, with a reason for people, and hold nobody up."""

from __future__ import annotations

import io
import time
import zipfile

import pypdfium2 as pdfium
import pytest
from pypdf import PdfWriter

from local.serve import ROOT
from tests.e2e.driver import Document, Driver

HANDBOOK = ROOT / "samples" / "handbook.pdf"
PNG_START = b"\x89PNG\r\n\x1a\n"
FAILS_WITHIN_SECONDS = 20
READY_WITHIN_SECONDS = 60  # a blocked queue would hold it for many minutes


def locked() -> bytes:
    writer = PdfWriter(clone_from=HANDBOOK)
    writer.encrypt("secret")
    return saved(writer)


def without_pages() -> bytes:
    return saved(PdfWriter())


def saved(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("notes.txt", "hidden in an archive")
    return file.getvalue()


BAD = {
    "locked.pdf": (locked(), "needs a password"),
    "cut.pdf": (HANDBOOK.read_bytes()[:4000], "damaged or cut short"),
    "no-pages.pdf": (without_pages(), "no pages"),
    "a-picture.pdf": (PNG_START + b"\x00" * 50, "image is damaged"),
    "words.pdf": (b"just words", "holds no PDF"),
    "empty.pdf": (b"", "empty (0 bytes)"),
    "empty.txt": (b"", "empty (0 bytes)"),
    "blank.txt": (b" \n\t\n ", "no text"),
    "noise.bin": (
        bytes(n * n % 251 for n in range(5000)),
        "binary and of an unknown kind",
    ),
    "archive.zip": (zipped(), "not supported"),
    "archive.txt": (zipped(), "not supported"),
}


@pytest.fixture(scope="module")
def failed(stack: Driver) -> dict[str, Document]:
    """All bad files at rest, by name, with a healthy one that came after them."""
    prefix = "bad/"
    versions = {name: stack.put(prefix + name, body) for name, (body, _) in BAD.items()}
    began = time.monotonic()
    healthy = stack.put_ready(f"{prefix}healthy.txt", "The lantern hangs by the door.")
    assert time.monotonic() - began < READY_WITHIN_SECONDS
    documents = {
        name: stack.at_rest(prefix + name, version, FAILS_WITHIN_SECONDS)
        for name, version in versions.items()
    }
    return {**documents, "healthy": healthy}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_fails_with_its_reason(failed: dict[str, Document], name: str) -> None:
    document = failed[name]

    assert document["status"] == "failed"
    assert BAD[name][1] in document["reason"]
    assert document["active_version"] is None


def test_a_healthy_file_after_bad_ones_is_ready_and_answered(
    stack: Driver, failed: dict[str, Document]
) -> None:
    answer = stack.ask("Where does the lantern hang?", document=failed["healthy"]["document"])

    assert "by the door" in answer["answer"]


def test_a_picture_named_pdf_is_read_as_the_picture_it_is(stack: Driver, prefix: str) -> None:
    scan = pdfium.PdfDocument(ROOT / "samples" / "scan.pdf")
    picture = io.BytesIO()
    try:
        scan[0].render(scale=2).to_pil().save(picture, "PNG")
    finally:
        scan.close()

    document = stack.put_ready(f"{prefix}picture.pdf", picture.getvalue())

    assert (document["pages"], document["ocr_pages"]) == (1, 1)
    assert stack.hits("Ingrid Solheim", prefix=prefix)[0]["page"] == 1


def test_a_bad_version_takes_the_good_one_out_and_a_good_one_comes_back(
    stack: Driver, prefix: str
) -> None:
    key = f"{prefix}handbook.pdf"
    stack.put_ready(key, HANDBOOK.read_bytes())

    bad = stack.at_rest(key, stack.put(key, BAD["cut.pdf"][0]))

    assert bad["status"] == "failed"
    assert stack.hits("deposit for boat shed B", prefix=prefix) == []
    stack.put_ready(key, HANDBOOK.read_bytes())
    assert stack.hits("deposit for boat shed B", prefix=prefix)
