"""Pages that need OCR: nobody waits, nothing is missed, and no page is paid for twice."""

from __future__ import annotations

import pytest

from askbucket.ingest.attempt import Outcome
from askbucket.ingest.ocr import DONE, OcrState
from askbucket.models import Status
from tests.unit.ingest.files import image, pdf
from tests.unit.ingest.parts import OCR_WAIT_MS, World, lines
from tests.unit.ingest.scripted_textract import text_of_shade

KEY = "letter.png"
TEXT_PAGE = [f"row {number} of a page of text that is long enough" for number in range(8)]


def test_a_scan_is_parked_until_ocr_ends(world: World) -> None:
    # given
    world.put(KEY, image((40,)))
    # when
    outcome = world.sync(KEY)
    # then
    entry = world.entry(KEY)
    assert outcome is Outcome.PARKED
    assert (entry.status, entry.leased, entry.lease_until) == (Status.OCR, None, 0)
    assert entry.job is not None
    assert entry.job.due_at == world.clock() + OCR_WAIT_MS
    assert world.visible(KEY) == ()
    # when
    world.textract.finish()
    outcome = world.sync(KEY)  # the completion's hint
    # then
    entry = world.entry(KEY)
    assert outcome is Outcome.COMMITTED
    assert (entry.status, entry.pages, entry.ocr_pages, entry.job) == (Status.READY, 1, 1, None)
    assert world.visible(KEY) == (text_of_shade(40),)
    assert [payload["page"] for payload in world.payloads(KEY)] == [1]
    assert list(world.manifest.due(world.clock() + 10 * OCR_WAIT_MS)) == []


def test_a_hint_while_ocr_runs_starts_nothing(world: World) -> None:
    world.put(KEY, image((40,)))
    assert [world.sync(KEY) for _ in range(3)] == [Outcome.PARKED] * 3
    assert world.textract.billed == 1


def test_a_completion_before_the_job_was_stored_is_not_lost(world: World) -> None:
    # given
    world.put(KEY, image((40,)))
    told: list[Outcome] = []

    def step(name: str) -> None:
        """OCR ends at once, and its completion is dealt with before the job is parked."""
        if world.textract.jobs and not told:
            told.append(Outcome.IGNORED)
            world.textract.finish()
            told.append(world.sync(KEY))

    # when
    outcome = world.worker(step)(KEY, world.deadline())
    # then
    assert (told[-1], outcome) == (Outcome.COMMITTED, Outcome.SUPERSEDED)
    assert world.entry(KEY).status is Status.READY
    assert world.visible(KEY) == (text_of_shade(40),)
    assert world.textract.billed == 1


def test_a_job_that_ends_between_start_and_look_needs_no_completion(world: World) -> None:
    world.textract.at_once = OcrState(DONE)
    world.put(KEY, image((40,)))
    assert world.sync(KEY) is Outcome.COMMITTED


def test_a_failed_job_is_started_again_under_another_token(world: World) -> None:
    # given
    world.put(KEY, image((40,)))
    world.sync(KEY)
    # when
    world.textract.fail()
    outcome = world.sync(KEY)
    # then
    assert outcome is Outcome.PARKED
    assert [job.attempt for job in world.textract.jobs.values()] == [0, 1]
    # when
    world.textract.finish()
    world.sync(KEY)
    # then
    assert world.visible(KEY) == (text_of_shade(40),)


def test_three_failed_jobs_are_the_end(world: World) -> None:
    # given
    world.put(KEY, image((40,)))
    for _ in range(3):
        assert world.sync(KEY) is Outcome.PARKED
        world.textract.fail("internal error")
    # when
    outcome = world.sync(KEY)
    # then
    entry = world.entry(KEY)
    assert outcome is Outcome.COMMITTED
    assert (entry.status, entry.reason) == (Status.FAILED, "OCR failed 3 times: internal error")
    assert entry.job is None
    assert world.sync(KEY) is Outcome.SETTLED


def test_a_partial_result_is_kept_with_a_warning(world: World) -> None:
    # given
    world.put("scan.pdf", pdf([30, 60, 90]))
    world.sync("scan.pdf")
    # when
    world.textract.finish(lost=[2], message="1 page could not be read")
    world.sync("scan.pdf")
    # then
    entry = world.entry("scan.pdf")
    assert entry.status is Status.READY
    assert (entry.pages, entry.ocr_pages) == (3, 2)
    assert entry.warnings == (
        "pages that could not be read: 2",
        "OCR was incomplete: 1 page could not be read",
    )
    assert {p["page"] for p in world.payloads("scan.pdf")} == {1, 3}


