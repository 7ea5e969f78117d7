"""What OCR looks for: by key prefix, part of what a document is made by, and paid for once."""

from __future__ import annotations

import re

import pytest

from askbucket.ingest.attempt import Outcome
from askbucket.ingest.features import EXAMPLE, FeatureRules, named
from askbucket.ingest.recipe import ocr_of
from askbucket.models import Status
from tests.unit.ingest.files import image, pdf
from tests.unit.ingest.parts import World, lines
from tests.unit.ingest.scripted_textract import text_of_shade

SCAN, TEXT = "invoices/scan.png", "invoices/notes.txt"


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("invoices/2024/a.pdf", ("forms", "tables")),
        ("contracts/b.pdf", ("layout",)),
        ("c.pdf", ()),
        ("my/invoices/d.pdf", ()),
    ],
)
def test_the_longest_prefix_decides(key: str, wanted: tuple[str, ...]) -> None:
    assert FeatureRules.of(EXAMPLE)(key) == wanted
    assert FeatureRules.of(";".join(reversed(EXAMPLE.split(";"))))(key) == wanted


def test_an_exception_inside_a_prefix_is_the_longer_one() -> None:
    rules = FeatureRules.of(" =Tables ; drafts/ = none; drafts/a=b/=layout;")
    assert [rules(key) for key in ("x", "drafts/x", "drafts/a=b/x")] == [
        ("tables",),
        (),
        ("layout",),
    ]


def test_no_rule_is_text_alone() -> None:
    assert FeatureRules.of("")("any.pdf") == ()
    assert (named(()), named(("forms", "tables"))) == ("text", "forms-tables")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tables", "'tables' is no rule PREFIX=FEATURES"),
        ("a/=queries", "'a/=queries' asks for 'queries'; there are forms, layout, tables, or none"),
        ("a/=", "asks for ''"),
        ("a/=none,tables", "asks for 'none'"),
        ("a/=tables;a/=forms", "the prefix 'a/' stands twice"),
    ],
)
def test_a_rule_that_is_none_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        FeatureRules.of(text)


def test_a_change_reads_again_just_the_documents_that_needed_ocr(world: World) -> None:
    # given
    other = "letters/scan.png"
    for key, body in ((SCAN, image((40,))), (other, image((50,))), (TEXT, lines(2))):
        world.put(key, body)
        world.sync(key)
    world.textract.finish()
    for key in (SCAN, other):
        assert world.sync(key) is Outcome.COMMITTED
    assert world.sweep()[1] == []
    # when
    world.features = FeatureRules.of("invoices/=tables")
    # then
    findings, hinted = world.sweep()
    assert (findings.hinted, hinted) == ({"another recipe": 1}, [SCAN])
    assert [world.sync(key) for key in (TEXT, other)] == [Outcome.SETTLED] * 2
    assert world.sync(SCAN) is Outcome.PARKED
    assert world.visible(SCAN) == (text_of_shade(40),)  # until the new one is there
    world.textract.finish()
    assert world.sync(SCAN) is Outcome.COMMITTED
    assert [job.features for job in world.textract.jobs.values()] == [(), (), ("tables",)]
    assert ocr_of(world.entry(SCAN).recipe) == "tables"
    assert world.sweep()[1] == []


def test_going_back_costs_nothing(world: World) -> None:
    # given
    world.put(SCAN, image((40,)))
    for rules in ("", "=layout"):
        world.features = FeatureRules.of(rules)
        world.sync(SCAN)
        world.textract.finish()
        world.sync(SCAN)
    assert world.textract.billed == 2
    # when
    world.features = FeatureRules.of("")
    outcome = world.sync(SCAN)
    # then
    assert (outcome, world.textract.billed) == (Outcome.COMMITTED, 2)


