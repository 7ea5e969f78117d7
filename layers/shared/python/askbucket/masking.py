"""What a trace shows of text: all of it, or only its length and a keyed hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

# Names of values that name or count things; every other string is taken for somebody's words.
PLAIN = frozenset({
    "chunk", "document_id", "ingest_trace", "mode", "model", "outcome", "prompt", "role", "source",
    "status", "step", "tenant", "trace", "version", "why",
})  # fmt: skip
HASH_DIGITS = 12


class Mask:
    """Replaces every string but those under the names in PLAIN, at any depth.

    What is forgotten in that list is hidden, not shown. The hash is keyed: equal texts are seen to
    be equal, and nobody without the key can try out what a short one says.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(f"mask {secret}".encode()).digest()

    def __call__(self, value: Any, name: str = "") -> Any:
        """A copy of JSON-like `value`; numbers, booleans and None stay."""
        if isinstance(value, str):
            return str(value) if name in PLAIN else self.text(value)
        if isinstance(value, Mapping):
            return {each: self(inner, each) for each, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self(inner, name) for inner in value]
        return value if value is None or isinstance(value, int | float) else self.text(str(value))

    def text(self, text: str) -> str:
        """`[34 characters, 1a2b3c4d5e6f]`."""
        return f"[{len(text)} characters, {self.hash(text)}]"

    def hash(self, text: str) -> str:
        words = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(words, key=self._key).hexdigest()[:HASH_DIGITS]


class NoMask:
    """Shows everything as it is."""

    def __call__(self, value: Any) -> Any:
        return value

    def hash(self, text: str) -> str:
        """The text itself."""
        return text
