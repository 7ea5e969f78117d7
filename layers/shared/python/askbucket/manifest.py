"""The manifest: what readers may see, one DynamoDB item per document, and its step history.

Item key: `id` (document id) and `item`, which is "document" for the document's own item and
"step#<generation>#<number>" for its history. An item's numbers:

    generation  last claimed attempt; every attempt takes a higher one
    committed   generation of the last commit
    active      generation readers may see; absent: nothing
    collected   generation of the last commit that was cleared up after
    staged_at   when the last commit's points were all stored, in ms
    deaths      attempts at the same version that ended without a word, since the last commit
    ocr_failures  the attempt number of the next OCR job: those below it have failed for good
    needs       what limits must be for a document that was over one
    progress    how far the attempt under way is; for people only
    groups      marks of what was last committed: who of its tenant may see it
    coming      marks of the version under way
    spent_…     what was paid for its version (see spending.py); for people only

An item with `waiting` is looked at again when `due_at` has passed: an OCR job that should have
ended, or a worker whose lease ran out without a commit.

Generations start at the clock's milliseconds and only grow, so that they never repeat, even if the
table is lost and the store is not. Every write below is one conditional update; nothing is locked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase, Key

from askbucket.entries import OWN_ITEM, WAITING, ConditionFailed, Entries
from askbucket.entry import Commit, Entry, OcrJob, Refused, entry_of, job_fields
from askbucket.models import Document, Status
from askbucket.spending import Part, spend

SWEEP_STATE = {"id": "sweep", "item": "state"}
TOMBSTONE_DAYS = 30  # longer than queue and dead-letter retention together (2 x 14 days)
STEP_DAYS = 90


class Manifest(Entries):
    """The table, and the only writer of it. Raises TryAgain on any service fault."""

    def claim(self, document: Document, tenant: str, now: int, *, deaths: int = 0) -> Entry:
        """Takes the next generation and clears the lease; the entry as it now is."""
        reply = self._update(
            document.id,
            "SET generation = if_not_exists(generation, :now) + :one,"
            " committed = if_not_exists(committed, :now),"
            " #status = if_not_exists(#status, :queued),"
            " #bucket = :bucket, #key = :key, tenant = :tenant, updated_at = :now,"
            " deaths = :deaths"
            " REMOVE lease_until, leased, expires_at, progress",
            {
                ":now": now,
                ":one": 1,
                ":bucket": document.bucket,
                ":key": document.key,
                ":tenant": tenant,
                ":queued": Status.QUEUED,
                ":deaths": deaths,
            },
            names={"#bucket": "bucket", "#key": "key", "#status": "status"},
            reply="ALL_NEW",
        )
        return entry_of(reply)

    def lease(self, document_id: str, generation: int, fingerprint: str, until: int) -> None:
        """Lets equal hints be acknowledged until the time given. It saves work, nothing more.

        A worker that is still silent then is looked after.
        """
        fields = {
            "leased": fingerprint,
            "lease_until": until,
            "waiting": WAITING,
            "due_at": until,
        }
        self._progress(document_id, generation, fields, remove=())

    def release(self, document_id: str, generation: int) -> None:
        """Gives the lease back; does nothing where none is held, as while OCR is waited for."""
        self._progress(
            document_id,
            generation,
            {},
            remove=("leased", "lease_until", "waiting", "due_at"),
            only_if=Attr("leased").exists(),
        )

    def advance(self, document_id: str, generation: int, now: int, **fields: Any) -> bool:
        """Shows an attempt's progress; False where a later attempt has overtaken it."""
        return self._progress(document_id, generation, {**fields, "updated_at": now}, remove=())

    def park(self, document_id: str, generation: int, job: OcrJob, now: int) -> bool:
        """Stores the OCR job and clears the lease: nobody waits for it in a function."""
        fields = {
            "status": Status.OCR,
            "job": job_fields(job),
            "waiting": WAITING,
            "due_at": job.due_at,
            "updated_at": now,
        }
        return self._progress(document_id, generation, fields, remove=("leased", "lease_until"))

    def commit(self, document_id: str, generation: int, end: Commit, now: int) -> Refused | None:
        """Makes the attempt's outcome visible, unless a later attempt already did.

        Where `end.active` is an older generation that stays, it must still be the active one.
        Never creates an item. Returns None when it happened, else what stood in its way.
        """
        fields: dict[str, Any] = {
            "committed": generation,
            "status": end.status,
            "fingerprint": end.fingerprint,
            "recipe": end.recipe,
            "staged_at": end.staged_at,
            "size": end.size,
            "pages": end.pages,
            "ocr_pages": end.ocr_pages,
            "chunks": end.chunks,
            "embedded": end.embedded,
            "warnings": list(end.warnings),
            "updated_at": now,
        }
        optional = {
            "active": end.active,
            "active_version": end.active_version,
            "version": end.version,
            "etag": end.etag,
            "content": end.content,
            "reason": end.reason,
            "needs": end.needs,
            "groups": list(end.groups) or None,
        }
        fields |= {name: value for name, value in optional.items() if value is not None}
        absent = [name for name, value in optional.items() if value is None]
        if end.status is Status.DELETED:
            fields["expires_at"] = now // 1000 + TOMBSTONE_DAYS * 86400
        # The second: a generation that this table never gave out comes from one that was lost.
        condition = Attr("committed").lt(generation) & Attr("generation").gte(generation)
        if end.active is not None and end.active != generation:
            condition &= Attr("active").eq(end.active)
        finished = (
            "leased",
            "lease_until",
            "job",
            "waiting",
            "due_at",
            "deaths",
            "progress",
            "coming",
        )
        return self._set(document_id, fields, (*finished, *absent), condition)

    def forget(self, entry: Entry) -> bool:
        """Removes a tombstone and its history; of one that an attempt has claimed since, the
        history alone, and False.

        New generations of the document begin at the clock, so they are never old ones again.
        """
        own = {"id": entry.document.id, "item": OWN_ITEM}
        at_rest = Attr("generation").eq(entry.generation) & Attr("committed").eq(entry.generation)
        tombstone = at_rest & Attr("status").eq(Status.DELETED)
        self._forget_steps(entry.document.id)  # first: without the item nobody would find them
        try:
            self._call("delete_item", Key=own, ConditionExpression=tombstone)
        except ConditionFailed:
            return False
        return True

    def _forget_steps(self, document_id: str) -> None:
        while steps := self.step_keys(document_id):
            self.delete_steps(steps)

    def step_keys(self, document_id: str) -> list[dict[str, Any]]:
        """The keys of its history, or of as much of it as one query gives."""
        of = Key("id").eq(document_id) & Key("item").begins_with("step#")
        steps = self._call("query", KeyConditionExpression=of)["Items"]
        return [{"id": document_id, "item": step["item"]} for step in steps]

    def delete_steps(self, keys: Sequence[Mapping[str, Any]]) -> None:
        for key in keys:
            self._call("delete_item", Key=dict(key))

    def collected(self, document_id: str, generation: int) -> None:
        """Notes that nothing of earlier generations is left; nothing where a later commit won."""
        self._set(document_id, {"collected": generation}, (), Attr("committed").eq(generation))

    def fault(self, document_id: str, generation: int, reason: str, now: int) -> None:
        """Marks a passing fault that used up its tries; what readers see stays as it is."""
        self._progress(
            document_id,
            generation,
            {"status": Status.FAILED, "reason": reason, "updated_at": now, "deaths": 0},
            remove=("leased", "lease_until", "waiting", "due_at", "progress"),
        )

    def spent(
        self,
        document_id: str,
        generation: int,
        version: str,
        part: Part,
        nano: int,
        *,
        job: str = "",
    ) -> bool:
        """Adds nanodollars to what was paid for the version; False where they are in it already."""
        return spend(self._update, document_id, generation, version, part, nano, job=job)

    def note(self, document_id: str, generation: int, step: str, detail: str, now: int) -> None:
        """Adds a line to the document's step history."""
        item = {
            "id": document_id,
            "item": f"step#{generation:015d}#{now:015d}#{step}",
            "at": now,
            "step": step,
            "detail": detail,
            "generation": generation,
            "expires_at": now // 1000 + STEP_DAYS * 86400,
        }
        self._call("put_item", Item=item)

    def save_sweep(self, cursor: Mapping[str, Any]) -> None:
        """Keeps how far a scheduled sweep came."""
        self._call("put_item", Item={**SWEEP_STATE, "cursor": dict(cursor)})

    def take_sweep(self) -> dict[str, Any] | None:
        """Where a sweep broke off, once; None if none did."""
        reply = self._call("delete_item", Key=SWEEP_STATE, ReturnValues="ALL_OLD")
        cursor = reply.get("Attributes", {}).get("cursor")
        return dict(cursor) if cursor else None

    def _progress(
        self,
        document_id: str,
        generation: int,
        fields: Mapping[str, Any],
        *,
        remove: Sequence[str],
        only_if: ConditionBase | None = None,
    ) -> bool:
        """A write of the attempt under way; False where it is no longer the newest."""
        condition = Attr("generation").eq(generation) & Attr("committed").lt(generation)
        if only_if is not None:
            condition &= only_if
        return self._set(document_id, fields, remove, condition) is None

    def _set(
        self,
        document_id: str,
        fields: Mapping[str, Any],
        remove: Sequence[str],
        condition: ConditionBase,
    ) -> Refused | None:
        # Not #n and :v, which are boto3's own names in the condition.
        names = {f"#f{i}": name for i, name in enumerate([*fields, *remove])}
        placeholders = list(names)
        sets = [f"{placeholders[i]} = :f{i}" for i in range(len(fields))]
        parts = [f"SET {', '.join(sets)}"] if sets else []
        if remove:
            parts.append(f"REMOVE {', '.join(placeholders[len(fields) :])}")
        values = {f":f{i}": value for i, value in enumerate(fields.values())}
        try:
            self._update(document_id, " ".join(parts), values, names=names, condition=condition)
        except ConditionFailed as failed:
            return Refused(failed.entry)
        return None

    def _update(
        self,
        document_id: str,
        expression: str,
        values: Mapping[str, Any],
        *,
        names: Mapping[str, str],
        condition: ConditionBase | None = None,
        reply: str = "NONE",
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "Key": {"id": document_id, "item": OWN_ITEM},
            "UpdateExpression": expression,
            "ExpressionAttributeNames": dict(names),
            "ReturnValues": reply,
        }
        if values:
            request["ExpressionAttributeValues"] = dict(values)
        if condition is not None:
            request["ConditionExpression"] = condition
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        attributes: dict[str, Any] = self._call("update_item", **request).get("Attributes", {})
        return attributes
