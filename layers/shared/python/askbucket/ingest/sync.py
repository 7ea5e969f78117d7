"""The rule that keeps the index equal to the bucket: `Sync` makes it so for one key.

Uploads, overwrites, deletes, redeliveries, repairs and finished OCR are all this one call. It is
safe under any repetition, order and concurrency, and may be killed between any two lines: points
are staged under a generation that no reader accepts, and one conditional write makes them visible.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from askbucket.artifacts import Artifacts
from askbucket.bucket import Bucket, VersionGone
from askbucket.clock import Clock, Deadline
from askbucket.embedders import Embedder
from askbucket.entry import Commit, Entry
from askbucket.errors import TryAgain, UnreadableDocument
from askbucket.ingest import endings
from askbucket.ingest.attempt import Attempt, Meter, Outcome
from askbucket.ingest.attempt_trace import traced
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.collecting import Collecting
from askbucket.ingest.endings import Pinned
from askbucket.ingest.features import NO_RULES, FeatureRules, named
from askbucket.ingest.fingerprint import ABSENT, Fingerprint
from askbucket.ingest.indexing import Indexing
from askbucket.ingest.limits import Limits
from askbucket.ingest.pages import PageArtifacts
from askbucket.ingest.readers.source import Source
from askbucket.ingest.recipe import Recipe, recipe_of
from askbucket.ingest.recognition import Recognition
from askbucket.ingest.staging import Staging
from askbucket.ingest.standing import stands
from askbucket.ingest.vectors import VectorArtifacts
from askbucket.manifest import Manifest
from askbucket.metrics import UNCOUNTED, Metrics
from askbucket.models import Document, ObjectHead, Status
from askbucket.ownership import ONE_TENANT, Ownership
from askbucket.stores.port import VectorStore
from askbucket.tracing import UNTRACED, Tracer

DEATHS_REASON = (
    "indexing it broke off three times without a word: it takes too long or too much memory"
)
MOST_DEATHS = 3  # below the queue's five receives, so that the reason comes before dead letters
ROUNDS = 3  # looks at a key that keeps changing under one call, before the queue takes over

Opener = Callable[[Path, str], Source]
"""A file and its key -> its pages; raises UnreadableDocument where the file is at fault."""


@dataclass(frozen=True, slots=True)
class Sync:
    """The rule, and the parts it works on."""

    bucket: Bucket
    manifest: Manifest
    artifacts: Artifacts
    store: VectorStore
    embedder: Embedder
    recognition: Recognition
    opener: Opener
    chunker: Chunker
    limits: Limits
    clock: Clock
    features: FeatureRules = NO_RULES
    tracer: Tracer = UNTRACED
    ownership: Ownership = ONE_TENANT
    metrics: Metrics = UNCOUNTED

    @property
    def recipe(self) -> Recipe:
        chunker, spec = self.chunker, self.embedder.spec
        return Recipe(recipe_of(chunker.size, chunker.overlap, spec, self.ownership), self.features)

    @property
    def _collecting(self) -> Collecting:
        return Collecting(self.manifest, self.artifacts, self.store)

    def __call__(self, key: str, deadline: Deadline) -> Outcome:
        """Makes the index agree with the bucket for this key.

        Raises OutOfTime where work was cut and kept, and TryAgain on a passing fault.
        """
        document = Document(self.bucket.name, key)
        entry = self.manifest.get(document.id)
        head = self.bucket.head(key)  # after the entry: a commit in between shows as unsettled
        if _is_folder_marker(key, head, entry):
            return Outcome.IGNORED
        if self._agrees(document, entry, head):
            return Outcome.SETTLED
        if entry and self._leased(entry, head):
            return Outcome.LEASED
        deaths = self._deaths(entry, head)
        if entry and deaths >= MOST_DEATHS:
            self._fault(entry, DEATHS_REASON)
            return Outcome.GIVEN_UP
        for _ in range(ROUNDS):
            claimed = self._claim(document, deaths=deaths)
            attempt = Attempt(document, claimed, self.manifest, self.clock, self.metrics)
            outcome = traced(self.tracer, attempt, partial(self._released, attempt, deadline))
            if outcome:
                return outcome
            if self.bucket.head(key) is None and self._collecting.nothing_of(document):
                return Outcome.SUPERSEDED
        raise TryAgain(f"the object changed {ROUNDS} times while it was looked at")

    def _agrees(self, document: Document, entry: Entry | None, head: ObjectHead | None) -> bool:
        """Whether there is nothing to index and nothing to remove; what lies about is cleared."""
        if entry is None:
            return head is None and self._collecting.nothing_of(document)
        if not self._settled(entry, head):
            return False
        if entry.collected < entry.committed:
            self._collecting(document, entry.tenant, entry.committed, entry.active)
        return True

    def _claim(self, document: Document, *, deaths: int = 0) -> Entry:
        tenant = self.ownership.tenant_of(document.key)
        return self.manifest.claim(document, tenant, self.clock(), deaths=deaths)

    def _settled(self, entry: Entry, head: ObjectHead | None) -> bool:
        key = entry.document.key
        wanted = [str(each.fingerprint) for each in self._pins(head, key)] if head else [ABSENT]
        at_rest = entry.generation == entry.committed and entry.fingerprint in wanted
        return at_rest and not self.limits.admit_now(entry.needs) and stands(self.store, entry)

    def _leased(self, entry: Entry, head: ObjectHead | None) -> bool:
        if head is None or entry.leased is None or entry.lease_until <= self.clock():
            return False
        return entry.leased == self._lease_of(head, entry.document.key)

    def _lease_of(self, head: ObjectHead, key: str) -> str:
        """What a worker at this version leases; whether it needs OCR shows only later."""
        return str(Fingerprint.of(head, self.recipe.with_ocr(key)))

    def _pins(self, head: ObjectHead, key: str) -> tuple[Pinned, Pinned]:
        """What an attempt at this version can commit to: with OCR's part in it, and without."""
        recipe, groups = self.recipe, self.ownership.groups_of(head.labels)
        read, recognised = recipe.text, recipe.with_ocr(key)
        return Pinned.of(head, recognised, groups), Pinned.of(head, read, groups)

    def _deaths(self, entry: Entry | None, head: ObjectHead | None) -> int:
        """Attempts at what the key holds now that ended without a word: killed by time or memory.

        Whoever ends in any other way gives its lease back.
        """
        if entry is None or head is None or entry.leased is None:
            return entry.deaths if entry else 0
        same = entry.leased == self._lease_of(head, entry.document.key)
        return entry.deaths + 1 if same else 0

    def give_up(self, key: str, reason: str) -> None:
        """Leaves the reason of a fault that used up its tries; what readers see stays.

        A fault that came before the first claim gets an item for its reason, or nobody would know.
        Does nothing where the key has settled meanwhile or another attempt is at work.
        """
        document = Document(self.bucket.name, key)
        entry = self.manifest.get(document.id)
        if entry is None and not key.endswith("/"):  # (that may be no document)
            entry = self._claim(document)
        if entry and entry.generation > entry.committed and entry.lease_until <= self.clock():
            self._fault(entry, reason)

    def _fault(self, entry: Entry, reason: str) -> None:
        """A passing fault: the next sweep, or a new version, tries again."""
        Attempt(entry.document, entry, self.manifest, self.clock, self.metrics).fault(reason)

    def _released(self, attempt: Attempt, deadline: Deadline) -> Outcome | None:
        """The attempt's outcome, with its lease given back should it break off.

        None where the bucket or the manifest moved on in a way that asks for another look.
        """
        ended = False
        try:
            outcome = self._attempt(attempt, deadline)
            ended = True
        finally:
            if not ended:
                attempt.release()
        if outcome is Outcome.SUPERSEDED:
            self._collecting.clear_artifacts(attempt.document)
        return outcome

    def _attempt(self, attempt: Attempt, deadline: Deadline) -> Outcome | None:
        head = self.bucket.head(attempt.document.key)
        if head is None:
            return self._commit(attempt, endings.deleted(self.recipe.text, self.clock()))
        pinned, _ = self._pins(head, attempt.document.key)
        attempt = replace(attempt, head=head)
        attempt.lease(str(pinned.fingerprint), deadline.at)
        try:
            return self._indexed(attempt, pinned, deadline)
        except VersionGone:
            return None
        except UnreadableDocument as fault:
            return self._commit(attempt, endings.failed(pinned, fault, self.clock()))

    def _indexed(self, attempt: Attempt, pinned: Pinned, deadline: Deadline) -> Outcome | None:
        head = pinned.head
        coming = list(pinned.groups)
        attempt.show(Status.READING, version=head.version, size=head.size, coming=coming)
        self.ownership.require_tenant(attempt.document.key)
        self.limits.check_size(head.size)
        with tempfile.TemporaryDirectory(prefix="askbucket-") as folder:
            path = Path(folder) / "object"
            content = self.bucket.download(attempt.document.key, head, path)
            for pin in self._pins(head, attempt.document.key):
                same = endings.is_same(attempt.before, pin, content)
                if same and stands(self.store, attempt.before):
                    return self._commit(attempt, endings.kept(attempt.before, pin, content))
            source = self.opener(path, attempt.document.key)
            try:
                return self._read(attempt, pinned, content, source, deadline)
            finally:
                source.close()

    def _read(
        self,
        attempt: Attempt,
        pinned: Pinned,
        content: str,
        source: Source,
        deadline: Deadline,
    ) -> Outcome | None:
        self.limits.check_pages(source.page_count)
        features = self.features(attempt.document.key)
        pages = PageArtifacts(self.artifacts, attempt.document.id, content, named(features))
        meter = Meter(attempt, source.page_count if source.paged else 0)
        with self.tracer.span("read", "span") as span:
            pages.read(source, deadline, meter.read)
            waiting = pages.waiting()
            span.end({"pages": source.page_count, "need_ocr": len(waiting)})
        attempt.note("read", f"{source.page_count} pages, {len(waiting)} need OCR")
        if waiting and not pages.ocr.parts():
            meter.waiting(len(waiting))
            with self.tracer.span("ocr", "span", metadata={"pages": len(waiting)}) as span:
                outcome = self.recognition(
                    attempt, pages, source, waiting, features, deadline, meter.recognised
                )
                span.end({"outcome": outcome or "read"})
            if outcome:
                return outcome
        if not waiting:
            _, pinned = self._pins(pinned.head, attempt.document.key)
        indexing = self._indexing(attempt, pinned, pages, source.paged, meter)
        return self._commit(attempt, self._stored(indexing, deadline))

    def _stored(self, indexing: Indexing, deadline: Deadline) -> Commit:
        with self.tracer.span("embed", "embedding", model=self.embedder.spec.model_id) as span:
            embedded = indexing.embed(deadline)
            span.end({"chunks": embedded.chunks, "new": embedded.new})
        with self.tracer.span("store", "span") as span:
            end = indexing.stage(embedded)
            span.end({"points": end.chunks})
        return end

    def _indexing(
        self,
        attempt: Attempt,
        pinned: Pinned,
        pages: PageArtifacts,
        paged: bool,
        meter: Meter,
    ) -> Indexing:
        vectors = VectorArtifacts(self.artifacts, attempt.document.id, pages.content, self.embedder)
        staging = self._staging(attempt)
        return Indexing(attempt, pinned, pages, paged, self.chunker, vectors, staging, meter)

    def _commit(self, attempt: Attempt, end: Commit) -> Outcome | None:
        """The one moment anything becomes visible, and the clearing up that follows it."""
        of = attempt.document.id, attempt.generation
        with self.tracer.span("commit", "span") as span:
            refused = self.manifest.commit(*of, end, self.clock())
            span.end({"status": end.status, "refused": refused is not None})
        if refused is not None:
            standing = refused.entry
            if standing is None or standing.committed < attempt.generation:
                self._staging(attempt).withdraw(attempt.generation)
                return None
            if standing.committed > attempt.generation:
                self._staging(attempt).withdraw(attempt.generation)
                return Outcome.SUPERSEDED
        tenant = attempt.before.tenant
        self._collecting(attempt.document, tenant, attempt.generation, end.active)
        attempt.committed(end)
        return Outcome.COMMITTED

    def _staging(self, attempt: Attempt) -> Staging:
        return Staging(self.store, attempt.document, attempt.before.tenant)


def _is_folder_marker(key: str, head: ObjectHead | None, entry: Entry | None) -> bool:
    """S3 consoles make empty keys that end in a slash; they are no documents, unless they were."""
    return key.endswith("/") and entry is None and (head is None or head.size == 0)
