"""The gate over the shipped set: it passes as the product is, and sees what is planted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from askbucket.answer import citations, retrieval
from askbucket.answer.visibility import Found
from askbucket.ingest.trail import Trail
from askbucket.models import Box, Hit
from evals import answers
from evals.__main__ import BASELINE
from evals.asked import AnswerSet, shipped
from evals.baseline import Figures, drops, gone, loaded
from evals.bedrock import served_bedrock
from evals.embedding import CachedEmbedder
from evals.gate import answer_figures, retrieval_figures
from evals.library import Library, library
from lambdas.query import asking_schemas, boxes
from local.bedrock import extractive
from local.serve import ROOT

Asked = tuple[AnswerSet, Library]


@pytest.fixture(scope="module")
def embed() -> CachedEmbedder:
    """Vectors are kept from run to run, as the command keeps them."""
    return CachedEmbedder(ROOT / ".cache" / "evals")


@pytest.fixture(scope="module")
def asked(embed: CachedEmbedder) -> Iterator[Asked]:
    questions = shipped()
    with (
        served_bedrock() as bedrock,
        library(questions.contents, embed, answers.variables(bedrock, None)) as of,
    ):
        yield questions, of


def fallen(figures: Figures) -> set[str]:
    """The measures that fell, by their last words."""
    return {drop.name.split("shipped ")[1] for drop in drops(figures, loaded(BASELINE))}


def answered(asked: Asked) -> Figures:
    return answer_figures("shipped", *asked)


def test_the_product_as_it_is_passes(asked: Asked, embed: CachedEmbedder) -> None:
    figures = retrieval_figures(embed) | answered(asked)
    assert drops(figures, loaded(BASELINE)) == []
    assert gone(figures, loaded(BASELINE), "answers shipped") == []
    assert gone(figures, loaded(BASELINE), "retrieval shipped") == []


def test_dense_and_sparse_swapped_are_seen(
    embed: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fused = retrieval.fused

    def swapped(found: Found, *rest: Any) -> list[Hit]:
        return fused(Found(found.sparse, found.dense), *rest)

    monkeypatch.setattr(retrieval, "fused", swapped)
    assert {"bm25 MRR@10", "bm25 nDCG@10"} <= fallen(retrieval_figures(embed))


def test_a_ranking_upside_down_is_seen(
    embed: CachedEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    spread = retrieval.spread
    monkeypatch.setattr(retrieval, "spread", lambda hits: spread(hits)[::-1])
    assert {"R@5", "nDCG@10", "MRR@10"} <= fallen(retrieval_figures(embed))


def test_a_dropped_context_is_seen(embed: CachedEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trail, "context", lambda *_: "")
    assert {"nDCG@10", "MRR@10"} <= fallen(retrieval_figures(embed))


def test_citations_of_the_next_page_are_seen(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    of = asking_schemas._of

    def next_page(hit: Hit) -> dict[str, Any]:
        return of(replace(hit, page=hit.page + 1 if hit.page else None))

    monkeypatch.setattr(asking_schemas, "_of", next_page)
    assert {"place cited", "quote located", "boxes right"} <= fallen(answered(asked))


def test_boxes_of_other_lines_are_seen(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def lower(page: int | None, of: tuple[Box, ...]) -> list[boxes.BoxReply]:
        return boxes.box_replies(page, tuple(replace(box, top=box.top + box.height) for box in of))

    monkeypatch.setattr(asking_schemas, "box_replies", lower)
    assert fallen(answered(asked)) == {"boxes right"}


def test_quotes_with_a_word_changed_are_seen(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    locate = citations.locate

    def altered(quote: str, hit: Hit) -> Any:
        found = locate(quote, hit)
        return found and replace(found, quote=found.quote + " indeed")

    monkeypatch.setattr(citations, "locate", altered)
    assert {"quote located", "boxes right"} <= fallen(answered(asked))


def test_a_refusal_switched_off_is_seen(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractive, "LEAST_EVIDENCE", 0.0)
    assert "refused" in fallen(answered(asked))


def test_too_much_refused_is_seen(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractive, "LEAST_EVIDENCE", 1.0)
    assert {"answered", "answer held"} <= fallen(answered(asked))


def test_the_pdfs_are_those_that_the_script_makes() -> None:
    from evals.shipped.make import DOCUMENTS, contents

    made = contents()
    assert made == {name: (Path(DOCUMENTS) / name).read_bytes() for name in made}
