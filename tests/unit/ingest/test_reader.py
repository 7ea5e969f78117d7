"""Files read in processes of their own: what one page does to its process costs only that page."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askbucket.errors import TryAgain, UnreadableDocument
from askbucket.ingest.pdf.pdf_source import PdfSource
from askbucket.ingest.readers.reader import PARALLEL_FROM, Reader, ReaderSource
from askbucket.ingest.readers.reader_lane import MOST_DEATHS
from askbucket.ingest.readers.reader_process import CHILD, ReaderLimits
from askbucket.models import Page
from tests.unit.ingest.files import locked_pdf, pdf

HOSTILE = "tests.unit.ingest.hostile_child"
LIMITS = ReaderLimits(memory_mib=512, open_seconds=2, page_seconds=1)
ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
FINE = "fine"
DEADLY = ("segfault", "spin", "allocate", "flood", "wrong number", "bomb")


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No process, no pipe and no temporary file of any test here."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before, others = set(os.listdir("/proc/self/fd")), set(children())
    yield
    assert set(children()) <= others
    assert list(temporary.iterdir()) == []
    assert set(os.listdir("/proc/self/fd")) == before


def children() -> list[str]:
    """The process ids of our children, the dead and unburied too."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


def reader(child: str = HOSTILE, *, cores: int = 2, limits: ReaderLimits = LIMITS) -> Reader:
    return Reader(limits, ENVIRONMENT, cores, child)


Opens = Callable[..., ReaderSource]


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Opens]:
    """A hostile document, opened; closed in the end."""
    sources = []

    def opened(pages: list[str], opening: str = FINE, ocr: str = FINE, **more: Any) -> ReaderSource:
        file = tmp_path / "object"
        file.write_text(json.dumps({"opening": opening, "pages": pages, "ocr": ocr}))
        sources.append(reader(**more)(file, "hostile.pdf"))
        return sources[-1]

    yield opened
    for source in sources:
        source.close()


def told(pages: list[Page]) -> list[str]:
    """What each page says, or "lost"."""
    return [page.text or page.source for page in pages]


def said(deeds: list[str]) -> list[str]:
    """What is told of pages that do these deeds."""
    lost = (*DEADLY, "fail")
    return [("lost" if deed in lost else f"page {n}") for n, deed in enumerate(deeds, 1)]


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_the_pages_are_those_that_are_read_in_process(tmp_path: Path, cores: int) -> None:
    file = tmp_path / "object"
    file.write_bytes(pdf([[f"Entry {n}", "the tide turned"] for n in range(2 * PARALLEL_FROM)]))
    here = PdfSource(file)
    there = reader(CHILD, cores=cores)(file, "log.pdf")

    assert (there.paged, there.page_count, there.ocr_suffix) == (True, 2 * PARALLEL_FROM, ".pdf")
    assert [there.pages(1, 9), there.pages(10, 40)] == [here.pages(1, 9), here.pages(10, 40)]
    assert there.pages(5, 7) == here.pages(5, 7)
    assert there.pages(40, 40) == here.pages(40, 40)
    there.close()
    here.close()


def test_ocr_input_is_that_which_is_made_in_process(tmp_path: Path) -> None:
    file = tmp_path / "object"
    file.write_bytes(pdf([10, ["text"], 20, 30]))
    there = reader(CHILD)(file, "scan.pdf")
    waiting = [page.number for page in there.pages(1, 4) if page.source == "waiting"]
    picked = tmp_path / "picked"
    picked.write_bytes(there.ocr_input(waiting))
    there.close()
    here = PdfSource(picked)

    assert (waiting, here.page_count) == ([1, 3, 4], 3)
    here.close()


def test_pages_can_be_read_again_after_ocr_input_was_made(opens: Opens) -> None:
    source = opens([FINE] * 3)

    assert told(source.pages(1, 2)) == ["page 1", "page 2"]
    assert source.ocr_input([1]) == b"[1]"
    assert told(source.pages(3, 3)) == ["page 3"]


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.pdf", locked_pdf(), "the PDF is encrypted and needs a password"),
        ("a.txt", b"", r"the file is empty \(0 bytes\)"),
        ("a.pdf", b"no PDF", r"the file is named .pdf but holds no PDF"),
    ],
)
def test_the_reason_of_a_refusal_is_told_as_it_is(
    tmp_path: Path, name: str, body: bytes, reason: str
) -> None:
    (tmp_path / "object").write_bytes(body)

    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        reader(CHILD)(tmp_path / "object", name)


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("spin", "reading it took longer than 2 s"),
        ("sleep", "reading it took longer than 2 s"),
        ("allocate", "reading it took more than 512 MiB of memory"),
        ("killed", "reading it took more memory than the machine has"),
        ("segfault", "the reader crashed on it"),
        ("flood", "the reader crashed on it"),
        ("fail", r"the reader failed on it \(KeyError\)"),
        ("refuse", "it is in verse"),
    ],
)
def test_a_file_that_harms_its_reader_as_it_is_opened_is_refused(
    opens: Opens, deed: str, reason: str
) -> None:
    with pytest.raises(UnreadableDocument, match=f"^{reason}$"):
        opens([FINE], opening=deed)


def test_a_fault_of_the_machine_is_not_the_document_s(opens: Opens) -> None:
    with pytest.raises(TryAgain, match=r"OSError at hostile_child\.py:"):
        opens([FINE], opening="full disk")


