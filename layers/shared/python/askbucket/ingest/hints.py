"""Messages turned into hints: "look at this key again". What a message claims is not believed.

Taken: EventBridge's S3 events (raw keys), S3's own notifications (URL-encoded keys), Textract's
completions (the job tag is a document id), each also inside an SNS envelope, and our own hints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


@dataclass(frozen=True, slots=True)
class KeyHint:
    """Look at this key of this bucket."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class DocumentHint:
    """Look at the document with this id: its OCR has ended."""

    document_id: str


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
    return json.dumps({"look_at": {"bucket": hint.bucket, "key": hint.key}})


def _hints(message: Mapping[str, Any]) -> Iterator[Hint]:
    if "look_at" in message:
        yield KeyHint(_text(message["look_at"]["bucket"]), _text(message["look_at"]["key"]))
    elif "detail" in message:
        detail = message["detail"]
        yield KeyHint(_text(detail["bucket"]["name"]), _text(detail["object"]["key"]))
    elif "Records" in message:
        for record in message["Records"]:
            key = unquote_plus(_text(record["s3"]["object"]["key"]))
            yield KeyHint(_text(record["s3"]["bucket"]["name"]), key)
    elif "JobTag" in message:
        yield DocumentHint(_text(message["JobTag"]))
    elif message.get("Type") == "Notification":
        yield from hints_of(message["Message"])
    elif message.get("Event") != "s3:TestEvent":
        raise KeyError("look_at, detail, Records or JobTag")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no name")
    return value
