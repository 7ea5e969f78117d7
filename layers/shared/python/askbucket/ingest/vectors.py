"""Embeddings of a document's chunks, made once for every text and model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from askbucket.artifacts import Artifacts, text_hash, vectors_from_bytes, vectors_to_bytes
from askbucket.clock import Deadline
from askbucket.embedders import Embedder
from askbucket.errors import OutOfTime
from askbucket.ingest.chunking import halves_of
from askbucket.models import Chunk

BLOCK_CHUNKS = 100


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
        self, chunks: Sequence[Chunk], content: str, former: str | None, deadline: Deadline
    ) -> Embedded:
        """Vectors of all chunks; those of an unchanged text come from this content or the former.

        Raises OutOfTime between two blocks, which are kept as they are made.
        """
        known = self._known(former) if former and former != content else {}
        there = self._known(content)
        known |= there
        block_number, new = len(self._keys(content)), 0
        done: list[Chunk] = []
        for block in _blocks(chunks):
            missing = [chunk for chunk in block if text_hash(chunk.text) not in known]
            if missing and deadline.near:
                raise OutOfTime(f"embedded {len(done)} of {len(chunks)} chunks", grew=new > 0)
            fresh, fitting = self._embed_fitting(block, known)
            done += fitting
            new += len(fresh)
            known |= fresh
            used = {text_hash(chunk.text): known[text_hash(chunk.text)] for chunk in fitting}
            unsaved = {name: vector for name, vector in used.items() if name not in there}
            if unsaved:
                self._artifacts.put(self._key(content, block_number), vectors_to_bytes(unsaved))
                block_number += 1
                there |= unsaved
        numbered = tuple(replace(chunk, number=number) for number, chunk in enumerate(done))
        return Embedded(numbered, tuple(known[text_hash(chunk.text)] for chunk in numbered), new)

    def _embed_fitting(
        self, block: Sequence[Chunk], known: dict[str, list[float]]
    ) -> tuple[dict[str, list[float]], list[Chunk]]:
        """New vectors by text hash, and the block with every chunk that was too long cut in two."""
        fresh: dict[str, list[float]] = {}
        fitting = list(block)
        while True:
            missing = {
                text_hash(chunk.text): chunk.text
                for chunk in fitting
                if text_hash(chunk.text) not in known and text_hash(chunk.text) not in fresh
            }
            vectors = self._embedder.embed_all(list(missing.values()))
            refused = {
                name for name, vector in zip(missing, vectors, strict=True) if vector is None
            }
            fresh |= {
                name: vector
                for name, vector in zip(missing, vectors, strict=True)
                if vector is not None
            }
            if not refused:
                return fresh, fitting
            fitting = [piece for chunk in fitting for piece in _cut(chunk, refused)]

    def _known(self, content: str) -> dict[str, list[float]]:
        known: dict[str, list[float]] = {}
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
    return halves_of(chunk) if text_hash(chunk.text) in refused else (chunk,)
