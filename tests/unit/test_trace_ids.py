"""A trace id tells whether this service made it, for whom and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from askbucket.trace_ids import TraceIds

AT = 1_790_000_000_123
IDS = TraceIds("sk-1", lambda: AT)


@given(st.text())
def test_an_id_is_known_again_by_its_tenant_and_its_time(tenant: str) -> None:
    trace_id = IDS.new(tenant)

    assert re.fullmatch(r"[0-9a-f]{32}", trace_id)
    assert IDS.issued(trace_id, tenant) == datetime.fromtimestamp(AT // 1000, UTC)


@given(st.text(), st.text())
def test_an_id_is_nothing_to_another_tenant_or_under_another_key(one: str, other: str) -> None:
    trace_id = IDS.new(one)

    assert TraceIds("sk-2").issued(trace_id, one) is None
    assert (IDS.issued(trace_id, other) is None) == (one != other)


@given(st.integers(0, 31), st.sampled_from("0123456789abcdef"))
def test_an_id_with_any_digit_changed_is_not_ours(at: int, digit: str) -> None:
    trace_id = IDS.new("default")
    changed = trace_id[:at] + digit + trace_id[at + 1 :]

    assert (IDS.issued(changed, "default") is None) == (changed != trace_id)


@given(st.text())
def test_any_other_text_is_not_ours(text: str) -> None:
    assert IDS.issued(text, "default") is None


def test_ids_of_one_moment_differ() -> None:
    assert len({IDS.new("default") for _ in range(1000)}) == 1000
