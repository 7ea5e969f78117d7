"""What was over a limit is tried again once the limit is raised; nothing else is."""

from __future__ import annotations

import pytest

from askbucket.errors import OverLimit
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.limits import Limits
from askbucket.models import Status
from tests.unit.ingest.files import pdf
from tests.unit.ingest.parts import World, lines

ROOMY = Limits(1_000_000, 300)
PAGES = pdf([[f"page {number} of a text that is long enough"] for number in range(5)])
TIGHT = {
    "pages": (Limits(1_000_000, 4), Limits(1_000_000, 5)),
    "file_bytes": (Limits(len(PAGES) - 1, 300), Limits(len(PAGES), 300)),
}


def refused(world: World, limits: Limits) -> None:
    world.limits = limits
    world.put("doc.pdf", PAGES)
    world.sync("doc.pdf")
    assert world.entry("doc.pdf").status is Status.FAILED


@pytest.mark.parametrize("name", TIGHT)
def test_a_refused_document_is_indexed_once_its_limit_is_raised(world: World, name: str) -> None:
    # given
    tight, enough = TIGHT[name]
    refused(world, tight)
    assert world.sync("doc.pdf") is Outcome.SETTLED
    # when
    world.limits = enough
    outcome = world.sync("doc.pdf")
    # then
    entry = world.entry("doc.pdf")
    assert outcome is Outcome.COMMITTED
    assert (entry.status, entry.reason, entry.needs, entry.chunks) == (Status.READY, None, {}, 5)
    assert world.sync("doc.pdf") is Outcome.SETTLED


@pytest.mark.parametrize("name", TIGHT)
def test_a_sweep_finds_what_a_raised_limit_lets_in(world: World, name: str) -> None:
    # given
    tight, enough = TIGHT[name]
    refused(world, tight)
    assert world.sweep()[1] == []
    # when
    world.limits = enough
    findings, hinted = world.sweep()
    # then
    assert (findings.hinted, hinted) == ({"a raised limit": 1}, ["doc.pdf"])
    # when
    world.sync("doc.pdf")
    # then
    assert world.entry("doc.pdf").status is Status.READY
    assert world.sweep()[1] == []


@pytest.mark.parametrize("name", TIGHT)
@pytest.mark.parametrize("more", [-1, 0])
def test_a_limit_that_is_still_too_low_changes_nothing(world: World, name: str, more: int) -> None:
    tight, _ = TIGHT[name]
    refused(world, tight)
    before = world.entry("doc.pdf")
    world.limits = Limits(tight.file_bytes + more, tight.pages + more)
    assert world.sweep()[1] == []
    assert world.sync("doc.pdf") is Outcome.SETTLED
    assert world.entry("doc.pdf") == before


def test_a_lowered_limit_leaves_ready_documents_alone(world: World) -> None:
    # given
    world.limits = ROOMY
    world.put("doc.pdf", PAGES)
    world.sync("doc.pdf")
    before = world.entry("doc.pdf")
    # when
    world.limits = Limits(10, 1)
    # then
    assert world.sweep()[1] == []
    assert world.sync("doc.pdf") is Outcome.SETTLED
    assert world.entry("doc.pdf") == before


def test_a_raised_limit_leaves_other_failures_alone(world: World) -> None:
    world.limits = Limits(10, 1)
    world.put("doc.pdf", b"%PDF-")
    world.sync("doc.pdf")
    world.limits = ROOMY
    assert world.sweep()[1] == []
    assert world.sync("doc.pdf") is Outcome.SETTLED


def test_a_document_let_in_by_one_limit_may_meet_the_other(world: World) -> None:
    # given
    refused(world, Limits(10, 4))
    # when
    world.limits = Limits(len(PAGES), 4)
    world.sync("doc.pdf")
    # then
    entry = world.entry("doc.pdf")
    assert (entry.status, entry.needs) == (Status.FAILED, {"pages": 5})
    assert world.sweep()[1] == []


def test_a_smaller_file_under_the_key_needs_nothing_more(world: World) -> None:
    refused(world, TIGHT["pages"][0])
    world.put("doc.pdf", lines(2))
    world.sync("doc.pdf")
    assert world.entry("doc.pdf").needs == {}


def test_a_limit_names_what_it_would_take() -> None:
    with pytest.raises(OverLimit, match="7 pages; 5 at most") as refusal:
        Limits(10, 5).check_pages(7)
    assert refusal.value.needs == {"pages": 7}
    with pytest.raises(OverLimit, match="11 bytes; 10 at most") as refusal:
        Limits(10, 5).check_size(11)
    assert refusal.value.needs == {"file_bytes": 11}
    Limits(10, 5).check_pages(5)
    Limits(10, 5).check_size(10)
    assert not Limits(10, 5).admit_now({})
    assert not Limits(10, 5).admit_now({"colours": 1})
