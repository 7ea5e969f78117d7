"""What looks right and is not: each rival differs from the rule in one thing, and goes wrong.

The rates are those of DESIGN's simulations; what each is caught by here, `torture.py` prints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr

from askbucket.answer.visibility import VisibleSearch
from askbucket.bucket import Bucket
from askbucket.clock import Clock
from askbucket.entry import Commit, Entry, OcrJob, Refused
from askbucket.ingest.attempt import Attempt, Outcome
from askbucket.ingest.fingerprint import ABSENT, Fingerprint
from askbucket.ingest.recognition import Recognition
from askbucket.ingest.sweep import Findings, Sweep
from askbucket.ingest.sync import Sync
from askbucket.manifest import Manifest
from askbucket.models import Document, ObjectHead
from askbucket.s3 import S3
from askbucket.stores.port import PointRef
from tests.property.naive import NAIVE, Unchecked
from tests.property.variant import Message, Variant, with_manifest
from tests.unit.ingest.parts import BUCKET, Step, Stepped

if TYPE_CHECKING:
    from tests.property.history import History
    from tests.property.tasks import Task


class OtherManifest(Variant):
    """A rival that differs in how it writes the manifest."""

    manifest: type[Manifest] = Manifest

    def worker(self, history: History, task: Task, message: Message) -> Sync:
        sync = super().worker(history, task, message)
        return with_manifest(sync, self.manifest(sync.manifest._table))


class OtherSync(Variant):
    """A rival that differs in what one call of `sync` does."""

    sync: type[Sync] = Sync

    def worker(self, history: History, task: Task, message: Message) -> Sync:
        sync = super().worker(history, task, message)
        return self.sync(**{each.name: getattr(sync, each.name) for each in fields(Sync)})


class NoConditionalCommit(OtherManifest):
    """20 % wrong: a slow worker of an old version ends last."""

    name = "no conditional commit"

    class manifest(Manifest):  # noqa: N801
        def _set(
            self, document_id: str, fields: Any, remove: Any, condition: Any
        ) -> Refused | None:
            if "committed" in fields:
                condition = Attr("id").exists()
            return super()._set(document_id, fields, remove, condition)


class RefusedDeletesItsPoints(OtherManifest):
    """26 % wrong: the reply of a commit that happened was lost, and the second try is refused."""

    name = "refused commit deletes its own"
    schedule = "commit_reply_repeated"

    class manifest(Manifest):  # noqa: N801
        def commit(
            self, document_id: str, generation: int, end: Commit, now: int
        ) -> Refused | None:
            refused = super().commit(document_id, generation, end, now)
            if refused and refused.entry and refused.entry.committed == generation:
                return Refused(replace(refused.entry, committed=generation + 1))
            return refused


class CounterFromZero(OtherManifest):
    """31 % mixed: after a lost table the numbers come again, and the old points with them."""

    name = "counter from 0 after a lost table"
    schedule = "lost_table"

    class manifest(Manifest):  # noqa: N801
        def claim(self, document: Document, tenant: str, now: int, *, deaths: int = 0) -> Entry:  # noqa: ARG002
            return super().claim(document, tenant, 0, deaths=deaths)


class CommitBeforeStage(Variant):
    """Half in nearly every history: the store's writes wait until the commit is done."""

    name = "commit before stage"

    def worker(self, history: History, task: Task, message: Message) -> Sync:
        sync = super().worker(history, task, message)
        store = LateStore(sync.store)

        class LateManifest(Manifest):
            def commit(
                self, document_id: str, generation: int, end: Commit, now: int
            ) -> Refused | None:
                refused = super().commit(document_id, generation, end, now)
                store.write()
                return refused

        late = LateManifest(sync.manifest._table)
        return with_manifest(replace(sync, store=store), late)  # type: ignore[arg-type]


class LateStore:
    """Says it holds what it has yet to write."""

    def __init__(self, store: Any) -> None:
        self._store, self._waiting = store, []

    def upsert(self, points: Sequence[Any]) -> None:
        self._waiting += points

    def count(self, _: Any) -> int:
        return len(self._waiting)

    def search(self, *_: Any) -> Any:
        return self._waiting, []

    def delete(self, matching: Any) -> None:
        self._store.delete(matching)

    def write(self) -> None:
        if self._waiting:
            self._store.upsert(self._waiting)


