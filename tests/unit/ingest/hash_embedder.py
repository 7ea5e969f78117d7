"""A deterministic embedder that takes microseconds."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

from askbucket.embedders import EmbedderSpec

DIMENSIONS = 16


class HashEmbedder:
    """Word hashes as vectors; texts over `longest` characters are refused. Counts what it did.

    A word is a token.
    """

    spec = EmbedderSpec("tests.hash", DIMENSIONS, "v1", 1_000_000, 1_000_000, "tests")

    def __init__(self, longest: int = 10_000) -> None:
        self.longest = longest
        self.embedded: list[str] = []
        self.tokens = 0

    def embed_all(self, texts: Sequence[str]) -> list[list[float] | None]:
        fitting = [each for each in texts if len(each) <= self.longest]
        self.embedded += fitting
        self.tokens += sum(len(each.split()) for each in fitting)
        return [hash_vector(each) if len(each) <= self.longest else None for each in texts]

    def embed_question(self, text: str) -> list[float]:
        return hash_vector(text)


def hash_vector(text: str) -> list[float]:
    """A unit vector; the same words give the same one."""
    sums = [1e-3] * DIMENSIONS
    for word in text.split():
        number = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:4], "big")
        sums[number % DIMENSIONS] += 1.0
    length = math.sqrt(sum(each * each for each in sums))
    return [each / length for each in sums]
