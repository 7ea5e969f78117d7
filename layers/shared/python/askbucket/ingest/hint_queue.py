"""The queue that the ingest function is fed from, as those see it who ask for another look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from askbucket.errors import TryAgain
from askbucket.ingest.hints import KeyHint, message_of
from askbucket.log import correlation_id

SEND_BATCH = 10  # messages in one SendMessageBatch


def send(sqs: Any, queue_url: str, bucket: str, keys: Sequence[str]) -> None:
    """Hints that go on with the story being told now. Raises TryAgain where SQS refuses."""
    story = correlation_id()
    for start in range(0, len(keys), SEND_BATCH):
        bodies = [message_of(KeyHint(bucket, k, story)) for k in keys[start : start + SEND_BATCH]]
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)]
        try:
            reply = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
        except (ClientError, BotoCoreError) as error:
            raise TryAgain(f"the queue cannot be reached: {error}") from error
        if reply.get("Failed"):
            raise TryAgain(f"the queue refused {len(reply['Failed'])} hints")
