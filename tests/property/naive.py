"""The two rivals without generations: points of a document lie at fixed places, by chunk number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from askbucket.answer.visibility import Found, VisibleSearch
from askbucket.clock import Clock
from askbucket.ingest import sparse
from askbucket.models import DEFAULT_TENANT, Chunk, Document
from askbucket.stores.port import Below, Equals, Filter, Point
from tests.property.variant import LossyStore, Message, Variant
from tests.unit.ingest.hash_embedder import hash_vector
from tests.unit.ingest.parts import BUCKET, Step, SteppedStore

if TYPE_CHECKING:
    from tests.property.history import History
    from tests.property.tasks import Task


class Unchecked(VisibleSearch):
    """Whatever the store finds."""

    def __call__(
        self,
        dense: Any,
        words: Any,
        *,
        scope: Any,
        rights: Any,
        limit: int,
    ) -> Found:
        return Found(*map(tuple, self._store.search(dense, words, rights.filter(scope), limit)))


class InPlace(Variant):
    """Overwrites points where they lie; readers see what is there."""

    def worker(self, history: History, task: Task, message: Message) -> Any:
        return Overwriter(self, history, task, message)

    def drops(self, history: History, message: Message, step: Step) -> bool:  # noqa: ARG002
        return False

    def reader(self, store: Any, manifest: Any, clock: Clock) -> VisibleSearch:
        return Unchecked(store, manifest, clock)


class UpsertAndDelete(InPlace):
    """41 % wrong: a put upserts, a delete deletes, in whatever order they come."""

    name = "upsert on put, delete on delete"
    believes = True


class LastWriterWins(InPlace):
    """4.7 % wrong: an event older than the newest seen is dropped, and then the bucket is read."""

    name = "sequencer, last writer wins"
    believes = False

    def drops(self, history: History, message: Message, step: Step) -> bool:
        if not message.sequencer:
            return False  # a sweep's hint has none
        step("row.update")
        newest = history.rows.get(message.key, 0)
        history.rows[message.key] = max(newest, message.sequencer)
        return message.sequencer < newest


@dataclass
class Overwriter:
    """The ingest function of both."""

    rival: Any
    history: History
    task: Task
    message: Message

    def __call__(self, key: str, deadline: Any) -> None:  # noqa: ARG002
        message = self.message
        if self.rival.drops(self.history, message, self.task.step):
            return
        store = SteppedStore(
            LossyStore(self.history.world.store, self.task), "store", self.task.step
        )
        document = Document(BUCKET, key)
        mine = Equals("document_id", document.id)
        body = self._body(key)
        if body is None or (self.rival.believes and message.gone):
            store.delete(Filter((mine,)))
            return
        points = [
            Point(
                document,
                1,
                DEFAULT_TENANT,
                "",
                {},
                chunk,
                hash_vector(chunk.text),
                sparse.document_vector(chunk.text),
            )
            for chunk in self._chunks(body)
        ]
        store.upsert(points)
        if not self.rival.believes:
            store.delete(Filter((mine,), ((Below("number", len(points)),),)))

    def give_up(self, key: str, reason: str) -> None:
        """Nobody is told."""

    def _body(self, key: str) -> bytes | None:
        self.task.step("s3.get_object")
        return self.history.current(key)

    def _chunks(self, body: bytes) -> list[Chunk]:
        texts = self.history.texts(body)
        return [Chunk(number, None, 0, len(text), text) for number, text in enumerate(texts)]


NAIVE: tuple[type[Variant], ...] = (UpsertAndDelete, LastWriterWins)
