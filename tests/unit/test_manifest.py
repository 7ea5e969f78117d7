"""The table's conditional writes: what each lets through, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from askbucket.entry import Commit, Entry, OcrJob
from askbucket.errors import TryAgain
from askbucket.manifest import Manifest
from askbucket.models import Document, Status
from tests.unit.ingest.parts import BUCKET, STARTED, TABLE, World, made_world

DOCUMENT = Document(BUCKET, "a.txt")
READY = Commit(
    Status.READY, active=1, version="v1", fingerprint="f1", staged_at=7, recipe="r", chunks=3
)
JOB = OcrJob("job", "content", 0, STARTED + 100)


@pytest.fixture
def world() -> Iterator[World]:
    with made_world() as made:
        yield made


@pytest.fixture
def manifest(world: World) -> Manifest:
    return world.manifest


def claimed(manifest: Manifest, document: Document = DOCUMENT, now: int = STARTED) -> Entry:
    return manifest.claim(document, "default", now)


def ready_at(generation: int) -> Commit:
    return replace(READY, active=generation)


def committed(manifest: Manifest, document: Document = DOCUMENT, **changes: Any) -> int:
    """The generation of a new attempt that committed."""
    generation = claimed(manifest, document).generation
    end = replace(READY, active=generation, **changes)
    assert manifest.commit(document.id, generation, end, STARTED) is None
    return generation


def test_the_first_claim_takes_the_clocks_time_and_the_next_ones_count_on(
    manifest: Manifest,
) -> None:
    first, second = claimed(manifest), claimed(manifest, now=STARTED + 5000)
    assert (first.generation, first.committed) == (STARTED + 1, STARTED)
    assert (second.generation, second.committed) == (STARTED + 2, STARTED)
    assert (first.status, first.active) == (Status.QUEUED, None)
    assert manifest.get(DOCUMENT.id) == second


def test_a_claim_clears_the_lease_and_keeps_the_rest(manifest: Manifest) -> None:
    generation = committed(manifest)
    claim = claimed(manifest)
    manifest.lease(DOCUMENT.id, claim.generation, "print", STARTED + 9)
    leased = manifest.get(DOCUMENT.id)
    assert leased is not None
    assert (leased.leased, leased.lease_until) == ("print", STARTED + 9)
    again = claimed(manifest)
    assert (again.leased, again.lease_until) == (None, 0)
    assert (again.active, again.status, again.fingerprint) == (generation, Status.READY, "f1")


def test_a_commit_makes_its_whole_outcome_the_truth(manifest: Manifest) -> None:
    # given
    generation = claimed(manifest).generation
    end = Commit(
        Status.READY,
        active=generation,
        version="v1",
        fingerprint="f1",
        staged_at=7,
        recipe="r",
        etag="e",
        content="c",
        size=5,
        pages=2,
        ocr_pages=1,
        chunks=3,
        embedded=3,
        warnings=("page 2 is lost",),
        active_version="v1",
    )
    # when
    assert manifest.commit(DOCUMENT.id, generation, end, STARTED + 3) is None
    # then
    assert manifest.get(DOCUMENT.id) == Entry(
        DOCUMENT,
        "default",
        generation,
        generation,
        generation,
        "v1",
        Status.READY,
        version="v1",
        fingerprint="f1",
        etag="e",
        recipe="r",
        content="c",
        size=5,
        pages=2,
        ocr_pages=1,
        chunks=3,
        embedded=3,
        warnings=("page 2 is lost",),
        staged_at=7,
        updated_at=STARTED + 3,
    )


def test_a_commit_after_a_later_one_is_refused_and_shown_why(manifest: Manifest) -> None:
    older, newer = claimed(manifest).generation, claimed(manifest).generation
    assert manifest.commit(DOCUMENT.id, newer, ready_at(newer), STARTED) is None
    refused = manifest.commit(DOCUMENT.id, older, ready_at(older), STARTED)
    assert refused is not None
    assert refused.entry == manifest.get(DOCUMENT.id)
    assert refused.entry is not None
    assert refused.entry.committed == newer


def test_a_commit_before_a_later_claim_still_counts(manifest: Manifest) -> None:
    """A key that is written without pause must come to commit."""
    older, newer = claimed(manifest).generation, claimed(manifest).generation
    assert manifest.commit(DOCUMENT.id, older, ready_at(older), STARTED) is None
    assert manifest.commit(DOCUMENT.id, newer, ready_at(newer), STARTED) is None


def test_the_same_commit_twice_is_refused_by_itself(manifest: Manifest) -> None:
    generation = committed(manifest)
    refused = manifest.commit(DOCUMENT.id, generation, ready_at(generation), STARTED)
    assert refused is not None
    assert refused.entry is not None
    assert refused.entry.committed == generation


def test_a_commit_never_makes_an_item(manifest: Manifest) -> None:
    refused = manifest.commit(DOCUMENT.id, STARTED, ready_at(STARTED), STARTED)
    assert refused is not None
    assert refused.entry is None
    assert manifest.get(DOCUMENT.id) is None


def test_a_commit_that_keeps_points_needs_them_to_be_the_active_ones(manifest: Manifest) -> None:
    # given
    kept = committed(manifest)
    ours, other = claimed(manifest).generation, claimed(manifest).generation
    # when another attempt makes its own points active first, with a lower number
    assert manifest.commit(DOCUMENT.id, ours, ready_at(ours), STARTED) is None
    refused = manifest.commit(DOCUMENT.id, other, replace(READY, active=kept), STARTED)
    # then
    assert refused is not None
    assert refused.entry is not None
    assert refused.entry.active == ours
    assert manifest.commit(DOCUMENT.id, other, replace(READY, active=ours), STARTED) is None


def test_a_failure_takes_away_what_readers_saw(manifest: Manifest, world: World) -> None:
    committed(manifest, reason=None, content="c", etag="e", active_version="v1")
    generation = claimed(manifest).generation
    end = Commit(Status.FAILED, None, "v2", "f2", 9, "r", reason="locked")
    assert manifest.commit(DOCUMENT.id, generation, end, STARTED) is None
    entry = manifest.get(DOCUMENT.id)
    assert entry is not None
    assert (entry.active, entry.active_version, entry.content) == (None, None, None)
    assert (entry.status, entry.reason, entry.version) == (Status.FAILED, "locked", "v2")


def test_only_a_tombstone_expires_and_never_before_thirty_days(
    manifest: Manifest, world: World
) -> None:
    def expires_at() -> Any:
        key = {"id": DOCUMENT.id, "item": "document"}
        return world.dynamodb.Table(TABLE).get_item(Key=key)["Item"].get("expires_at")

    generation = claimed(manifest).generation
    end = Commit(Status.DELETED, None, None, "absent", 9, "r")
    manifest.commit(DOCUMENT.id, generation, end, STARTED)
    assert expires_at() >= STARTED // 1000 + 30 * 86400
    claimed(manifest)
    assert expires_at() is None


@pytest.mark.parametrize("overtaken_by", ["claim", "commit"])
def test_progress_of_an_overtaken_attempt_is_not_shown(
    manifest: Manifest, overtaken_by: str
) -> None:
    # given
    generation = claimed(manifest).generation
    if overtaken_by == "claim":
        claimed(manifest)
    else:
        manifest.commit(DOCUMENT.id, generation, ready_at(generation), STARTED)
    before = manifest.get(DOCUMENT.id)
    # when
    assert not manifest.advance(DOCUMENT.id, generation, STARTED, status=Status.READING)
    assert not manifest.park(DOCUMENT.id, generation, JOB, STARTED)
    manifest.lease(DOCUMENT.id, generation, "print", STARTED)
    manifest.release(DOCUMENT.id, generation)
    manifest.fault(DOCUMENT.id, generation, "busy", STARTED)
    # then
    assert manifest.get(DOCUMENT.id) == before
    assert list(manifest.due(STARTED + 1000)) == []


def test_a_parked_job_is_due_when_its_time_has_come(manifest: Manifest) -> None:
    # given
    generation = claimed(manifest).generation
    manifest.lease(DOCUMENT.id, generation, "print", STARTED + 9)
    # when
    assert manifest.park(DOCUMENT.id, generation, JOB, STARTED)
    # then
    entry = manifest.get(DOCUMENT.id)
    assert entry is not None
    assert (entry.status, entry.job, entry.leased) == (Status.OCR, JOB, None)
    assert list(manifest.due(JOB.due_at - 1)) == []
    assert list(manifest.due(JOB.due_at)) == [DOCUMENT.key]
    # when
    manifest.commit(DOCUMENT.id, generation, ready_at(generation), STARTED)
    # then
    assert list(manifest.due(JOB.due_at)) == []


def test_a_fault_leaves_its_reason_and_what_readers_see(manifest: Manifest) -> None:
    active = committed(manifest)
    generation = claimed(manifest).generation
    manifest.fault(DOCUMENT.id, generation, "busy", STARTED + 1)
    entry = manifest.get(DOCUMENT.id)
    assert entry is not None
    assert (entry.status, entry.reason, entry.active) == (Status.FAILED, "busy", active)
    assert entry.committed == active


def test_the_newest_steps_come_oldest_first(manifest: Manifest) -> None:
    for number in range(5):
        manifest.note(DOCUMENT.id, 10, f"step {number}", "", STARTED + number)
    manifest.note(DOCUMENT.id, 9, "before", "detail", STARTED + 99)
    assert [step["step"] for step in manifest.steps(DOCUMENT.id, limit=3)] == [
        "step 2",
        "step 3",
        "step 4",
    ]
    assert manifest.steps(DOCUMENT.id)[0] == {
        "at": STARTED + 99,
        "step": "before",
        "detail": "detail",
        "generation": 9,
    }


def test_any_service_fault_is_try_again(manifest: Manifest, world: World) -> None:
    world.dynamodb.Table(TABLE).delete()
    with pytest.raises(TryAgain, match="refused get_item"):
        manifest.get(DOCUMENT.id)
    with pytest.raises(TryAgain):
        list(manifest.due(STARTED))
    with pytest.raises(TryAgain):
        claimed(manifest)


def test_an_error_of_the_service_names_the_operation() -> None:
    class Busy:
        def __getattr__(self, name: str) -> Any:
            return self

        def get_item(self, **request: Any) -> Any:  # noqa: ARG002
            error = {"Code": "ProvisionedThroughputExceededException", "Message": "slow down"}
            raise ClientError({"Error": error}, "GetItem")  # type: ignore[typeddict-item]

        exceptions = type("Exceptions", (), {"ConditionalCheckFailedException": ZeroDivisionError})

    with pytest.raises(TryAgain, match="slow down"):
        Manifest(Busy()).get("id")


def test_a_commit_of_a_generation_that_a_lost_table_gave_out_is_refused(
    manifest: Manifest, world: World
) -> None:
    # given a worker of the old table, and a first claim of the new one by a clock read before
    old = claimed(manifest, now=STARTED + 5000).generation
    world.lose_table()
    new = claimed(manifest, now=STARTED).generation
    assert new < old
    # when
    refused = manifest.commit(DOCUMENT.id, old, ready_at(old), STARTED + 6000)
    # then it would have stood above every later claim
    assert refused is not None
    assert refused.entry is not None
    assert refused.entry.committed < old
    assert manifest.commit(DOCUMENT.id, new, ready_at(new), STARTED + 7000) is None
