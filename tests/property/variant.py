"""The code under test as a history uses it. A rival overrides what it does differently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from askbucket.answer.visibility import VisibleSearch
from askbucket.bucket import Bucket
from askbucket.clock import Clock, Deadline
from askbucket.ingest import sparse
from askbucket.ingest.sweep import Sweep
from askbucket.ingest.sync import Sync
from askbucket.manifest import Manifest
from askbucket.models import DEFAULT_TENANT, Document, Hit
from askbucket.ownership import Rights
from askbucket.s3 import S3
from askbucket.stores.port import Equals, Filter
from tests.unit.ingest.hash_embedder import hash_vector
from tests.unit.ingest.parts import BUCKET, Step, Stepped, SteppedStore

if TYPE_CHECKING:
    from tests.property.history import History
    from tests.property.tasks import Task

QUESTION = "harbour sheet lighthouse"  # a word of every chunk, so that both searches find all
LIMIT = 100  # more than a history has chunks


@dataclass(frozen=True, slots=True)
class Message:
    """A hint in the queue. What it says beside the key is for rivals, who believe it."""

    key: str
    ready_at: int = 0
    receives: int = 0
    ocr: bool = False  # a completion, which names the document by its id
    gone: bool = False
    version: str = ""
    sequencer: int = 0


class Variant:
    """The real code."""

    name = "the rule"
    schedule = ""  # of directed.py, where random histories meet a rival's fault too seldom

    def worker(self, history: History, task: Task, message: Message) -> Sync:  # noqa: ARG002
        """The code that handles this message, every call of it a step of the task."""
        world = history.world
        return world.worker(
            task.step, store=LossyStore(world.store, task), table=LossyTable(history, task)
        )

    def sweep(self, history: History, step: Step, hint: Callable[[Sequence[str]], None]) -> Sweep:
        world = history.world
        return Sweep(
            Bucket(S3(Stepped(world.s3, "s3", step), BUCKET)),
            Stepped(Manifest(history.table), "entries", step),  # type: ignore[arg-type]
            SteppedStore(world.store, "store", step),  # type: ignore[arg-type]
            history.recipe,
            world.limits,
            hint,
        )

    def search(self, history: History, key: str, step: Step, clock: Clock) -> list[Hit]:
        """What a reader gets who asks for all chunks of the key, from both lists."""
        visible = self.reader(
            Stepped(history.world.store, "store", step),
            Stepped(Manifest(history.table), "entries", step),
            clock,
        )
        words = sparse.question_vector(QUESTION)
        scope = Filter((Equals("document_id", Document(BUCKET, key).id),))
        rights = Rights(DEFAULT_TENANT)
        found = visible(hash_vector(QUESTION), words, scope=scope, rights=rights, limit=LIMIT)
        return [*found.dense, *found.sparse]

    def reader(self, store: Any, manifest: Any, clock: Clock) -> VisibleSearch:
        return VisibleSearch(store, manifest, clock)


def with_manifest(sync: Sync, manifest: Manifest) -> Sync:
    return replace(
        sync, manifest=manifest, recognition=replace(sync.recognition, manifest=manifest)
    )


def skewed(sync: Sync, clock: Clock, deadline_ms: int) -> tuple[Sync, Deadline]:
    """The worker with its machine's own clock."""
    return replace(sync, clock=clock), Deadline(clock() + deadline_ms, clock)


class LossyTable:
    """The table, whose writes the judge sees and whose replies may be lost.

    Steps of a document's history are not written: nothing depends on them.
    """

    def __init__(self, history: History, task: Task) -> None:
        self._table, self._judge, self._task = history.table, history.judge, task
        self.name, self.meta = self._table.name, self._table.meta

    def get_item(self, **request: Any) -> Any:
        return self._table.get_item(**request)

    def put_item(self, **request: Any) -> Any:  # noqa: ARG002
        return {}

    def query(self, **request: Any) -> Any:  # noqa: ARG002
        return {"Items": []}

    def update_item(self, **request: Any) -> Any:
        return self._task.reply("manifest", lambda: self._update(request), self._update(request))

    def _update(self, request: dict[str, Any]) -> Any:
        reply = self._table.update_item(**request)
        self._judge.written(request, reply)
        return reply


class LossyStore(Stepped):
    """The store, whose replies to writes may be lost."""

    def __init__(self, store: Any, task: Task) -> None:
        super().__init__(store, "store", lambda _: None)
        self._task = task

    def upsert(self, points: Any) -> None:
        self._task.reply("store", lambda: None, self._thing.upsert(points))

    def delete(self, matching: Filter) -> None:
        self._task.reply("store", lambda: None, self._thing.delete(matching))
