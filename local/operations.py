"""A stack's inner parts, for its operator: the sweep function and the queues, by boto3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

RECEIVE_BATCH = 10  # the most SQS gives at once
HELD_SECONDS = 30  # for a message being moved; should we die, it comes back


class OperationFailed(RuntimeError):
    """A function of the stack raised; the message is what it said."""


def sweep(lambda_: Any, function: str, prefix: str) -> dict[str, Any]:
    """Everything a sweep found, over as many calls as it takes."""
    total: dict[str, Any] = {"keys": 0, "deleted_generations": 0, "hinted": {}}
    cursor: Mapping[str, str] | None = {"prefix": prefix}
    while cursor is not None:
        found = _invoke(lambda_, function, {"task": "sweep", "cursor": dict(cursor)})
        total["keys"] += found["keys"]
        total["deleted_generations"] += found["deleted_generations"]
        for reason, count in found["hinted"].items():
            total["hinted"][reason] = total["hinted"].get(reason, 0) + count
        cursor = found["cursor"]
    return total


def redrive(sqs: Any, dead_letters: list[str], queue: str) -> int:
    """Moves every dead letter back into the queue of hints; how many there were.

    Message by message, because SQS itself only moves to the queue a letter came from, and what
    EventBridge could not deliver came from none.
    """
    return sum(_moved(sqs, url, queue) for url in dead_letters)


def redrive_questions(sqs: Any, outputs: Mapping[str, str]) -> int:
    """The same for queued questions, which have a queue of their own; older stacks have none."""
    if "QuestionsQueueUrl" not in outputs:
        return 0
    return _moved(sqs, outputs["QuestionsDeadLetterQueueUrl"], outputs["QuestionsQueueUrl"])


def waiting(sqs: Any, queue: str) -> int:
    """About how many hints wait or are being followed."""
    return followed(sqs, queue) + _number(sqs, queue, "ApproximateNumberOfMessages")


def followed(sqs: Any, queue: str) -> int:
    """About how many hints are being followed, or were put off."""
    return _number(sqs, queue, "ApproximateNumberOfMessagesNotVisible")


def _number(sqs: Any, queue: str, name: str) -> int:
    reply = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(reply["Attributes"][name])


def _moved(sqs: Any, source: str, target: str) -> int:
    count = 0
    request = {"MaxNumberOfMessages": RECEIVE_BATCH, "VisibilityTimeout": HELD_SECONDS}
    while messages := sqs.receive_message(QueueUrl=source, **request).get("Messages"):
        for message in messages:
            sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        count += len(messages)
    return count


def _invoke(lambda_: Any, function: str, event: dict[str, Any]) -> dict[str, Any]:
    reply = lambda_.invoke(FunctionName=function, Payload=json.dumps(event))
    result = json.load(reply["Payload"])
    if "FunctionError" in reply:
        raise OperationFailed(str(result.get("errorMessage", result)))
    return dict(result)
