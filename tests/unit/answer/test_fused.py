"""Two lists made one by score, with hand-computed values."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from askbucket.answer.retrieval import fused
from askbucket.answer.visibility import Found
from askbucket.models import Hit
from tests.unit.answer.parts import hit


def ranked(**scores: float) -> tuple[Hit, ...]:
    return tuple(hit(chunk=chunk, score=score) for chunk, score in scores.items())


def as_scores(hits: list[Hit]) -> dict[str, float]:
    return {each.chunk_id: each.score for each in hits}


def test_each_score_is_its_share_of_the_list_s_best_weighed() -> None:
    found = Found(ranked(a=0.8, b=0.4), ranked(b=10.0, c=5.0))

    hits = fused(found, 0.35)

    # a: 0.35 * 0.8/0.8; b: 0.35 * 0.4/0.8 + 0.65 * 10/10; c: 0.65 * 5/10
    assert as_scores(hits) == {"b": 0.825, "a": 0.35, "c": 0.325}
    assert [each.chunk_id for each in hits] == ["b", "a", "c"]


def test_the_best_of_both_lists_has_the_best_possible_score() -> None:
    assert as_scores(fused(Found(ranked(a=0.7), ranked(a=3.1)), 0.35)) == {"a": 1.0}


def test_equal_scores_are_ordered_by_chunk_id_whatever_the_store_s_order() -> None:
    one = Found(ranked(b=0.5, a=0.5, c=0.5), ())
    other = Found(ranked(c=0.5, a=0.5, b=0.5), ())

    assert fused(one, 0.35) == fused(other, 0.35)
    assert [each.chunk_id for each in fused(one, 0.35)] == ["a", "b", "c"]


def test_a_negative_cosine_counts_as_nothing() -> None:
    found = Found(ranked(a=0.5, b=-0.2), ranked(b=4.0, a=2.0))

    assert as_scores(fused(found, 0.5)) == {"a": 0.75, "b": 0.5}


def test_a_list_of_only_negative_cosines_is_worth_nothing_and_loses_no_hit() -> None:
    assert as_scores(fused(Found(ranked(a=-0.1, b=-0.3), ()), 0.35)) == {"a": 0.0, "b": 0.0}


def test_one_empty_list_leaves_the_other_s_order() -> None:
    assert as_scores(fused(Found((), ranked(a=4.0, b=1.0)), 0.35)) == {"a": 0.65, "b": 0.1625}
    assert fused(Found((), ()), 0.35) == []


SCORES = st.dictionaries(
    st.sampled_from("abcdefgh"), st.floats(-1, 40, allow_subnormal=False), max_size=8
)


@given(dense=SCORES, sparse=SCORES, weight=st.floats(0, 1))
def test_scores_lie_within_0_and_1_and_every_hit_is_kept_once(
    dense: dict[str, float], sparse: dict[str, float], weight: float
) -> None:
    found = Found(ranked(**dense), ranked(**sparse))

    hits = fused(found, weight)

    assert sorted(each.chunk_id for each in hits) == sorted({*dense, *sparse})
    assert all(0 <= each.score <= 1 for each in hits)
    assert [each.score for each in hits] == sorted((each.score for each in hits), reverse=True)


@given(best=st.floats(0.01, 40), second=st.floats(-1, 0.009), weight=st.floats(0, 1))
def test_a_hit_that_leads_both_lists_scores_1(best: float, second: float, weight: float) -> None:
    found = Found(ranked(a=best, b=second), ranked(a=best, b=second))

    first = fused(found, weight)[0]

    assert (first.chunk_id, first.score) == ("a", 1.0)
    assert replace(first, score=0.0) == replace(found.dense[0], score=0.0)