class TrustsTheEvent(Variant):
    """Old events after new ones bring old versions back."""

    name = "trusts the event"

    def worker(self, history: History, task: Task, message: Message) -> Sync:
        sync = super().worker(history, task, message)
        if not message.version:
            return sync  # a completion, or a sweep's hint

        class EventBucket(Bucket):
            def head(self, key: str) -> ObjectHead | None:
                found = self._call("head_object", Key=key, VersionId=message.version)
                if message.gone or found is None:
                    return None
                labels = found["Metadata"]
                return ObjectHead(message.version, found["ETag"], found["ContentLength"], labels)

        s3 = Stepped(history.world.s3, "s3", task.step)
        return replace(sync, bucket=EventBucket(S3(s3, BUCKET)))


class SkipsAfterTheClaim(OtherSync):
    """0.06 % wrong: an attempt claimed before, at bytes that are gone again, may still commit."""

    name = "skips after the claim"
    schedule = "undone_overwrite"

    class sync(Sync):  # noqa: N801
        def _settled(self, entry: Entry, head: ObjectHead | None) -> bool:  # noqa: ARG002
            return False

        def _attempt(self, attempt: Attempt, deadline: Any) -> Outcome | None:
            head = self.bucket.head(attempt.document.key)
            wanted = str(Fingerprint.of(head, self.recipe.text)) if head else ABSENT
            if attempt.before.fingerprint == wanted:
                return Outcome.SETTLED
            return Sync._attempt(self, attempt, deadline)


class LeaseSwallowsTheCompletion(Variant):
    """0.015 % wrong: a quick completion finds the lease of the worker who only just started OCR."""

    name = "lease swallows the OCR completion"
    schedule = "quick_completion"

    class Holding(Recognition):
        def _started(self, attempt: Attempt, *rest: Any) -> Any:
            pages, source, left, number, _ = rest
            given = pages.ocr.put_input(source, left, self.most_bytes)
            job = self.textract.start(
                self.bucket,
                given.key,
                content=pages.content,
                tag=attempt.document.id,
                attempt=number,
            )
            return OcrJob(job, pages.reading, number, 0, given.part, given.pages)

        def __call__(self, attempt: Attempt, *rest: Any) -> Outcome | None:
            if attempt.before.job is None:
                pages, source, waiting, features = rest[:4]
                self._parked(attempt, self._started(attempt, pages, source, waiting, 0, features))
                return Outcome.PARKED
            return Recognition.__call__(self, attempt, *rest)

    def worker(self, history: History, task: Task, message: Message) -> Sync:
        sync = super().worker(history, task, message)
        parts = {each.name: getattr(sync.recognition, each.name) for each in fields(Recognition)}
        return replace(sync, recognition=self.Holding(**parts))


class SweepDeletesAllButActive(Variant):
    """49 % half: what an attempt under way has staged goes, and then it commits."""

    name = "sweep deletes all but active"
    schedule = "sweep_during_staging"

    class Greedy(Sweep):
        def _clear(self, refs: Sequence[PointRef], findings: Findings) -> None:  # noqa: ARG002
            entries = self._manifest.get_many(list({ref.document_id for ref in refs}))
            for ref in refs:
                entry = entries.get(ref.document_id)
                if entry and ref.generation != entry.active:
                    self._delete(ref)

    def sweep(self, history: History, step: Step, hint: Callable[[Sequence[str]], None]) -> Sweep:
        real = super().sweep(history, step, hint)
        parts = (real._bucket, real._manifest, real._store, real._recipe, real._limits)
        return self.Greedy(*parts, real._hint)


class NoReadersCheck(Variant):
    """Half documents seen in 99 % of the histories."""

    name = "no reader's check"

    def reader(self, store: Any, manifest: Any, clock: Clock) -> VisibleSearch:
        return Unchecked(store, manifest, clock)


class NoStagedAt(Variant):
    """29 % half: staging and commit fall between the search and the check."""

    name = "check without staged_at"
    schedule = "commit_under_the_search"

    class Hasty(VisibleSearch):
        def _entries(self, lists: Any) -> dict[str, Entry]:
            entries = super()._entries(lists)
            return {name: replace(entry, staged_at=0) for name, entry in entries.items()}

    def reader(self, store: Any, manifest: Any, clock: Clock) -> VisibleSearch:
        return self.Hasty(store, manifest, clock)


RIVALS: tuple[type[Variant], ...] = (
    *NAIVE,
    NoConditionalCommit,
    NoReadersCheck,
    CommitBeforeStage,
    TrustsTheEvent,
    RefusedDeletesItsPoints,
    SweepDeletesAllButActive,
    CounterFromZero,
    SkipsAfterTheClaim,
    LeaseSwallowsTheCompletion,
    NoStagedAt,
)
