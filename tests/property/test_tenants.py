"""No question of anybody finds what is another's, and the test would see it if one did."""

from __future__ import annotations

import pytest

from tests.property.tenants import may_see, played

QUESTIONS = 200


@pytest.mark.parametrize("variant", ["filter and check", "check alone", "filter alone"])
def test_nothing_of_another_tenant_or_group_is_found(variant: str) -> None:
    """Either half would be enough by itself."""
    tally = played(variant, QUESTIONS)

    assert tally.questions == QUESTIONS
    assert tally.hits > QUESTIONS / 4  # so there was something to find
    assert tally.leaks == []


def test_without_filter_and_check_the_questions_find_what_is_not_theirs() -> None:
    assert len(played("neither", 40).leaks) > 40


@pytest.mark.exhaustive
def test_ten_thousand_questions_find_nothing_of_another() -> None:
    assert played("filter and check", 10_000, seed=1).leaks == []


@pytest.mark.parametrize(
    ("tenant", "groups", "text", "seen"),
    [
        ("acme", {"hr"}, "1 euro of acme for hr board", True),
        ("acme", set(), "1 euro of acme for all", True),
        ("acme", {"hr"}, "1 euro of acme for hr-2", False),
        ("acme", {"hr"}, "1 euro of acme-2 for all", False),
    ],
)
def test_a_text_tells_whose_it_is(tenant: str, groups: set[str], text: str, seen: bool) -> None:
    assert may_see(tenant, frozenset(groups), text) is seen
