"""Queue messages -> `sync`, one document at a time, with a verdict for each message.

In: an SQS batch; every record's body is an S3 event, a Textract completion or our own hint:

    {"Records": [{"messageId": "…", "receiptHandle": "…", "body": "{…}",
                  "attributes": {"ApproximateReceiveCount": "1"},
                  "eventSourceARN": "arn:aws:sqs:…:documents"}]}

Out: `{"batchItemFailures": [{"itemIdentifier": messageId}]}`. What is not named there is done with:
indexed, gone, failed for good, or no hint at all. The rest is delivered again, and after
MAX_RECEIVES goes to the dead-letter queue with its reason in the manifest.
"""

from __future__ import annotations

import random
from typing import Any

from askbucket import wiring, wiring_ingest
from askbucket.clock import Deadline, now_ms
from askbucket.errors import OutOfTime
from askbucket.ingest.hints import Hint, KeyHint, NoHint, hints_of
from askbucket.log import correlation_id, fault_of, following, write_from
from askbucket.log import event as log
from askbucket.models import Document

MAX_RECEIVES = 5  # the queues' maxReceiveCount
BACKOFF_SECONDS, BACKOFF_MOST = 4, 600


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One verdict for each record; never raises for a record's sake."""
    write_from(wiring.settings().log_level)
    deadline = Deadline(now_ms() + context.get_remaining_time_in_millis(), now_ms)
    failed = [record for record in event["Records"] if not _done(record, deadline)]
    wiring.tracer().flush()
    wiring.metrics().flush()
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _done(record: dict[str, Any], deadline: Deadline) -> bool:
    """Whether the message may be forgotten."""
    try:
        hints = hints_of(record["body"])
    except NoHint as error:
        log("message_refused", level="warning", message=record["messageId"], **fault_of(error))
        return True
    verdicts = [_dealt_with(hint, record, deadline) for hint in hints]  # all, even after a no
    return all(verdicts)


def _dealt_with(hint: Hint, record: dict[str, Any], deadline: Deadline) -> bool:
    """False also where the manifest or the queue fails beside the attempt: other records go on."""
    with following(hint.correlation_id or record["messageId"]):
        try:
            return _followed(hint, record, deadline)
        except Exception as error:  # noqa: BLE001  (a handler's edge: the queue tries again)
            log("hint_failed", level="error", message=record["messageId"], **fault_of(error))
            return False


def _followed(hint: Hint, record: dict[str, Any], deadline: Deadline) -> bool:
    known = _known(hint)
    if known is None:
        log("hint_ignored", message=record["messageId"])
        return True
    with following(known.correlation_id or correlation_id()):
        log("hint_received", document=_name(known.key), message=record["messageId"])
        return _synced(known.key, record, deadline)


def _synced(key: str, record: dict[str, Any], deadline: Deadline) -> bool:
    try:
        outcome = wiring_ingest.sync()(key, deadline)
    except OutOfTime as cut:
        return _requeued(key, cut, record)
    except Exception as error:  # noqa: BLE001  (a handler's edge: the queue tries again)
        return _put_off(key, error, record)
    log("document_synced", document=_name(key), outcome=outcome)
    return True


def _known(hint: Hint) -> KeyHint | None:
    """The key to look at, with the story that OCR was begun in where that has ended; None where
    the hint is about something we do not keep."""
    if isinstance(hint, KeyHint):
        return hint if hint.bucket == wiring.settings().bucket else None
    entry = wiring.manifest().get(hint.document_id)
    if entry is None:
        return None
    story = entry.job.correlation_id if entry.job else None
    return KeyHint(entry.document.bucket, entry.document.key, story)


def _name(key: str) -> str:
    """Keys tell of people and deals; logs name documents by their ids."""
    return Document(wiring.settings().bucket, key).id


def _requeued(key: str, cut: OutOfTime, record: dict[str, Any]) -> bool:
    """Work that grew goes on under a fresh hint; without growth it is a fault like any other."""
    if not cut.grew:
        return _put_off(key, cut, record)
    wiring_ingest.send_hints([key])
    log("document_requeued", document=_name(key), reached=str(cut))
    return True


def _put_off(key: str, error: Exception, record: dict[str, Any]) -> bool:
    """Leaves the message to the queue, later each time; on the last try says why in the status."""
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    about = {"document": _name(key), "receives": receives, **fault_of(error)}
    log("document_put_off", level="warning", **about)
    if receives >= MAX_RECEIVES:
        wiring_ingest.sync().give_up(key, str(error) or repr(error))
        _show_again(record, 0)  # at once, so that the queue moves it to the dead letters
    else:
        longest = min(BACKOFF_MOST, BACKOFF_SECONDS * 2**receives)
        # Jitter keeps a throttled service from being asked by everyone at once.
        _show_again(record, random.randint(longest // 2, longest))  # noqa: S311
    return False


def _show_again(record: dict[str, Any], seconds: int) -> None:
    """When the queue hands the message out next."""
    queue = record["eventSourceARN"].rsplit(":", 1)[1]
    base = wiring.settings().queue_url.rsplit("/", 1)[0]
    wiring.client("sqs").change_message_visibility(
        QueueUrl=f"{base}/{queue}",
        ReceiptHandle=record["receiptHandle"],
        VisibilityTimeout=seconds,
    )
