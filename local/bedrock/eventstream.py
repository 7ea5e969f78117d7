"""The frames of `application/vnd.amazon.eventstream`. botocore only reads them.

A frame: total length, length of the headers, CRC of these two; headers; payload; CRC of all that.
All integers big-endian, both CRCs CRC-32 (Smithy's event stream specification).
"""

import json
import struct
import zlib
from typing import Any

STRING = 7  # type byte of a header that holds UTF-8 text
AROUND = 16  # bytes of a frame besides its headers and payload


def event_frame(event_type: str, payload: dict[str, Any]) -> bytes:
    """One event with a JSON payload."""
    headers = {
        ":event-type": event_type,
        ":content-type": "application/json",
        ":message-type": "event",
    }
    return frame(headers, json.dumps(payload).encode())


def exception_frame(name: str, message: str) -> bytes:
    """An error in the middle of a stream."""
    headers = {
        ":exception-type": name,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return frame(headers, json.dumps({"message": message}).encode())


def frame(headers: dict[str, str], payload: bytes) -> bytes:
    packed = b"".join(_header(name, value) for name, value in headers.items())
    prelude = struct.pack("!II", AROUND + len(packed) + len(payload), len(packed))
    message = prelude + _crc(prelude) + packed + payload
    return message + _crc(message)


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return struct.pack("!B", len(key)) + key + struct.pack("!BH", STRING, len(text)) + text


def _crc(data: bytes) -> bytes:
    return struct.pack("!I", zlib.crc32(data))
