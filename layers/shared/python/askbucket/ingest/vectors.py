"""Embeddings of a document's chunks, made once for every text and model.

An empty vector stands for "the model refused it for its length", so that it is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from askbucket.artifacts import Artifacts, text_hash, vectors_from_bytes, vectors_to_bytes
from askbucket.clock import Deadline
from askbucket.embedders import Embedder
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.chunking import halves_of
from askbucket.models import Chunk

BLOCK_CHUNKS = 100
Vectors = dict[str, list[float]]  # by text hash


@dataclass(frozen=True, slots=True)
class Embedded:
    """Chunks, renumbered after those too long were cut, their vectors, and how many were new."""

    chunks: tuple[Chunk, ...]
    vectors: tuple[Sequence[float], ...]
    new: int


class VectorArtifacts:
    """Vectors kept under `{document id}/{content}/{model and variant}/`."""

    def __init__(self, artifacts: Artifacts, document_id: str, embedder: Embedder) -> None:
        self._artifacts = artifacts
        self._document_id = document_id
        self._embedder = embedder
        spec = embedder.spec
        self._folder = f"{spec.model_id}-{spec.dimensions}-{spec.variant}".replace(":", "-")

    def embed(
        self,
        chunks: Sequence[Chunk],
        content: str,
        former: str | None,
        deadline: Deadline,
        *,
        grew: bool = False,
    ) -> Embedded:
        """Vectors of all chunks; those of an unchanged text come from this content or the former.

        Raises OutOfTime between two blocks, which are kept as they are made, even where a fault
        ends the work; `grew` tells whether this attempt has kept something before.
        """
        known = self._known(former) if former and former != content else {}
        there = self._known(content)
        known |= there
        block_number, new = len(self._keys(content)), 0
        done: list[Chunk] = []
        for block in _blocks(chunks):
            missing = [chunk for chunk in block if text_hash(chunk.searched) not in known]
            if missing and deadline.near:
                message = f"embedded {len(done)} of {len(chunks)} chunks"
                raise OutOfTime(message, grew=grew or new > 0)
            used, fitting, fault = self._embed_fitting(block, known)
            new += sum(1 for name, vector in used.items() if vector and name not in known)
            known |= used
            done += fitting
            unsaved = {name: vector for name, vector in used.items() if name not in there}
            if unsaved:
                self._artifacts.put(self._key(content, block_number), vectors_to_bytes(unsaved))
                block_number += 1
                there |= unsaved
            if fault:
                raise fault
        numbered = tuple(replace(chunk, number=number) for number, chunk in enumerate(done))
        return Embedded(
            numbered, tuple(known[text_hash(chunk.searched)] for chunk in numbered), new
        )

    def _embed_fitting(
        self, block: Sequence[Chunk], known: Vectors
    ) -> tuple[Vectors, list[Chunk], TryAgain | None]:
        """Every vector and refusal the block needs, the block with every chunk that was too long
        cut in two, and the fault that ended it, if one did."""
        used: Vectors = {}
        fitting = list(block)
        while True:
            texts = {text_hash(chunk.searched): chunk.searched for chunk in fitting}
            used |= {name: known[name] for name in texts if name in known}
            missing = [name for name in texts if name not in used]
            outcomes = self._embedder.embed_all([texts[name] for name in missing])
            faults = [each for each in outcomes if isinstance(each, TryAgain)]
            for name, outcome in zip(missing, outcomes, strict=True):
                if not isinstance(outcome, TryAgain):
                    used[name] = outcome or []
            if faults:
                return used, fitting, faults[0]
            refused = {name for name in texts if not used[name]}
            if not refused:
                return used, fitting, None
            fitting = [piece for chunk in fitting for piece in _cut(chunk, refused)]

    def _known(self, content: str) -> Vectors:
        known: Vectors = {}
        for key in self._keys(content):
            data = self._artifacts.get(key)
            known |= vectors_from_bytes(data) if data else {}
        return known

    def _keys(self, content: str) -> list[str]:
        return self._artifacts.keys(f"{self._document_id}/{content}/{self._folder}/")

    def _key(self, content: str, block: int) -> str:
        return f"{self._document_id}/{content}/{self._folder}/vectors-{block:05d}"


def _blocks(chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
    for start in range(0, len(chunks), BLOCK_CHUNKS):
        yield chunks[start : start + BLOCK_CHUNKS]


def _cut(chunk: Chunk, refused: set[str]) -> tuple[Chunk, ...]:
    return halves_of(chunk) if text_hash(chunk.searched) in refused else (chunk,)
