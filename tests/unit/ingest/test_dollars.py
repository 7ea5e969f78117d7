"""Dollars on every document: what was paid for its version, all of it, and nothing twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from askbucket.embedders import TITAN
from askbucket.errors import TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.ingest.features import FeatureRules, Features
from askbucket.ingest.prices import NANO, nano_usd_of_embedding, nano_usd_of_ocr
from askbucket.ingest.recognition import OCR_ATTEMPTS
from askbucket.models import Status
from tests.unit.counted import Counted
from tests.unit.ingest.files import image, pdf
from tests.unit.ingest.hash_embedder import HashEmbedder
from tests.unit.ingest.parts import World, lines
from tests.unit.ingest.steps import KillAt, Killed

TOKEN_NANO_USD = 20  # of a model at $0.02 for a million tokens
TEXT_PAGE = 1_500_000  # nanodollars


@pytest.fixture
def paying(world: World) -> World:
    """A world whose embedder costs what Titan does, and that counts."""
    world.embedder.spec = replace(HashEmbedder.spec, model_id=TITAN)
    world.metrics = Counted()
    return world


def spent(world: World, key: str) -> tuple[int, int]:
    """Nanodollars for OCR and embedding that stand in the document's item."""
    found = world.entry(key).spent
    assert found is not None
    assert found.version == world.entry(key).version
    return found.ocr, found.embedding


@pytest.mark.parametrize(
    ("features", "usd"),  # of a thousand pages
    [
        ((), 1.50),
        (("layout",), 4.00),
        (("tables",), 15.00),
        (("forms",), 50.00),
        (("forms", "tables"), 65.00),
        (("layout", "tables"), 15.00),
        (("forms", "layout", "tables"), 65.00),
    ],
)
def test_a_page_costs_what_is_looked_for_on_it(features: Features, usd: float) -> None:
    assert nano_usd_of_ocr(features, 1000) == usd * NANO


def test_tokens_cost_their_share_of_a_million() -> None:
    assert nano_usd_of_embedding(TITAN, 1_000_000) == 0.02 * NANO
    assert nano_usd_of_embedding(TITAN, 1) == TOKEN_NANO_USD


def test_a_text_costs_its_tokens_alone(paying: World) -> None:
    paying.put("log.txt", lines(250))
    paying.sync("log.txt")
    assert paying.embedder.tokens > 0
    assert spent(paying, "log.txt") == (0, paying.embedder.tokens * TOKEN_NANO_USD)


def test_a_scan_costs_its_pages_once_however_often_it_is_looked_at(paying: World) -> None:
    # given
    paying.put("letter.png", image((40, 80)))
    paying.sync("letter.png")
    paying.sync("letter.png")
    assert paying.entry("letter.png").spent is None  # nothing is paid before it is read
    # when
    paying.textract.finish()
    paying.sync("letter.png")
    paying.sync("letter.png")
    # then
    assert spent(paying, "letter.png")[0] == 2 * TEXT_PAGE
    assert paying.textract.billed == 2


def test_features_are_paid_at_their_price(paying: World) -> None:
    paying.features = FeatureRules.of("=tables")
    paying.put("letter.png", image((40,)))
    paying.sync("letter.png")
    paying.textract.finish()
    paying.sync("letter.png")
    assert spent(paying, "letter.png")[0] == 15_000_000


def test_failed_jobs_cost_nothing(paying: World) -> None:
    paying.put("letter.png", image((40,)))
    paying.sync("letter.png")
    paying.textract.fail()
    paying.sync("letter.png")
    paying.textract.finish()
    paying.sync("letter.png")
    assert paying.entry("letter.png").status is Status.READY
    assert spent(paying, "letter.png")[0] == TEXT_PAGE


def test_a_retry_that_pays_again_adds_up(paying: World) -> None:
    # given
    paying.put("log.txt", lines(150))
    paying.sync("log.txt")
    _, once = spent(paying, "log.txt")
    # when
    for key in paying.artifacts.keys(""):
        paying.artifacts.delete([key])
    paying.chunker = type(paying.chunker)(101, 20)  # another recipe: the attempt is a full one
    paying.sync("log.txt")
    # then
    assert spent(paying, "log.txt")[1] == paying.embedder.tokens * TOKEN_NANO_USD
    assert spent(paying, "log.txt")[1] > once


def test_what_was_embedded_before_a_fault_is_paid(paying: World) -> None:
    paying.put("log.txt", lines(150))
    asked = []

    def busy(name: str) -> None:
        asked.append(name)
        if name == "embedder.embed_all" and asked.count(name) == 2:
            raise TryAgain("busy")

    with pytest.raises(TryAgain):
        paying.worker(busy)("log.txt", paying.deadline())
    half = spent(paying, "log.txt")[1]
    assert 0 < half == paying.embedder.tokens * TOKEN_NANO_USD
    paying.sync("log.txt")
    assert spent(paying, "log.txt")[1] == paying.embedder.tokens * TOKEN_NANO_USD > half


