"""Whose a document is, and who may see it: by key, labels and settings, at every edge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.callers import name_of
from askbucket.entry import Entry
from askbucket.errors import Forbidden, UnreadableDocument
from askbucket.models import Document
from askbucket.ownership import NOBODY, Ownership, Rights, is_tenant

PREFIX = Ownership("prefix")
GROUPS = Ownership("single", "groups")
NAMES = st.text("abz059.-_", min_size=1, max_size=64).filter(is_tenant)


def entry(groups: tuple[str, ...], coming: tuple[str, ...] | None, *, committed: bool) -> Entry:
    return Entry(
        Document("b", "k"),
        "default",
        2,
        1,
        fingerprint="f" if committed else None,
        groups=groups,
        coming=coming,
    )


@pytest.mark.parametrize(
    ("key", "tenant"),
    [
        ("acme/reports/a.pdf", "acme"),
        ("a/b", "a"),
        ("a-1_.x/b", "a-1_.x"),
        ("a" * 64 + "/b", "a" * 64),
        ("acme", NOBODY),
        ("acme/", NOBODY),
        ("/acme/a.pdf", NOBODY),
        ("a" * 65 + "/b", NOBODY),
        ("Acme/a.pdf", NOBODY),
        ("ac me/a.pdf", NOBODY),
        ("acmé/a.pdf", NOBODY),
        ("./a.pdf", NOBODY),
        ("../acme/a.pdf", NOBODY),
        ("acme\n/a.pdf", NOBODY),
        ("", NOBODY),
    ],
)
def test_the_first_segment_names_the_tenant(key: str, tenant: str) -> None:
    assert PREFIX.tenant_of(key) == tenant
    assert Ownership().tenant_of(key) == "default"


def test_a_key_of_nobody_is_the_document_s_fault_and_says_how_keys_begin() -> None:
    with pytest.raises(UnreadableDocument, match=r"acme/report\.pdf"):
        PREFIX.require_tenant("report.pdf")
    Ownership().require_tenant("report.pdf")


@given(NAMES, NAMES, st.text(max_size=8))
def test_a_prefix_never_reaches_into_another_tenant(mine: str, theirs: str, rest: str) -> None:
    """Not even where one name begins with the other."""
    narrowed = PREFIX.narrowed(mine, f"{theirs}/{rest}")

    assert (narrowed is not None) == (mine == theirs)
    for prefix in (theirs, rest, ""):
        own = PREFIX.narrowed(mine, prefix)
        assert own is None or own.startswith(f"{mine}/")


@pytest.mark.parametrize("claim", ["", "Acme", "a/b", "../x", ".", "..", "a" * 65, "a b", "a\n"])
def test_a_claim_that_cannot_be_a_tenant_is_refused(claim: str) -> None:
    with pytest.raises(Forbidden, match="1 to 64 of a-z"):
        PREFIX.tenant_named(claim)
    assert Ownership().tenant_named(claim) == "default"


@pytest.mark.parametrize(
    ("label", "seen_by"),
    [
        (None, {"hr", "board", "", "h"}),
        ("hr,board", {"hr", "board"}),
        (" hr  board ", {"hr", "board"}),
        ("hr", {"hr"}),
        ("", set()),
        (" , ", set()),
    ],
)
def test_a_document_is_for_the_groups_its_label_names(label: str | None, seen_by: set[str]) -> None:
    marks = GROUPS.groups_of({} if label is None else {"groups": label})
    found = entry(marks, None, committed=True)

    seen = {each for each in ("hr", "board", "", "h") if _rights(each).admit(found)}
    assert seen == seen_by


def _rights(group: str) -> Rights:
    return GROUPS.rights("default", [group] if group else [])


@pytest.mark.parametrize("before", [Ownership(), Ownership("single", "teams")])
def test_marks_of_other_settings_open_nothing_until_it_is_indexed_anew(before: Ownership) -> None:
    marks = before.groups_of({"teams": "hr"})

    assert not GROUPS.rights("default", ["hr"]).admit(entry(marks, None, committed=True))
    assert not GROUPS.rights("default", ["hr"]).admit(
        entry(before.groups_of({}), None, committed=True)
    )
    assert before.recipe != GROUPS.recipe  # so a sweep finds it


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (entry((), None, committed=False), False),  # queued: nobody has looked at its labels
        (entry((), ("groups=hr",), committed=False), True),
        (entry((), ("groups=board",), committed=False), False),
        (entry(("groups=",), None, committed=True), True),
        (entry(("groups=hr",), ("groups=board",), committed=True), False),
        (entry(("groups=board",), ("groups=hr",), committed=True), False),
        (entry(("groups=hr",), ("groups=",), committed=True), True),
    ],
)
def test_a_document_is_known_to_who_may_see_it_now_and_next(found: Entry, known: bool) -> None:
    assert _rights("hr").know(found) is known
    assert Rights("default").know(found)  # where groups do not count
    assert not Rights("other").know(found)
    assert not GROUPS.rights("other", ["hr"]).know(found)


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:user/ann"),
        (
            "arn:aws:sts::123456789012:assumed-role/Reader/acme",
            "arn:aws:sts::123456789012:assumed-role/Reader",
        ),
        (
            "arn:aws:iam::123456789012:role/team/x/Reader",
            "arn:aws:sts::123456789012:assumed-role/Reader",
        ),
        ("abc123key", "abc123key"),
    ],
)
def test_a_role_is_named_whatever_its_session_is_called(subject: str, name: str) -> None:
    assert name_of(subject) == name
