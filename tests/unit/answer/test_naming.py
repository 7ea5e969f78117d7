"""Documents named in a question come first, and none is shut out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.answer.naming import favoured, named
from askbucket.models import Hit
from tests.unit.answer.parts import hit

FILINGS = ["3M_2021_10K.pdf", "3M_2022_10K.pdf", "VERIZON_2022_10K.pdf"]


def hits_of(*documents: tuple[str, float]) -> list[Hit]:
    return [
        replace(hit(chunk=f"c{at}", score=score), document=document)
        for at, (document, score) in enumerate(documents)
    ]


def order(hits: list[Hit]) -> list[str]:
    return [each.document for each in hits]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("What were 3M's sales in FY2022?", "3M_2022_10K.pdf"),
        ("What were the sales of 3M in 2021?", "3M_2021_10K.pdf"),
        ("How many customers has Verizon?", "VERIZON_2022_10K.pdf"),
    ],
)
def test_company_and_year_name_one_of_many_filings(question: str, best: str) -> None:
    names = named(FILINGS, question)
    assert max(names, key=lambda key: names[key]) == best
    assert sorted(names.values())[-2:] != [1.0, 1.0]


@pytest.mark.parametrize("question", ["What is the gross margin?", "", "Which 10K pdf is it?"])
def test_words_that_all_keys_hold_name_none(question: str) -> None:
    assert named(FILINGS, question) == {}
    hits = hits_of(*((key, 0.5) for key in FILINGS))
    assert favoured(hits, question) == hits


def test_a_folder_names_its_documents() -> None:
    names = named(["acme/2022/report.pdf", "globex/2022/report.pdf"], "How is Acme doing?")
    assert names == {"acme/2022/report.pdf": 1.0, "globex/2022/report.pdf": 0.0}


def test_one_document_alone_is_not_told_from_any() -> None:
    assert named(["acme.pdf"], "How is Acme doing?") == {}
    assert named([], "How is Acme doing?") == {}


def test_the_named_document_s_hits_rise_and_the_best_others_stay() -> None:
    found = hits_of(("3M_2021_10K.pdf", 0.9), ("3M_2022_10K.pdf", 0.85), ("3M_2022_10K.pdf", 0.1))
    ranked = favoured(found, "3M's sales in FY2022", 0.15)
    assert order(ranked) == ["3M_2022_10K.pdf", "3M_2021_10K.pdf", "3M_2022_10K.pdf"]
    # 0.85 * 0.85 + 0.15, 0.85 * 0.9, 0.85 * 0.1 + 0.15
    assert [each.score for each in ranked] == [0.8725, 0.765, 0.235]


KEYS = st.lists(st.sampled_from(["acme 2021", "acme 2022", "globex", "12", "notes"]), max_size=8)


@given(keys=KEYS, question=st.text("acmeglobx 012", max_size=20), weight=st.floats(0, 1))
def test_every_hit_is_kept_once_in_order_of_scores_from_0_to_1(
    keys: list[str], question: str, weight: float
) -> None:
    ranked = favoured(
        hits_of(*((key, 1 / (at + 1)) for at, key in enumerate(keys))), question, weight
    )
    assert sorted(each.chunk_id for each in ranked) == [f"c{at}" for at in range(len(keys))]
    assert all(0 <= each.score <= 1 for each in ranked)
    assert [each.score for each in ranked] == sorted((e.score for e in ranked), reverse=True)