def test_a_new_version_begins_at_nothing(paying: World) -> None:
    paying.put("a.txt", "one two three")
    paying.sync("a.txt")
    before = paying.embedder.tokens
    paying.put("a.txt", "four five six seven")
    paying.sync("a.txt")
    assert spent(paying, "a.txt") == (0, (paying.embedder.tokens - before) * TOKEN_NANO_USD)


def test_a_late_attempt_at_an_older_version_does_not_bring_its_sums_back(paying: World) -> None:
    paying.put("a.txt", "one")
    paying.sync("a.txt")
    manifest, document = paying.manifest, paying.entry("a.txt").document.id
    began = paying.entry("a.txt").generation
    assert manifest.spent(document, began + 20, "new", "ocr", 5)
    assert not manifest.spent(document, began + 10, "old", "ocr", 100)
    assert manifest.spent(document, began + 30, "new", "ocr", 2, job="j")
    assert not manifest.spent(document, began + 31, "new", "ocr", 2, job="j")
    found = paying.entry("a.txt").spent
    assert found is not None
    assert (found.version, found.ocr, found.embedding, found.jobs) == ("new", 7, 0, {"j"})


def test_dollars_never_make_an_item(paying: World) -> None:
    assert not paying.manifest.spent("nobody", 1, "v", "embedding", 5)
    assert paying.manifest.get("nobody") is None


def test_whenever_a_worker_dies_no_page_is_counted_twice(paying: World) -> None:
    place = 1
    while True:
        key = f"{place}.pdf"
        paying.put(key, image((place % 250,)))
        paying.sync(key)
        paying.textract.finish()
        kill = KillAt(place)
        try:
            outcome = paying.worker(kill)(key, paying.deadline())
        except Killed:
            paying.clock.at += 10_000_000
            outcome = paying.sync(key)
        assert outcome is Outcome.COMMITTED or paying.entry(key).status is Status.READY
        assert spent(paying, key)[0] == TEXT_PAGE, f"killed at call {place}"
        if not kill.reached:
            return
        place += 4


def test_what_is_paid_is_counted_too(paying: World) -> None:
    counted = Counted()
    paying.metrics = counted
    paying.put("scan.pdf", pdf([40, ["a page of text that is long enough"] * 8]))
    paying.sync("scan.pdf")
    paying.textract.finish()
    paying.sync("scan.pdf")
    tokens = paying.embedder.tokens
    assert counted.sums == {
        "pages_paid": 1,
        "dollars ocr": 0.0015,
        "embedding_tokens": tokens,
        "dollars embedding": pytest.approx(tokens * TOKEN_NANO_USD / NANO),
        "documents ready": 1,
        "pages": 2,
        "chunks": paying.entry("scan.pdf").chunks,
        "seconds_to_ready": counted.sums["seconds_to_ready"],
    }


def test_a_document_that_fails_keeps_what_it_cost(paying: World) -> None:
    # given two parts of a page each, the first of which is read
    paying.most_ocr_pages = 1
    paying.put("letter.png", image((40, 80)))
    paying.sync("letter.png")
    paying.textract.finish()
    paying.sync("letter.png")
    # when the second fails for good
    for _ in range(OCR_ATTEMPTS):
        paying.textract.fail()
        paying.sync("letter.png")
    # then
    assert paying.entry("letter.png").status is Status.FAILED
    assert spent(paying, "letter.png") == (TEXT_PAGE, 0)


def test_reading_the_same_version_anew_adds_to_its_sum(paying: World) -> None:
    # given
    paying.put("letter.png", image((40,)))
    paying.sync("letter.png")
    paying.textract.finish()
    paying.sync("letter.png")
    # when OCR is to look for more
    paying.features = FeatureRules.of("=tables")
    paying.sync("letter.png")
    paying.textract.finish()
    paying.sync("letter.png")
    # then
    assert spent(paying, "letter.png")[0] == TEXT_PAGE + 15_000_000


def test_the_same_bytes_uploaded_again_cost_nothing(paying: World) -> None:
    body = image((40,))
    paying.put("letter.png", body)
    paying.sync("letter.png")
    paying.textract.finish()
    paying.sync("letter.png")
    paying.put("letter.png", body)
    paying.sync("letter.png")
    assert paying.textract.billed == 1
    assert paying.entry("letter.png").status is Status.READY
    of = paying.entry("letter.png").spent
    assert of is None or of.version != paying.entry("letter.png").version
