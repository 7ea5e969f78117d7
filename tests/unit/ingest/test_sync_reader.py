"""The rule with real reader processes: what ends a process ends neither worker nor document."""

from __future__ import annotations

import json

import pytest

from askbucket.errors import TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.readers.reader import Reader
from askbucket.ingest.readers.reader_process import CHILD, ReaderLimits
from askbucket.models import Status
from tests.unit.ingest.files import pdf
from tests.unit.ingest.parts import World

HOSTILE = "tests.unit.ingest.hostile_child"
KEY = "report.pdf"


def reader(child: str) -> Reader:
    return Reader(ReaderLimits(memory_mib=512, open_seconds=2, page_seconds=1), {}, 2, child)


def hostile(pages: list[str], opening: str = "fine") -> str:
    return json.dumps({"opening": opening, "pages": pages})


def test_a_pdf_is_indexed_and_its_scans_go_to_ocr(world: World) -> None:
    world.opener = reader(CHILD)
    world.put(KEY, pdf([["The tide table of the harbour"], 40]))

    assert world.sync(KEY) is Outcome.PARKED
    world.textract.finish()
    assert world.sync(KEY) is Outcome.COMMITTED
    entry = world.entry(KEY)
    assert (entry.status, entry.pages, entry.ocr_pages) == (Status.READY, 2, 1)
    assert "The tide table of the harbour" in world.visible(KEY)


def test_a_page_that_ends_its_process_is_a_warning(world: World) -> None:
    world.opener = reader(HOSTILE)
    world.put(KEY, hostile(["fine", "segfault", "fine"]))

    assert world.sync(KEY) is Outcome.COMMITTED
    entry = world.entry(KEY)
    assert (entry.status, entry.warnings) == (
        Status.READY,
        ("pages that could not be read: 2", "a loss"),
    )
    assert world.visible(KEY) == ("page 1", "page 3")


@pytest.mark.parametrize(
    ("opening", "reason"),
    [
        ("spin", "reading it took longer than 2 s"),
        ("segfault", "the reader crashed on it"),
        ("allocate", "reading it took more than 512 MiB of memory"),
    ],
)
def test_a_file_that_ends_its_process_fails_with_the_reason(
    world: World, opening: str, reason: str
) -> None:
    world.opener = reader(HOSTILE)
    world.put(KEY, hostile(["fine"], opening))

    assert world.sync(KEY) is Outcome.COMMITTED
    entry = world.entry(KEY)
    assert (entry.status, entry.reason) == (Status.FAILED, reason)


def test_a_file_whose_every_page_is_lost_fails(world: World) -> None:
    world.opener = reader(HOSTILE)
    world.put(KEY, hostile(["segfault"]))

    world.sync(KEY)
    assert world.entry(KEY).reason == "none of its pages could be read"


def test_a_fault_of_the_machine_is_tried_again(world: World) -> None:
    world.opener = reader(HOSTILE)
    world.put(KEY, hostile(["fine"], "full disk"))

    with pytest.raises(TryAgain):
        world.sync(KEY)
