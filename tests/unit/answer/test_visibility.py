"""The reader's check, and the rivals without it that the same histories must catch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from askbucket.answer.visibility import SETTLING_MS, Found, VisibleSearch
from askbucket.models import Hit
from askbucket.ownership import Rights
from askbucket.stores.port import Equals, Filter, TenantFilter
from tests.unit.answer.parts import (
    LONG_AGO,
    NOW,
    WORDS,
    HeldStore,
    ReadOnlyManifest,
    entry,
    hit,
)


def searched(
    store: HeldStore,
    manifest: ReadOnlyManifest,
    *,
    scope: Filter = Filter(),  # noqa: B008  (frozen)
    limit: int = 10,
) -> Found:
    search = VisibleSearch(store, manifest, lambda: NOW)  # type: ignore[arg-type]
    return search([1.0], WORDS, scope=scope, rights=Rights("default"), limit=limit)


def shown(found: Found) -> list[tuple[str, int, str]]:
    assert found.dense == found.sparse
    return [(each.document, each.generation, each.chunk_id) for each in found.dense]


# --- what readers see ------------------------------------------------------------------------


def test_visible_hits_are_kept_in_order_after_one_search_and_one_read() -> None:
    store = HeldStore(hit(chunk="a"), hit(chunk="b"), hit(chunk="c", key="other.txt"))
    manifest = ReadOnlyManifest(entry(), entry("other.txt"))

    found = searched(store, manifest)

    assert [each.chunk_id for each in found.dense] == ["a", "b", "c"]
    assert len(store.searches) == 1
    assert manifest.reads == 1


def test_nothing_found_reads_nothing() -> None:
    manifest = ReadOnlyManifest()

    assert searched(HeldStore(), manifest) == Found((), ())
    assert manifest.reads == 0


def test_a_dead_generation_is_dropped_and_its_place_refilled_by_one_more_search() -> None:
    dead, alive = hit(chunk="old", generation=6), hit(chunk="new", generation=7)
    store = HeldStore(dead, alive)

    found = searched(store, ReadOnlyManifest(entry(active=7)), limit=1)

    assert shown(found) == [("lease.txt", 7, "new")]
    assert len(store.searches) == 2
    excluded = (Equals("document_id", dead.document_id), Equals("generation", 6))
    assert store.searches[1].must_not == (excluded,)


def test_hits_without_an_entry_are_never_shown() -> None:
    store = HeldStore(hit(), hit(key="orphan.txt", chunk="o"))

    assert shown(searched(store, ReadOnlyManifest(entry()))) == [("lease.txt", 7, "c1")]


def test_never_more_than_two_searches_even_if_the_second_finds_dead_hits_too() -> None:
    store = HeldStore(*(hit(chunk=f"c{n}", generation=n) for n in range(1, 7)))

    assert searched(store, ReadOnlyManifest(entry(active=7)), limit=1) == Found((), ())
    assert len(store.searches) == 2


def test_the_tenant_is_asked_of_the_store_and_checked_again() -> None:
    mine, lying = hit(), hit(key="theirs.txt", chunk="t")
    manifest = ReadOnlyManifest(entry(), entry("theirs.txt", tenant="other"))
    store = HeldStore(mine, lying, hit(key="tagged.txt", tenant="other", chunk="x"))

    assert shown(searched(store, manifest)) == [("lease.txt", 7, "c1")]
    assert all(Equals("tenant", "default") in search.must for search in store.searches)


def test_the_scope_holds_in_both_searches() -> None:
    scope = Filter((Equals("document", "lease.txt"),), ((Equals("page", 9),),))
    store = HeldStore(hit(generation=6), hit(chunk="n"), hit(key="b.txt"), hit(page=9, chunk="p"))

    assert shown(searched(store, ReadOnlyManifest(entry()), scope=scope)) == [("lease.txt", 7, "n")]
    assert all(set(scope.must) <= set(search.must) for search in store.searches)
    assert all((Equals("page", 9),) in search.must_not for search in store.searches)


def test_the_version_shown_is_the_one_whose_bytes_are_active_now() -> None:
    same_bytes_again = entry(version="v2")

    found = searched(HeldStore(hit(version="v1")), ReadOnlyManifest(same_bytes_again))

    assert [each.version for each in found.dense] == ["v2"]


@pytest.mark.parametrize(
    ("age_ms", "searches"), [(SETTLING_MS, 1), (SETTLING_MS - 1, 2), (0, 2), (-500, 2)]
)
def test_hits_of_a_commit_younger_than_two_seconds_are_searched_again(
    age_ms: int, searches: int
) -> None:
    store = HeldStore(hit())

    found = searched(store, ReadOnlyManifest(entry(staged_at=NOW - age_ms)))

    assert shown(found) == [("lease.txt", 7, "c1")]
    assert len(store.searches) == searches


# --- histories that a search runs into --------------------------------------------------------


@dataclass
class History:
    """A store, a manifest, and what may be shown of them."""

    store: HeldStore
    manifest: ReadOnlyManifest
    allowed: Sequence[list[tuple[str, int, str]]]


def half_staged_then_committed() -> History:
    """The first search sees one of two new chunks; both and the commit are there when it checks."""
    first, second = hit(chunk="new-1", generation=8), hit(chunk="new-2", generation=8)
    store, manifest = HeldStore(hit(chunk="old"), first), ReadOnlyManifest(entry())

    def commit() -> None:
        store.hits.append(second)
        manifest.put(entry(active=8, staged_at=NOW))

    store.during = [commit]
    both = [("lease.txt", 8, "new-1"), ("lease.txt", 8, "new-2")]
    return History(store, manifest, [both, [("lease.txt", 7, "old")]])


def committed_half_way_through_the_second_search() -> History:
    """The first search meets a dead hit; the second one sees half of another document."""
    half = hit(key="b.txt", chunk="b-1", generation=9)
    rest = hit(key="b.txt", chunk="b-2", generation=9)
    store = HeldStore(hit(chunk="dead", generation=6), hit(chunk="alive"))
    manifest = ReadOnlyManifest(entry())

    def stage_half() -> None:
        store.hits.append(half)

    def commit() -> None:
        store.hits.append(rest)
        manifest.put(entry("b.txt", active=9, staged_at=NOW))

    store.during = [stage_half, commit]
    return History(store, manifest, [[("lease.txt", 7, "alive")]])


def deleted_during_the_search() -> History:
    store, manifest = HeldStore(hit()), ReadOnlyManifest(entry())
    store.during = [lambda: manifest.put(entry(active=None))]
    return History(store, manifest, [[]])


def overwritten_and_not_yet_collected() -> History:
    old, new = hit(chunk="old", generation=7), hit(chunk="new", generation=8)
    manifest = ReadOnlyManifest(entry(active=8, staged_at=LONG_AGO))
    return History(HeldStore(old, new), manifest, [[("lease.txt", 8, "new")]])


HISTORIES = [
    half_staged_then_committed,
    committed_half_way_through_the_second_search,
    deleted_during_the_search,
    overwritten_and_not_yet_collected,
]


@pytest.mark.parametrize("history", HISTORIES)
def test_one_version_whole_or_nothing(history: Callable[[], History]) -> None:
    case = history()

    assert shown(searched(case.store, case.manifest)) in case.allowed
    assert len(case.store.searches) <= 2


def unchecked(store: HeldStore, manifest: ReadOnlyManifest) -> list[Hit]:
    """A rival: whatever the store finds is shown."""
    return store.search([1.0], WORDS, TenantFilter("default"), 10)[0]


def checked_without_staged_at(store: HeldStore, manifest: ReadOnlyManifest) -> list[Hit]:
    """A rival: only the active generation is looked at, not when it was staged."""
    found = store.search([1.0], WORDS, TenantFilter("default"), 10)[0]
    entries = manifest.get_many([each.document_id for each in found])
    return [each for each in found if entries[each.document_id].active == each.generation]


@pytest.mark.parametrize(
    ("rival", "caught"),
    [(unchecked, HISTORIES), (checked_without_staged_at, [half_staged_then_committed])],
)
def test_the_histories_catch_readers_without_the_check(
    rival: Callable[[HeldStore, ReadOnlyManifest], list[Hit]],
    caught: Sequence[Callable[[], History]],
) -> None:
    for history in caught:
        case = history()

        found = rival(case.store, case.manifest)

        seen = [(each.document, each.generation, each.chunk_id) for each in found]
        assert seen not in case.allowed, f"{history.__name__} lets {rival.__name__} pass"
