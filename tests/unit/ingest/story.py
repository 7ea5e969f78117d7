"""What a key held over time, and what readers may therefore see of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from askbucket.errors import TryAgain
from askbucket.models import Document
from tests.unit.ingest.parts import BUCKET, Step, World
from tests.unit.ingest.scripted_textract import shades_of, text_of_shade

REDELIVERIES = 5
SHOWS = ("manifest.update_item", "store.upsert", "store.delete")  # what can change a reader's view


@dataclass
class Story:
    """One key. Readers look after every call that could change what they see: they see the chunks
    of one version that was once current, all of them, or nothing."""

    world: World
    key: str
    allowed: set[tuple[str, ...]] = field(default_factory=lambda: {()})
    now: tuple[str, ...] = ()

    def put(self, body: str | bytes) -> None:
        """Text, or a picture of one shade."""
        self.world.put(self.key, body)
        if isinstance(body, bytes):
            self.now = tuple(text_of_shade(shade) for shade in shades_of(body))
        else:
            self.now = self.world.chunks_of(body)
        self.allowed.add(self.now)

    def remove(self) -> str:
        """The version id of the delete marker."""
        self.now = ()
        return self.world.remove(self.key)

    def hint(self, step: Step | None = None) -> None:
        """A hint, delivered again while it fails in passing."""
        worker = self.world.worker(self.watched(step))
        for _ in range(REDELIVERIES):
            try:
                worker(self.key, self.world.deadline())
            except TryAgain:
                continue
            return
        raise AssertionError("the hint went to the dead-letter queue")

    def watched(self, step: Step | None) -> Step:
        """Notes of the step history are passed over: nothing depends on them."""
        last = ""

        def watch(name: str) -> None:
            nonlocal last
            if last in SHOWS:
                self.look()
            last = name
            if step and name != "manifest.put_item":
                step(name)

        return watch

    def look(self) -> None:
        seen = self.world.visible(self.key)
        assert seen in self.allowed, f"readers see {seen}"

    def ended(self) -> None:
        """All hints are dealt with: the index holds what the bucket holds, and of a deleted
        document not even its artifacts are left."""
        assert self.world.visible(self.key) == self.now
        kept = self.world.artifacts.keys(f"{Document(BUCKET, self.key).id}/")
        assert self.now or not kept


Act = Callable[[Story], None]
