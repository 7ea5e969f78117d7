"""Hits, entries and a store that answers from a script, for the tests of a question's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from askbucket.entry import Entry
from askbucket.models import Box, Document, Hit, SparseVector, Status
from askbucket.stores.port import AnyOf, Condition, Equals, Filter, TenantFilter

BUCKET = "documents"
NOW = 1_800_000_000_000
LONG_AGO = NOW - 3_600_000
WORDS = SparseVector((1,), (1.0,))


def hit(
    text: str = "The rent is 1,577 euros.",
    *,
    key: str = "lease.txt",
    chunk: str = "c1",
    generation: int = 7,
    tenant: str = "default",
    page: int | None = 1,
    score: float = 0.5,
    version: str = "v1",
) -> Hit:
    """A hit with one box per line of its text, whose top is the line's number."""
    lines = range(text.count("\n") + 1)
    boxes = tuple(Box(0.1, float(line), 0.8, 1.0) for line in lines)
    return Hit(
        chunk,
        Document(BUCKET, key).id,
        generation,
        tenant,
        key,
        version,
        page,
        text,
        boxes,
        score,
    )


def entry(
    key: str = "lease.txt",
    *,
    active: int | None = 7,
    staged_at: int = LONG_AGO,
    tenant: str = "default",
    version: str | None = "v1",
) -> Entry:
    status = Status.READY if active is not None else Status.DELETED
    document = Document(BUCKET, key)
    return Entry(
        document,
        tenant,
        generation=active or 8,
        committed=active or 8,
        active=active,
        active_version=version if active is not None else None,
        status=status,
        staged_at=staged_at,
    )


class ReadOnlyManifest:
    """The entries readers look up; a test changes them while a search is under way."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = {each.document.id: each for each in entries}
        self.reads = 0

    def put(self, *entries: Entry) -> None:
        self.entries |= {each.document.id: each for each in entries}

    def get_many(self, ids: Sequence[str]) -> dict[str, Entry]:
        self.reads += 1
        return {each: self.entries[each] for each in ids if each in self.entries}


class HeldStore:
    """Hits held in a list, found in their order if they match; a hook runs at each search."""

    def __init__(self, *hits: Hit) -> None:
        self.hits = list(hits)
        self.during: list[Callable[[], None]] = []
        self.searches: list[Filter] = []

    def search(
        self,
        _dense: Sequence[float],
        _sparse: SparseVector,
        matching: TenantFilter,
        limit: int,
    ) -> tuple[list[Hit], list[Hit]]:
        self.searches.append(matching.whole)
        found = [each for each in self.hits if _matches(each, matching.whole)][:limit]
        if len(self.during) >= len(self.searches):
            self.during[len(self.searches) - 1]()
        return found, found


def _matches(found: Hit, matching: Filter) -> bool:
    return all(_holds(found, each) for each in matching.must) and not any(
        all(_holds(found, each) for each in conjunction) for conjunction in matching.must_not
    )


def _holds(found: Hit, condition: Condition) -> bool:
    value = getattr(found, condition.field)
    match condition:
        case Equals(_, wanted):
            return bool(value == wanted)
        case AnyOf(_, values):
            return value in values
        case _:
            raise NotImplementedError(condition)
