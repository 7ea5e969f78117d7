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
        """Whether manifest and store know nothing of a document that the bucket does not hold; its
        artifacts are then cleared away, and no tombstone tells of it.

        False where there are points: only a commit makes sure that nobody is staging them. Whoever
        begins an attempt meanwhile looks at the bucket after this did.
        """
        everything = self.artifacts.keys(f"{document.id}/")
        own = Filter((Equals("document_id", document.id),))
        if self.manifest.get(document.id) is not None or self.store.count(own):
            return False
        self.artifacts.delete(everything)
        return True
