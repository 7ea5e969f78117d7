"""Files that can never be indexed: a plain reason, no retry, and nothing old left to be seen."""

from __future__ import annotations

import pytest

from askbucket.ingest.attempt import Outcome
from askbucket.ingest.limits import Limits
from askbucket.models import Status
from tests.unit.ingest.files import image, locked_pdf, pdf
from tests.unit.ingest.parts import ARTIFACTS, World, lines
from tests.unit.ingest.readers import zipped

FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty (0 bytes)"),
    "over the size limit": (b"x" * 50_001, "the file has 50001 bytes; 50000 at most are indexed"),
    "too many pages": (pdf([["page"]] * 4), "the file has 4 pages; 3 at most are indexed"),
    "locked PDF": (locked_pdf(), "the PDF is encrypted and needs a password"),
    "cut PDF": (b"%PDF-1.7 cut short", "not a readable PDF"),
    "archive": (zipped({"a": b"a"}), "are not supported; PDF, PNG, JPEG"),
    "binary": (b"\x01\x00\x02" * 50, "binary and of an unknown kind"),
    "white space": (b" \n\t\n ", "the file holds no text"),
    "cut picture": (image()[:30], "the image is damaged or cut short"),
}


@pytest.mark.parametrize(("body", "reason"), FILES.values(), ids=FILES.keys())
def test_an_unreadable_file_has_failed_for_good(world: World, body: bytes, reason: str) -> None:
    # given
    world.limits = Limits(file_bytes=50_000, pages=3)
    world.put("doc", lines(3))
    world.sync("doc")
    # when
    version = world.put("doc", body)
    outcome = world.sync("doc")
    # then
    entry = world.entry("doc")
    assert outcome is Outcome.COMMITTED
    assert entry.status is Status.FAILED
    assert reason in (entry.reason or "")
    assert (entry.active, entry.version, entry.size) == (None, version, len(body))
    assert world.points() == 0
    assert "Contents" not in world.s3.list_objects_v2(Bucket=ARTIFACTS)
    assert world.sync("doc") is Outcome.SETTLED
    assert world.sweep()[1] == []


def test_a_file_made_good_is_indexed_and_its_reason_is_gone(world: World) -> None:
    world.put("doc", b"")
    world.sync("doc")
    world.put("doc", lines(2))
    world.sync("doc")
    entry = world.entry("doc")
    assert (entry.status, entry.reason) == (Status.READY, None)
    assert world.visible("doc") == world.chunks_of(lines(2))


def test_a_pdf_without_any_text_or_picture_has_failed(world: World) -> None:
    world.put("blank.pdf", pdf([[], []]))
    world.sync("blank.pdf")
    assert world.entry("blank.pdf").reason == "no text was found in it, neither as text nor by OCR"
