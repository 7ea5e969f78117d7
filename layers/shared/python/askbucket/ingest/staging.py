"""Points written where nobody can see them yet, proven to be there, and cleared away after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from askbucket.artifacts import Cleared
from askbucket.errors import TryAgain
from askbucket.ingest import sparse
from askbucket.ingest.searched import words_of
from askbucket.ingest.vectors import VectorChunk
from askbucket.models import Document
from askbucket.stores.port import Below, Equals, Filter, Point, TenantFilter, VectorStore


@dataclass(frozen=True, slots=True)
class Staged:
    """How many points were written, and the first of them."""

    count: int
    first: VectorChunk


class Staging:
    """The points of one document in the store."""

    def __init__(self, store: VectorStore, document: Document, tenant: str) -> None:
        self._store = store
        self._document = document
        self._tenant = tenant

    def stage(
        self,
        generation: int,
        version: str,
        labels: Mapping[str, str],
        blocks: Iterable[Sequence[VectorChunk]],
        modified: int = 0,
        groups: tuple[str, ...] = (),
    ) -> Staged:
        """Writes all points of the generation, of which there is one at least, a block at a time,
        and waits until the store confirms."""
        count, first = 0, None
        for block in blocks:
            self._store.upsert(
                [
                    Point(
                        document=self._document,
                        generation=generation,
                        tenant=self._tenant,
                        version=version,
                        labels=labels,
                        chunk=each.chunk,
                        dense=each.vector,
                        sparse=sparse.document_vector(words_of(each.chunk)),
                        modified=modified,
                        groups=groups,
                    )
                    for each in block
                ]
            )
            count, first = count + len(block), first or block[0]
        if first is None:
            raise Cleared("pages")  # there were chunks when they were embedded
        return Staged(count, first)

    def verify(self, generation: int, staged: Staged) -> None:
        """Raises TryAgain unless the store holds and finds what was staged."""
        mine = Filter(must=(self._own, Equals("generation", generation)))
        stored = self._store.count(mine)
        if stored != staged.count:
            raise TryAgain(f"the store holds {stored} of {staged.count} points")
        words = sparse.question_vector(words_of(staged.first.chunk))
        within = TenantFilter(self._tenant, mine)
        dense, _ = self._store.search(staged.first.vector, words, within, 1)
        if not dense:
            raise TryAgain("the store does not find what was staged")

    def withdraw(self, generation: int) -> None:
        """Removes the points of one attempt that lost."""
        self._store.delete(Filter(must=(self._own, Equals("generation", generation))))

    def collect(self, committed: int, active: int | None) -> None:
        """Removes the points of earlier generations, but for the active one."""
        kept = ((Equals("generation", active),),) if active not in (None, committed) else ()
        self._store.delete(Filter(must=(self._own, Below("generation", committed)), must_not=kept))

    @property
    def _own(self) -> Equals:
        return Equals("document_id", self._document.id)
