"""What files would cost, before anything is uploaded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from askbucket.ingest.chunking import Chunker
from askbucket.ingest.readers.reading import open_source
from askbucket.ingest.searched import meaning_of
from askbucket.ingest.trail import title_of
from local.bedrock.minilm import tokens
from local.cli import main
from local.estimating import OCR_PAGE_TOKENS, Estimate, Plan, estimate, together
from local.serve import ROOT

SAMPLES = ROOT / "samples"
PLAN = Plan.of_defaults(None, "")
MOST_TIMES = 2.5  # what the estimate may be of the offline model's count; 1.1 to 2.1 on the samples


def of(name: str, plan: Plan = PLAN) -> Estimate:
    return estimate(SAMPLES / name, name, plan)


def test_pages_with_a_text_layer_need_no_ocr() -> None:
    found = of("handbook.pdf")
    assert (found.pages, found.ocr_pages, found.ocr_usd) == (4, 0, 0.0)
    assert found.chunks > 0


def test_a_scan_s_pages_are_paid_for_by_the_features_of_its_prefix() -> None:
    plain = of("scan.pdf")
    tables = of("scan.pdf", Plan.of_defaults(None, "scan=tables"))
    other = of("scan.pdf", Plan.of_defaults(None, "else/=tables"))
    assert (plain.pages, plain.ocr_pages, plain.tokens) == (1, 1, OCR_PAGE_TOKENS)
    assert plain.ocr_usd == other.ocr_usd == pytest.approx(0.0015)
    assert tables.ocr_usd == pytest.approx(0.015)


@pytest.mark.parametrize("name", ["handbook.pdf", "notes.txt", "notice.html"])
def test_tokens_are_estimated_on_the_large_side(name: str) -> None:
    source = open_source(SAMPLES / name, name)
    pages = source.pages(1, source.page_count)
    source.close()
    chunks = Chunker(1000, 0).chunks(pages, paged=source.paged, title=title_of(name))
    counted = sum(tokens(meaning_of(chunk)) for chunk in chunks)
    assert counted <= of(name).tokens <= MOST_TIMES * counted


def test_the_price_of_the_embedder_counts_and_an_unknown_one_has_none() -> None:
    titan = of("notes.txt")
    cohere = of("notes.txt", Plan.of_defaults("cohere.embed-v4:0", ""))
    assert titan.embedding_usd == pytest.approx(titan.tokens * 0.02 / 1e6)
    assert cohere.embedding_usd == pytest.approx(cohere.tokens * 0.12 / 1e6)
    assert of("notes.txt", Plan.of_defaults("some.model", "")).embedding_usd is None


def test_what_would_be_refused_says_why_and_costs_nothing(tmp_path: Path) -> None:
    old = tmp_path / "old.doc"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    found = estimate(old, "old.doc", PLAN)
    assert found.refused
    assert found == Estimate("old.doc", refused=found.refused)
    large = replace(PLAN, limits=replace(PLAN.limits, file_bytes=10))
    assert "10 at most" in estimate(SAMPLES / "notes.txt", "notes.txt", large).refused


def test_the_sum_adds_up_and_does_not_guess_dollars() -> None:
    parts = [of("handbook.pdf"), of("scan.pdf")]
    whole = together(parts)
    assert (whole.pages, whole.ocr_pages) == (5, 1)
    assert whole.tokens == sum(part.tokens for part in parts)
    assert together([*parts, replace(parts[0], embedding_usd=None)]).embedding_usd is None


def test_the_command_tells_every_file_and_the_sum() -> None:
    done = CliRunner().invoke(main, ["estimate", str(SAMPLES / "scan.pdf")])
    assert done.exit_code == 0, done.output
    assert "1 page, 1 by OCR, 700 tokens: OCR $0.0015" in done.stdout
    assert "together" in done.stdout


def test_the_command_fails_where_a_file_would_be_refused(tmp_path: Path) -> None:
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    done = CliRunner().invoke(main, ["estimate", str(tmp_path), "--json"])
    assert done.exit_code == 1
    assert '"refused": "' in done.stdout


def test_unknown_features_are_a_wrong_call() -> None:
    done = CliRunner().invoke(main, ["estimate", str(SAMPLES), "--ocr-features", "=colours"])
    assert done.exit_code == 2
