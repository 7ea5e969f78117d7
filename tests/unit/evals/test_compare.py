"""Rankings of systems turned into rows, and rows into lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from askbucket.models import Line, Page
from evals.collections import Collection, Document, Question
from evals.compare import Compared, by_document, by_page, compared, rows_of
from evals.embedding import CachedEmbedder
from evals.measures import Difference, Place
from local.serve import ROOT

PAGES = Question("?", frozenset({("a", 2), ("a", 5)}), "a")


def test_pages_are_ranked_by_chunks() -> None:
    ranked: list[Place] = [("a", 1), ("a", 2), ("a", 2), ("b", 5), ("c", 1), ("a", 5)]
    assert by_page("all", ranked, PAGES) == {
        "all any@1": 0, "all any@5": 1, "all any@10": 1,
        "all R@1": 0, "all R@5": 0.5, "all R@10": 1,
        "all MRR@10": 0.5,
    }  # fmt: skip


def test_documents_count_once_each() -> None:
    question = Question("?", frozenset({("b", None)}))
    row = by_document([("a", None), ("a", None), ("b", None)], question)
    assert row == {
        "nDCG@10": pytest.approx(1 / math.log2(3)),
        "R@5": 1, "R@10": 1, "MRR@10": 0.5,
    }  # fmt: skip


def test_a_question_about_one_document_is_asked_twice() -> None:
    asked: list[str | None] = []

    def search(_: str, document: str | None) -> Sequence[Place]:
        asked.append(document)
        return [("a", 2)] if document else [("b", 2)]

    rows = rows_of([PAGES], search)
    assert asked == [None, "a"]
    assert (rows["all any@1"], rows["one any@1"]) == ([0.0], [1.0])


def test_a_difference_is_paired() -> None:
    hard = [0.0] * 50 + [1.0] * 50
    same = Difference.of(hard, hard)
    assert (same.value, same.low, same.high, same.certain) == (0, 0, 0, False)
    ahead = Difference.of([1.0] * 10, [0.0] * 10)
    assert (ahead.value, ahead.low, ahead.certain) == (1, 1, True)
    assert not Difference.of([1.0, 0.0] * 5, [0.0, 1.0] * 5).certain
    with pytest.raises(ValueError, match="zip"):
        Difference.of([1.0], [1.0, 0.0])


def test_the_others_are_told_apart_or_not() -> None:
    rows = {"ours": {"R@5": [1.0] * 8}, "same": {"R@5": [1.0] * 8}, "worse": {"R@5": [0.0] * 8}}
    _, _, same, worse = Compared("s", rows).lines()
    assert same.endswith("ours +0.000 (+0.00 to +0.00)  not told apart")
    assert worse.endswith("ours +1.000 (+1.00 to +1.00)")


@pytest.mark.parametrize("system", ["ours", "langchain", "llamaindex", "haystack"])
def test_every_system_finds_what_is_plain(system: str) -> None:
    library = {"llamaindex": "llama_index", "haystack": "haystack"}.get(system)
    if library and not find_spec(library):
        pytest.skip(f"{library} is not installed: `make eval` does it")
    texts = {"keeper.txt": "The keeper paints the lighthouse.", "bread.txt": "Bread rises slowly."}
    documents = [Document(k, [Page(1, (Line(t),))], paged=False) for k, t in texts.items()]
    question = Question("Who paints the lighthouse?", frozenset({("keeper.txt", None)}))
    collection = Collection(documents, [question])
    embed = CachedEmbedder(Path(ROOT / ".cache" / "evals"))
    found = compared("plain", collection, embed, [system]).systems
    assert {name: rows["MRR@10"] for name, rows in found.items()} == {name: [1.0] for name in found}
