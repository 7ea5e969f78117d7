"""Messages turned into hints: "look at this key again". What a message claims is not believed.

A hint also knows the id of the event it came from, for the log alone: it may be missing.

Taken: EventBridge's S3 events (raw keys), S3's own notifications (URL-encoded keys), Textract's
completions (the job tag is a document id), each also inside an SNS envelope, and our own hints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus


@dataclass(frozen=True, slots=True)
class KeyHint:
    """Look at this key of this bucket."""

    bucket: str
    key: str
    correlation_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DocumentHint:
    """Look at the document with this id: its OCR has ended."""

    document_id: str
    correlation_id: str | None = field(default=None, compare=False)


Hint = KeyHint | DocumentHint


class NoHint(ValueError):
    """A message that names no key; it can never be understood, so it is not tried again."""


def hints_of(body: str) -> list[Hint]:
    """The hints in a message's body; none for S3's test event. Raises NoHint."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:  # (a hundred thousand brackets)
        raise NoHint("the message is not JSON") from error
    try:
        return list(_hints(message))
    except (KeyError, TypeError, AttributeError) as error:
        raise NoHint(f"the message has not the shape of any known event: {error!r}") from error


def message_of(hint: KeyHint) -> str:
    """Our own hint as a message body."""
    story = {"correlation_id": hint.correlation_id} if hint.correlation_id else {}
    return json.dumps({"look_at": {"bucket": hint.bucket, "key": hint.key}, **story})


def _hints(message: Mapping[str, Any]) -> Iterator[Hint]:
    if "look_at" in message:
        where = message["look_at"]
        story = _id(message, "correlation_id")
        yield KeyHint(_text(where["bucket"]), _text(where["key"]), story)
    elif "detail" in message:
        detail = message["detail"]
        bucket, key = _text(detail["bucket"]["name"]), _text(detail["object"]["key"])
        yield KeyHint(bucket, key, _id(message, "id"))
    elif "Records" in message:
        for record in message["Records"]:
            key = unquote_plus(_text(record["s3"]["object"]["key"]))
            story = _id(record.get("responseElements"), "x-amz-request-id")
            yield KeyHint(_text(record["s3"]["bucket"]["name"]), key, story)
    elif "JobTag" in message:
        yield DocumentHint(_text(message["JobTag"]))
    elif message.get("Type") == "Notification":
        yield from hints_of(message["Message"])
    elif message.get("Event") != "s3:TestEvent":
        raise KeyError("look_at, detail, Records or JobTag")


def _id(message: Any, name: str) -> str | None:
    value = message.get(name) if isinstance(message, dict) else None
    return value if isinstance(value, str) else None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no name")
    return value
