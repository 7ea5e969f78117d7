"""What nobody will need any more, cleared away: after a commit, and where there is no document."""

from __future__ import annotations

from dataclasses import dataclass

from askbucket.artifacts import Artifacts
from askbucket.ingest.staging import Staging
from askbucket.manifest import Manifest
from askbucket.models import Document
from askbucket.stores.port import Equals, Filter, VectorStore


@dataclass(frozen=True, slots=True)
class Collecting:
    """The parts it works on. It is safe beside attempts at the same document."""

    manifest: Manifest
    artifacts: Artifacts
    store: VectorStore

    def __call__(self, document: Document, tenant: str, committed: int, active: int | None) -> None:
        """Clears up after a commit. What a death or a fault leaves undone here is not marked as
        collected, so that the next hint or sweep does it."""
        Staging(self.store, document, tenant).collect(committed, active)
        if self.clear_artifacts(document):
            self.manifest.collected(document.id, committed)

    def clear_artifacts(self, document: Document) -> bool:
        """Leaves them alone, and says so, where an attempt is under way: it may be using them.

        They are listed first, so that what an attempt adds after the look is not among them.
        """
        everything = self.artifacts.keys(f"{document.id}/")
        now = self.manifest.get(document.id)
        if now is None or now.generation != now.committed:
            return False
        kept = f"{document.id}/{now.content}/" if now.content else None
        self.artifacts.delete([key for key in everything if not (kept and key.startswith(kept))])
        return True

    def nothing_of(self, document: Document) -> bool:
        """Whether the manifest knows nothing of a document that the bucket does not hold; its
        artifacts, points and history are then cleared away, and no tombstone tells of it.

        They are listed before the look at the manifest: whoever made them has lost its claim then,
        and withdraws at its commit what it stages yet. Whoever claims after the look stages under a
        generation of its own, which is not among them.
        """
        everything = self.artifacts.keys(f"{document.id}/")
        own = Equals("document_id", document.id)
        steps = self.manifest.step_keys(document.id)
        staged = {ref.generation for ref in self.store.scroll(Filter((own,)))}
        if self.manifest.get(document.id) is not None:
            return False
        self.artifacts.delete(everything)
        self.manifest.delete_steps(steps)
        for generation in sorted(staged):
            self.store.delete(Filter((own, Equals("generation", generation))))
        return True
