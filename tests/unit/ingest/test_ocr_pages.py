"""The result of an OCR job is read once, however often the time runs out on the way."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from askbucket.clock import Deadline
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.bookmark import Bookmark
from askbucket.ingest.ocr import Textract
from askbucket.ingest.ocr_artifacts import OcrArtifacts
from askbucket.models import Page, Status
from local.ocr.page_text import Box as OcrBox
from local.ocr.page_text import Line as OcrLine
from local.ocr.page_text import Word
from local.textract.blocks import page_blocks
from tests.faults.services import _line
from tests.unit.ingest.files import pdf
from tests.unit.ingest.parts import World
from tests.unit.ingest.scripted_textract import text_of_shade
from tests.unit.ingest.test_slices import SlowAfter

SCANS = 250


def test_reading_the_result_goes_on_where_the_time_ran_out(world: World) -> None:
    # given
    world.put("scan.pdf", pdf(list(range(SCANS))))
    world.sync("scan.pdf")
    world.textract.finish()
    # when: every slice has time for one block
    cuts = []
    for _ in range(2):
        with pytest.raises(OutOfTime) as cut:
            world.worker(SlowAfter(world, "s3.put_object"))("scan.pdf", world.deadline())
        cuts.append((str(cut.value), cut.value.grew))
    outcome = world.sync("scan.pdf")
    # then
    assert cuts == [
        ("read the OCR of 100 of 250 pages", True),
        ("read the OCR of 200 of 250 pages", True),
    ]
    assert outcome is Outcome.COMMITTED
    assert world.textract.handed_out == SCANS
    texts = {p["page"]: p["text"] for p in world.payloads("scan.pdf")}
    assert texts == {n + 1: text_of_shade(n) for n in range(SCANS)}
    assert (world.entry("scan.pdf").ocr_pages, world.entry("scan.pdf").warnings) == (SCANS, ())


def test_a_cut_result_with_lost_pages_loses_only_those(world: World) -> None:
    # given
    lost = [1, 100, 101, 102, 205]
    world.put("scan.pdf", pdf(list(range(SCANS))))
    world.sync("scan.pdf")
    world.textract.finish(lost=lost, message="5 pages could not be read")
    # when
    with pytest.raises(OutOfTime):
        world.worker(SlowAfter(world, "s3.put_object"))("scan.pdf", world.deadline())
    world.sync("scan.pdf")
    # then
    entry = world.entry("scan.pdf")
    assert (entry.status, entry.ocr_pages) == (Status.READY, SCANS - 5)
    assert entry.warnings[0] == "pages that could not be read: 1, 100, 101, 102, 205"
    assert {p["page"] for p in world.payloads("scan.pdf")} == set(range(1, SCANS + 1)) - set(lost)


def test_what_is_kept_of_one_job_is_not_taken_for_anothers(world: World) -> None:
    """The first job's result expired before all of it was read; the second lost other pages."""
    # given
    numbers = range(1, 151)
    late = Deadline(0, lambda: 1)
    ocr = OcrArtifacts(world.artifacts, "document/content/")
    first = _job(range(1, 151))
    with pytest.raises(OutOfTime):
        ocr.put_pages("job 1", first, numbers, left=0, warning=None, deadline=late)
    # when
    second, lost = _job(range(51, 151)), "some were lost"
    ocr.put_pages("job 2", second, numbers, left=0, warning=lost, deadline=late_enough())
    # then
    [part] = OcrArtifacts(world.artifacts, "document/content/").parts()
    assert (part.read, part.warning) == (tuple(range(51, 151)), lost)
    assert [page.number for page in ocr.pages()] == list(range(51, 151))


def _job(numbers: range) -> Any:
    def read(bookmark: Bookmark) -> Any:
        return (Page(number, (), "ocr") for number in numbers if number > bookmark.page)

    return read


def late_enough() -> Deadline:
    return Deadline(1_000_000, lambda: 0)


class Replies:
    """A Textract client whose result of some pages comes in replies of so many blocks.

    A token names its age and a place; those of another age are not known any more.
    """

    def __init__(self, pages: int, size: int) -> None:
        self.blocks = [
            block
            for number in range(1, pages + 1)
            for block in page_blocks([_line(f"page {number} of some")], number, "job")
        ]
        self._size = size
        self.asked: list[str | None] = []
        self.age = 1

    def get_document_text_detection(self, **request: Any) -> dict[str, Any]:
        token = request.get("NextToken")
        self.asked.append(token)
        age, at = map(int, token.split()) if token else (self.age, 0)
        if age != self.age:
            error = {"Code": "InvalidParameterException", "Message": "no such token"}
            raise ClientError({"Error": error}, "GetDocumentTextDetection")
        more = at + self._size < len(self.blocks)
        following = {"NextToken": f"{age} {at + self._size}"} if more else {}
        return {"Blocks": self.blocks[at : at + self._size], **following}


def test_lines_keep_the_order_that_textract_gives_them() -> None:
    """On a page that is askew the end of a row stands higher than its beginning."""
    row = [
        OcrLine((Word(text, OcrBox(left, top, left + 0.2, top + 0.02), 99.0),))
        for text, left, top in (("Total", 0.1, 0.51), ("2022", 0.4, 0.505), ("145", 0.7, 0.5))
    ]
    client = Replies(0, 1000)
    client.blocks = page_blocks(row, 1, "job")
    [page] = Textract(client, "topic", "role").pages("job")
    assert [line.text for line in page.lines] == ["Total", "2022", "145"]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("first", [1, 2, 5, 6])
def test_a_bookmark_leads_on_from_the_page_after_it(size: int, first: int) -> None:
    # given
    client = Replies(6, size)
    textract = Textract(client, "topic", "role")
    bookmark = Bookmark()
    pages = textract.pages("job", bookmark=bookmark)
    before = [next(pages) for _ in range(first)]
    # when
    client.asked.clear()
    kept = Bookmark(bookmark.page, bookmark.token)
    after = list(textract.pages("job", bookmark=kept))
    # then
    whole = list(Textract(Replies(6, 1000), "topic", "role").pages("job"))
    assert [*before, *after] == whole
    assert [page.number for page in whole] == [1, 2, 3, 4, 5, 6]
    assert client.asked[0] == bookmark.token


def test_a_token_that_textract_forgot_leads_back_to_the_first_reply() -> None:
    # given
    client = Replies(6, 3)
    textract = Textract(client, "topic", "role")
    bookmark = Bookmark()
    pages = textract.pages("job", bookmark=bookmark)
    for _ in range(4):
        next(pages)
    assert bookmark.token is not None
    # when
    client.age += 1
    client.asked.clear()
    rest = list(textract.pages("job", bookmark=Bookmark(bookmark.page, bookmark.token)))
    # then
    assert [page.number for page in rest] == [5, 6]
    assert client.asked[:2] == [bookmark.token, None]


def test_a_token_forgotten_on_the_way_is_a_passing_fault() -> None:
    client = Replies(6, 3)
    pages = Textract(client, "topic", "role").pages("job")
    next(pages)
    client.age += 1
    with pytest.raises(TryAgain, match="InvalidParameterException"):
        list(pages)