def test_a_reader_that_cannot_be_started_is_no_fault_of_the_document(opens: Opens) -> None:
    with pytest.raises(TryAgain, match="could not be started"):
        opens([FINE], child="no_such_module")


@pytest.mark.parametrize("deed", ["spin", "sleep", "allocate", "segfault", "killed", "flood",
                                  "wrong number", "bomb", "fail"])  # fmt: skip
def test_a_page_that_ends_its_process_is_lost_alone(opens: Opens, deed: str) -> None:
    source = opens([FINE, deed, FINE])

    assert told(source.pages(1, 3)) == ["page 1", "lost", "page 3"]


def test_a_process_that_the_machine_killed_is_tried_once_more(opens: Opens) -> None:
    assert told(opens([FINE, "killed once", FINE]).pages(1, 3)) == ["page 1", "page 2", "page 3"]


def test_opening_is_tried_once_more_where_the_machine_killed_it(opens: Opens) -> None:
    assert opens([FINE], opening="killed once").page_count == 1


def test_what_a_parser_prints_is_no_answer(opens: Opens) -> None:
    assert told(opens(["print", FINE], opening="print").pages(1, 2)) == ["page 1", "page 2"]


def test_a_document_that_ends_too_many_processes_fails_with_the_last_reason(opens: Opens) -> None:
    source = opens(["segfault"] * (MOST_DEATHS + 1))

    with pytest.raises(UnreadableDocument) as fault:
        source.pages(1, MOST_DEATHS + 1)
    assert str(fault.value) == "6 of its pages could not be read: the reader crashed on page 6"


def test_a_page_may_refuse_the_document(opens: Opens) -> None:
    source = opens([FINE, "refuse"])

    with pytest.raises(UnreadableDocument, match=r"^it is in verse$"):
        source.pages(1, 2)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_pages_die_the_others_come_in_order_under_their_numbers(
    opens: Opens, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, 2 * PARALLEL_FROM))
    quick = st.sampled_from(["segfault", "wrong number"])
    deadly = data.draw(st.dictionaries(st.integers(1, count), quick, max_size=3))
    harmless = data.draw(st.sets(st.integers(1, count)))
    deeds = [deadly.get(n, "fail" if n in harmless else FINE) for n in range(1, count + 1)]
    cut = data.draw(st.integers(0, count))

    source = opens(deeds, cores=data.draw(st.integers(1, 3)))
    pages = [*source.pages(1, cut), *source.pages(cut + 1, count)]
    source.close()

    assert [page.number for page in pages] == list(range(1, count + 1))
    assert told(pages) == said(deeds)


def test_a_reader_reaches_neither_network_nor_processes_nor_secrets(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("ASKBUCKET_BUCKET", "documents")

    pages = opens(["connect", "spawn", "environment", "write"]).pages(1, 4)

    network, process, names, file = [page.lines[1].text for page in pages]
    assert network == "a reader asks for socket.getaddrinfo"
    assert process == "a reader asks for subprocess.Popen"
    assert {"AWS_SECRET_ACCESS_KEY", "ASKBUCKET_BUCKET"}.isdisjoint(names.split())
    ours = {"OPENBLAS_NUM_THREADS", "PYTHONPATH", "TMPDIR"}
    assert set(names.split()) <= {*ENVIRONMENT, *ours, "LC_CTYPE"}
    assert file.startswith("OSError in askbucket-reader-")


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        ("spin", ": reading them took longer than 2 s"),
        ("segfault", ": the reader crashed on them"),
        ("killed", ": reading them took more memory than the machine has"),
    ],
)
def test_pages_that_cannot_be_taken_out_for_ocr_fail_the_document(
    opens: Opens, deed: str, why: str
) -> None:
    source = opens([FINE], ocr=deed)

    with pytest.raises(UnreadableDocument, match=f"^its pages cannot be taken out for OCR{why}$"):
        source.ocr_input([1])


def test_ocr_input_is_bounded_in_size(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("askbucket.ingest.readers.reader_lane.MOST_OCR_BYTES", 8)
    source = opens([FINE] * 3)

    assert source.ocr_input([1, 2]) == b"[1, 2]"
    with pytest.raises(UnreadableDocument, match="taken out for OCR: the reader crashed"):
        source.ocr_input([1, 2, 3])


def test_the_text_of_all_pages_together_is_bounded(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("askbucket.ingest.readers.reader.MOST_TEXT_BYTES", 100)
    source = opens([FINE] * 9)

    with pytest.raises(UnreadableDocument, match="the text in it is larger"):
        source.pages(1, 9)


class Interrupted(BaseException):
    """The parent's own end, in the midst of waiting."""


@pytest.mark.parametrize("opening", ["sleep", FINE])
def test_an_interrupted_parent_leaves_no_process(opens: Opens, opening: str) -> None:
    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    with pytest.raises(Interrupted):
        opens(["sleep"] * 2, opening=opening).pages(1, 2)
    timer.join()
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells of children")
def test_processes_are_as_many_as_cores_for_many_pages_and_one_for_few(opens: Opens) -> None:
    none = len(children())
    opens([FINE] * PARALLEL_FROM).pages(1, PARALLEL_FROM)
    few = len(children())
    opens([FINE] * (PARALLEL_FROM + 1)).pages(1, PARALLEL_FROM)
    assert (few - none, len(children()) - few) == (1, 2)
