"""Messages over a pipe: a JSON object, and bytes that go with it.

Not pickle, as multiprocessing has it: who reads a message must not run what the sender packed.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

SIZES = struct.Struct(">II")  # bytes of the header, bytes of the body
MOST_HEADER_BYTES = 2**16
Take = Callable[[int], bytes]
"""Exactly so many bytes from the other side; raises EOFError where it has ended."""


class Frame(NamedTuple):
    """One message."""

    header: dict[str, Any]
    body: bytes = b""


def packed(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    head = json.dumps(header).encode()
    return SIZES.pack(len(head), len(body)) + head + body


def unpacked(take: Take, most_bytes: int) -> Frame:
    """The next message. Raises ValueError where it is none or its body is over `most_bytes`."""
    head, body = SIZES.unpack(take(SIZES.size))
    if head > MOST_HEADER_BYTES or body > most_bytes:
        raise ValueError(f"a message of {head} and {body} bytes is too large")
    header = json.loads(take(head))
    if not isinstance(header, dict):
        raise ValueError("a message's header is no object")
    return Frame(header, take(body))
