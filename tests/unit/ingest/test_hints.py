"""Every message that may arrive, as recorded in tests/events, and what it asks to look at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.ingest.hints import DocumentHint, Hint, KeyHint, NoHint, hints_of, message_of

EVENTS = Path(__file__).parents[2] / "events"
ID = "8a7d6e1c-55b2-5f0f-9c3e-0d9b6a3f2e11"
HINTS: dict[str, list[Hint]] = {
    "eventbridge_created": [KeyHint("askbucket", "reports/Jahresbericht 2026 + Anhang%2F.pdf")],
    "eventbridge_deleted": [KeyHint("askbucket", "reports/old.pdf")],
    "eventbridge_delete_marker": [KeyHint("askbucket", "reports/ex piréd 🚢.pdf")],
    "eventbridge_tags_added": [KeyHint("askbucket", "notes.txt")],
    "eventbridge_tags_deleted": [KeyHint("askbucket", "notes.txt")],
    "s3_notification": [KeyHint("askbucket", "a b/c+d/ünï%2F.txt")],
    "s3_notification_many": [KeyHint("askbucket", f"{n}.txt") for n in range(3)],
    "s3_test": [],
    "s3_in_sns": [KeyHint("askbucket", "from sns.txt")],
    "textract_raw": [DocumentHint(ID)],
    "textract_in_sns": [DocumentHint(ID)],
    "own_hint": [KeyHint("askbucket", "a b/c+d%2F🚢.txt")],
}


@pytest.mark.parametrize("name", HINTS)
def test_a_recorded_event_names_its_keys(name: str) -> None:
    assert hints_of((EVENTS / f"{name}.json").read_text()) == HINTS[name]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "null",
        "7",
        "[]",
        '"look_at"',
        "{}",
        '{"look_at": "a key"}',
        '{"look_at": {"bucket": "b"}}',
        '{"look_at": {"bucket": "b", "key": ""}}',
        '{"look_at": {"bucket": "b", "key": 7}}',
        '{"detail": null}',
        '{"detail": {"bucket": {"name": "b"}}}',
        '{"Records": 7}',
        '{"Records": [{"s3": {}}]}',
        '{"JobTag": null, "Status": "SUCCEEDED"}',
        '{"Status": "SUCCEEDED", "JobId": "without a tag"}',
        '{"Type": "Notification", "Message": "no JSON"}',
        '{"Type": "Notification", "Message": 7}',
        '{"Type": "SubscriptionConfirmation", "Token": "t"}',
    ],
)
def test_anything_else_is_no_hint(body: str) -> None:
    with pytest.raises(NoHint):
        hints_of(body)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["look_at", "detail", "Records", "s3", "object", "bucket", "key", "name", "JobTag"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(message=JSON)
def test_no_message_breaks_it(message: Any) -> None:
    try:
        found = hints_of(json.dumps(message))
    except NoHint:
        return
    assert all(isinstance(hint, KeyHint | DocumentHint) for hint in found)


@given(bucket=st.text(min_size=1), key=st.text(min_size=1))
def test_our_own_hint_comes_back_as_it_was(bucket: str, key: str) -> None:
    assert hints_of(message_of(KeyHint(bucket, key))) == [KeyHint(bucket, key)]