@pytest.mark.parametrize(
    "pages",
    [
        [TEXT_PAGE, 30, TEXT_PAGE, 60, 90],
        [TEXT_PAGE, TEXT_PAGE, TEXT_PAGE, 20, 40, 60, 80, 100],
        [50, TEXT_PAGE],
    ],
)
def test_only_pages_without_text_are_billed_and_all_are_found(
    world: World, pages: list[list[str] | int]
) -> None:
    # given
    world.put("mixed.pdf", pdf(pages))
    # when
    world.sync("mixed.pdf")
    world.textract.finish()
    world.sync("mixed.pdf")
    # then
    scans = {number: page for number, page in enumerate(pages, 1) if isinstance(page, int)}
    payloads = world.payloads("mixed.pdf")
    assert world.textract.billed == len(scans)
    assert {p["page"] for p in payloads} == set(range(1, len(pages) + 1))
    for number, shade in scans.items():
        assert [p["text"] for p in payloads if p["page"] == number] == [text_of_shade(shade)]
    assert all(p["boxes"] for p in payloads)


def test_a_hundred_and_fifty_scanned_pages_are_billed_once_each(world: World) -> None:
    world.put("long.pdf", pdf([10 + number for number in range(150)]))
    world.sync("long.pdf")
    world.textract.finish()
    world.sync("long.pdf")
    texts = {p["page"]: p["text"] for p in world.payloads("long.pdf")}
    assert world.textract.billed == 150
    assert texts == {number + 1: text_of_shade(10 + number) for number in range(150)}


def test_the_same_bytes_again_are_not_billed_again(world: World) -> None:
    # given
    scan = image((40, 80), "TIFF")
    world.put(KEY, scan, {"team": "a"})
    world.sync(KEY)
    # when: once while OCR runs, once after, and once with other labels
    world.put(KEY, scan, {"team": "a"})
    world.sync(KEY)
    world.textract.finish()
    world.sync(KEY)
    for team in ("a", "b"):
        world.put(KEY, scan, {"team": team})
        world.sync(KEY)
    # then
    assert world.textract.billed == 2
    assert world.visible(KEY) == (text_of_shade(40), text_of_shade(80))
    assert {p["labels"]["team"] for p in world.payloads(KEY)} == {"b"}


def test_a_newer_version_wins_over_ocr_under_way(world: World) -> None:
    # given
    world.put(KEY, image((40,)))
    world.sync(KEY)
    # when
    world.put(KEY, lines(2))
    world.sync(KEY)
    world.textract.finish()
    late = world.sync(KEY)  # the old version's completion
    # then
    assert late is Outcome.SETTLED
    assert world.visible(KEY) == world.chunks_of(lines(2))


def test_a_completion_of_the_older_version_does_not_end_the_newer_ones_wait(world: World) -> None:
    # given
    world.put(KEY, image((40,)))
    world.sync(KEY)
    world.textract.finish()
    # when
    world.put(KEY, image((80,)))
    outcomes = [world.sync(KEY), world.sync(KEY)]  # the upload's hint, the old completion's
    # then
    assert outcomes == [Outcome.PARKED, Outcome.PARKED]
    assert world.visible(KEY) == ()
    # when
    world.textract.finish()
    world.sync(KEY)
    # then
    assert world.visible(KEY) == (text_of_shade(80),)


def test_a_document_deleted_while_ocr_runs_stays_deleted(world: World) -> None:
    world.put(KEY, image((40,)))
    world.sync(KEY)
    world.remove(KEY)
    world.sync(KEY)
    world.textract.finish()
    assert world.sync(KEY) is Outcome.SETTLED
    assert world.points() == 0
    assert world.artifacts.keys("") == []


def test_a_file_that_ocr_refuses_has_failed(world: World) -> None:
    from askbucket.errors import UnreadableDocument

    def refuse(name: str) -> None:
        if name == "textract.start":
            raise UnreadableDocument("the file is damaged: no")

    world.put(KEY, image((40,)))
    world.worker(refuse)(KEY, world.deadline())
    assert world.entry(KEY).reason == "the file is damaged: no"
