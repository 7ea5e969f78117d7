"""Figures against rankings worked out by hand."""

from __future__ import annotations

import math

import pytest

from evals.measures import Mean, Place, covered, found, ndcg, recall, reciprocal_rank

RANKED: list[Place] = [("a", 1), ("a", 2), ("b", 1), ("c", 9)]
RELEVANT: frozenset[Place] = frozenset({("a", 2), ("c", 9)})


def test_recall_is_the_share_of_the_relevant_among_the_first() -> None:
    assert [recall(RANKED, RELEVANT, k) for k in (1, 2, 4)] == [0, 0.5, 1]


def test_a_need_is_covered_by_any_of_its_places() -> None:
    needs = [{("a", 2), ("x", 1)}, {("c", 9)}]
    assert [covered(RANKED, needs, k) for k in (1, 2, 4)] == [0, 0.5, 1]


def test_any_of_the_relevant_is_enough_to_be_found() -> None:
    assert [found(RANKED, RELEVANT, k) for k in (1, 2)] == [0, 1]


def test_the_reciprocal_rank_is_that_of_the_first_relevant() -> None:
    assert reciprocal_rank(RANKED, RELEVANT, 4) == 0.5
    assert reciprocal_rank(RANKED, RELEVANT, 1) == 0


def test_ndcg_is_one_for_the_best_order_and_less_for_others() -> None:
    assert ndcg([("c", 9), ("a", 2)], RELEVANT, 10) == 1
    best = 1 + 1 / math.log2(3)
    assert ndcg(RANKED, RELEVANT, 10) == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / best)


def test_the_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    few, many = Mean.of([0.0, 1.0] * 5), Mean.of([0.0, 1.0] * 500)
    assert few.low < few.value == many.value == 0.5 < few.high
    assert many.high - many.low < few.high - few.low
    assert Mean.of([0.0, 1.0] * 5) == few
