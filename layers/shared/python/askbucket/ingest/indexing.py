"""From kept pages to points nobody can see yet, in two passes, however many pages there are.

First every chunk gets a vector, kept as an artifact: this pass may be cut short and gone on with.
Only then is anything staged, in a second pass over the same pages, cut into the same chunks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from askbucket.artifacts import Cleared
from askbucket.clock import Deadline
from askbucket.entry import Commit
from askbucket.errors import UnreadableDocument
from askbucket.ingest import endings
from askbucket.ingest.attempt import Attempt, Meter
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.endings import Pinned, Tally
from askbucket.ingest.pages import PageArtifacts
from askbucket.ingest.staging import Staged, Staging
from askbucket.ingest.trail import title_of
from askbucket.ingest.vectors import Embedded, VectorArtifacts
from askbucket.models import Chunk, Status


@dataclass(frozen=True, slots=True)
class Indexing:
    """One attempt's pages, and what makes points of them."""

    attempt: Attempt
    pinned: Pinned
    pages: PageArtifacts
    paged: bool
    chunker: Chunker
    vectors: VectorArtifacts
    staging: Staging
    meter: Meter

    def embed(self, deadline: Deadline) -> Embedded:
        """The first pass. Raises UnreadableDocument where there is nothing to embed, and OutOfTime
        where it was cut short."""
        self.meter.show(Status.INDEXING)
        tally = Tally()
        embedded = self.vectors.embed(
            self._chunks(tally),
            self.attempt.before.content,
            deadline,
            grew=self.pages.grew,
            progress=self.meter.embedded,
            paid=partial(self.attempt.paid_embedding, self.vectors.spec),
        )
        if not embedded.chunks:
            raise UnreadableDocument(tally.no_text)
        self.meter.counted(embedded.chunks)
        self.attempt.note("embedded", f"{embedded.chunks} chunks, {embedded.new} of them new")
        return embedded

    def stage(self, embedded: Embedded) -> Commit:
        """The second pass: what the attempt ends with, once its points are stored and found."""
        tally = Tally()
        staged = self._staged(tally)
        self.staging.verify(self.attempt.generation, staged)
        return endings.ready(
            self.attempt.generation,
            self.pinned,
            self.pages,
            tally,
            staged.count,
            embedded.new,
            paged=self.paged,
            now=self.attempt.clock(),
        )

    def _staged(self, tally: Tally) -> Staged:
        head, generation = self.pinned.head, self.attempt.generation
        blocks = self.vectors.embedded(self._chunks(tally))
        try:
            return self.staging.stage(
                generation,
                head.version,
                head.labels,
                blocks,
                modified=head.modified,
                groups=self.pinned.groups,
            )
        except Cleared:
            self.staging.withdraw(generation)  # the attempt has lost, and nobody knows of these
            raise

    def _chunks(self, tally: Tally) -> Iterator[Chunk]:
        read = tally.counting(self.pages.pages())
        title = title_of(self.attempt.document.key)
        return self.chunker.chunks(read, paged=self.paged, title=title)
