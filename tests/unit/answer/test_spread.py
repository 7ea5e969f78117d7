"""A page among the hits gives way to others, by a step and no further."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from askbucket.answer.spread import STEP, spread
from askbucket.models import Hit
from tests.unit.answer.parts import hit


def hits_of(*pages: tuple[int | None, float]) -> list[Hit]:
    """Best first, as they must come."""
    found = (
        replace(hit(chunk=f"c{at:02}", score=score), page=page)
        for at, (page, score) in enumerate(pages)
    )
    return sorted(found, key=lambda each: (-each.score, each.chunk_id))


def pages_of(hits: list[Hit]) -> list[int | None]:
    return [each.page for each in hits]


def test_another_page_that_fits_nearly_as_well_comes_before_a_pages_second_hit() -> None:
    assert pages_of(spread(hits_of((7, 0.9), (7, 0.88), (9, 0.85)))) == [7, 9, 7]


def test_a_second_hit_that_fits_clearly_better_keeps_its_place() -> None:
    assert pages_of(spread(hits_of((7, 0.9), (7, 0.88), (9, 0.7)))) == [7, 7, 9]


def test_the_third_hit_of_a_page_loses_twice() -> None:
    [_, second, third] = spread(hits_of((7, 0.9), (7, 0.9), (7, 0.9)))
    assert (second.score, third.score) == (round(0.9 - STEP, 6), round(0.9 - 2 * STEP, 6))


def test_formats_without_pages_are_left_alone() -> None:
    hits = hits_of((None, 0.9), (None, 0.88), (None, 0.87))
    assert spread(hits) == hits


def test_pages_of_one_number_in_two_documents_are_two_pages() -> None:
    [one, other] = hits_of((7, 0.9), (7, 0.88))
    assert spread([one, replace(other, document_id="another")])[1].score == 0.88


SCORED = st.tuples(
    st.none() | st.integers(1, 4), st.floats(0, 1).map(lambda score: round(score, 6))
)


@given(st.lists(SCORED, max_size=30).map(lambda pages: hits_of(*pages)))
def test_every_hit_stays_best_first_and_none_gains(hits: list[Hit]) -> None:
    found = spread(hits)
    before = {each.chunk_id: each.score for each in hits}
    assert sorted(each.chunk_id for each in found) == sorted(before)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert all(0 <= each.score <= before[each.chunk_id] for each in found)
    assert not hits or found[0] == hits[0]