def test_a_job_of_the_former_features_is_not_taken_for_the_new_ones(world: World) -> None:
    # given
    world.put(SCAN, image((40,)))
    world.sync(SCAN)
    world.textract.finish()
    # when
    world.features = FeatureRules.of("=forms")
    outcome = world.sync(SCAN)
    # then
    assert outcome is Outcome.PARKED
    assert [job.features for job in world.textract.jobs.values()] == [(), ("forms",)]


def test_the_same_bytes_of_a_text_again_are_kept_under_any_features(world: World) -> None:
    world.features = FeatureRules.of("=forms")
    world.put(TEXT, lines(2))
    world.sync(TEXT)
    active = world.entry(TEXT).active
    world.put(TEXT, lines(2))
    assert world.sync(TEXT) is Outcome.COMMITTED
    assert world.entry(TEXT).active == active


# --- parts --------------------------------------------------------------------------------------


def ran(world: World, key: str) -> list[int]:
    """How many pages each job was given, once the document is ready."""
    for _ in range(20):
        if world.sync(key) is Outcome.COMMITTED:
            break
        world.textract.finish()
    assert world.entry(key).status is Status.READY
    return [len(job.shades) for job in world.textract.jobs.values()]


@pytest.mark.parametrize(("most", "jobs"), [(7, [7]), (3, [3, 3, 1]), (1, [1] * 7)])
def test_more_pages_than_a_job_takes_are_read_by_several(
    world: World, most: int, jobs: list[int]
) -> None:
    # given
    world.most_ocr_pages = most
    text = [f"row {number} of a page of text that is long enough" for number in range(8)]
    world.put("long.pdf", pdf([10, 20, text, 30, 40, 50, 60, 70]))
    # then
    assert ran(world, "long.pdf") == jobs
    texts = {p["page"]: p["text"] for p in world.payloads("long.pdf") if p["page"] != 3}
    shades = dict(zip((1, 2, 4, 5, 6, 7, 8), range(10, 80, 10), strict=True))
    assert texts == {number: text_of_shade(shade) for number, shade in shades.items()}
    assert (world.textract.billed, world.entry("long.pdf").ocr_pages) == (7, 7)


def test_pages_that_are_too_large_together_are_read_by_several(world: World) -> None:
    world.most_ocr_bytes = 1  # one page is taken all the same
    world.put("large.pdf", pdf([10, 20, 30]))
    assert ran(world, "large.pdf") == [1, 1, 1]
    assert world.visible("large.pdf") == tuple(map(text_of_shade, (10, 20, 30)))


def test_a_picture_of_many_pages_is_taken_apart_too(world: World) -> None:
    world.most_ocr_pages = 2
    world.put("fax.tiff", image((40, 80, 120), "TIFF"))
    assert ran(world, "fax.tiff") == [2, 1]
    assert world.visible("fax.tiff") == tuple(map(text_of_shade, (40, 80, 120)))


def test_what_each_part_lost_is_told_and_the_rest_kept(world: World) -> None:
    # given
    world.most_ocr_pages = 2
    world.put("scan.pdf", pdf([30, 60, 90, 120]))
    world.sync("scan.pdf")
    # when
    world.textract.finish(lost=[2], message="1 page could not be read")
    world.sync("scan.pdf")
    world.textract.finish(lost=[1], message="1 page could not be read")
    world.sync("scan.pdf")
    # then
    assert {p["page"] for p in world.payloads("scan.pdf")} == {1, 4}
    assert world.entry("scan.pdf").warnings == (
        "pages that could not be read: 2, 3",
        "OCR was incomplete: 1 page could not be read",
    )


def test_a_part_that_failed_is_tried_again_and_the_part_before_it_is_not(world: World) -> None:
    # given
    world.most_ocr_pages = 2
    world.put("scan.pdf", pdf([30, 60, 90]))
    world.sync("scan.pdf")
    world.textract.finish()
    world.sync("scan.pdf")
    # when
    world.textract.fail()
    # then
    assert ran(world, "scan.pdf") == [2, 1, 1]
    assert [job.attempt for job in world.textract.jobs.values()] == [0, 0, 1]
