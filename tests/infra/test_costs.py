"""The idle bill, computed from the template that is deployed."""

from typing import Any

import pytest

from infra.costs import PRICES, idle_bill, switches, switches_table, table, uses_of

MOST_DOLLARS_IDLE = 2.0


def test_the_idle_stack_costs_under_two_dollars_a_month(template: dict[str, Any]) -> None:
    assert 0 < sum(item.dollars for item in idle_bill(template)) < MOST_DOLLARS_IDLE


def test_another_secret_shows_on_the_bill(template: dict[str, Any]) -> None:
    before = sum(item.dollars for item in idle_bill(template))
    more = {"Another": {"Type": "AWS::SecretsManager::Secret"}}
    changed = {**template, "Resources": {**template["Resources"], **more}}
    assert sum(item.dollars for item in idle_bill(changed)) == pytest.approx(before + 0.40)


def test_an_unknown_schedule_is_not_left_out(template: dict[str, Any]) -> None:
    rule = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 minute)"}}
    changed = {**template, "Resources": {**template["Resources"], "Often": rule}}
    with pytest.raises(KeyError):
        idle_bill(changed)


def test_the_readme_shows_the_prices_of_the_list() -> None:
    readme = (PRICES.parents[4] / "README.md").read_text()
    for what, dollars in uses_of(PRICES):
        assert f"| {what} | ${dollars:.2f} |" in readme


def test_the_readme_shows_what_switches_add(synthesise: Any) -> None:
    readme = (PRICES.parents[4] / "README.md").read_text()
    assert switches_table(switches(synthesise(waf="true"))) in readme


def test_the_table_adds_up(template: dict[str, Any]) -> None:
    items = idle_bill(template)
    assert f"**${sum(item.dollars for item in items):.2f}**" in table(items)
