"""Points written where nobody can see them yet, proven to be there, and cleared away after."""

from __future__ import annotations

from collections.abc import Mapping

from askbucket.errors import TryAgain
from askbucket.ingest import sparse
from askbucket.ingest.vectors import Embedded
from askbucket.models import Document
from askbucket.stores.port import Below, Equals, Filter, Point, VectorStore

STAGE_BATCH = 512  # points built at a time


class Staging:
    """The points of one document in the store."""

    def __init__(self, store: VectorStore, document: Document, tenant: str) -> None:
        self._store = store
        self._document = document
        self._tenant = tenant

    def stage(
        self, generation: int, version: str, labels: Mapping[str, str], embedded: Embedded
    ) -> None:
        """Writes all points of the generation and waits until the store confirms."""
        pairs = list(zip(embedded.chunks, embedded.vectors, strict=True))
        for start in range(0, len(pairs), STAGE_BATCH):
            self._store.upsert(
                [
                    Point(
                        document=self._document,
                        generation=generation,
                        tenant=self._tenant,
                        version=version,
                        labels=labels,
                        chunk=chunk,
                        dense=vector,
                        sparse=sparse.document_vector(chunk.searched),
                    )
                    for chunk, vector in pairs[start : start + STAGE_BATCH]
                ]
            )

    def verify(self, generation: int, embedded: Embedded) -> None:
        """Raises TryAgain unless the store holds and finds what was staged."""
        mine = Filter(must=(self._own, Equals("generation", generation)))
        stored = self._store.count(mine)
        if stored != len(embedded.chunks):
            raise TryAgain(f"the store holds {stored} of {len(embedded.chunks)} points")
        words = sparse.question_vector(embedded.chunks[0].searched)
        dense, _ = self._store.search(embedded.vectors[0], words, mine, 1)
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
