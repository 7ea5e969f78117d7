"""Vectors of the offline embedder, each text embedded once: they are most of the time taken."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from askbucket.artifacts import text_hash
from askbucket.embedders import EMBEDDERS
from askbucket.errors import TryAgain
from askbucket.ingest.chunking import halves_of
from askbucket.ingest.searched import meaning_of
from askbucket.models import Chunk
from local.bedrock.minilm import MAX_TOKENS, MiniLM, Vector, tokens

THREADS = 2
KEPT_AT_ONCE = 200  # texts embedded between two commits, so that a break loses little
Vectors = NDArray[np.float32]


class CachedEmbedder:
    """MiniLM, its vectors kept in the folder's `vectors.sqlite` by the hash of their text."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._model = MiniLM(folder)
        self._kept = sqlite3.connect(folder / "vectors.sqlite", timeout=60, check_same_thread=False)
        self._kept.execute(
            "CREATE TABLE IF NOT EXISTS vectors (name TEXT PRIMARY KEY, floats BLOB)"
        )

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """A unit vector of 384 floats for each text, in order. Raises TooManyTokensError."""
        return self._vectors(texts, self._model.embed)

    def beginnings(self, texts: Sequence[str]) -> Vectors:
        """The same of the first 256 tokens, which is what the model's own library embeds."""
        return self._vectors(texts, self._model.sentence_vector)

    def _vectors(self, texts: Sequence[str], embed: Callable[[str], Vector]) -> Vectors:
        names = [text_hash(text) for text in texts]
        named = dict(zip(names, texts, strict=True))
        missing = [name for name in named if self._get(name) is None]
        with ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, len(missing), KEPT_AT_ONCE):
                if len(missing) > KEPT_AT_ONCE:
                    click.echo(f"  embedding: {start:,} of {len(missing):,}", err=True)
                some = missing[start : start + KEPT_AT_ONCE]
                vectors = pool.map(embed, [named[name] for name in some])
                self._put(zip(some, vectors, strict=True))
        return np.array([np.frombuffer(self._get(name) or b"", np.float32) for name in names])

    def _get(self, name: str) -> bytes | None:
        row = self._kept.execute("SELECT floats FROM vectors WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _put(self, vectors: Iterable[tuple[str, Vectors]]) -> None:
        rows = [(name, vector.tobytes()) for name, vector in vectors]
        with self._kept:
            self._kept.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)


class EmbedderPort:
    """The product's port of an embedder over kept vectors; too long for the model is None."""

    spec = EMBEDDERS["askbucket.minilm-l6-v2"]
    tokens = 0

    def __init__(self, embed: CachedEmbedder) -> None:
        self._embed = embed

    def embed_all(self, texts: Sequence[str]) -> list[list[float] | TryAgain | None]:
        fits = [tokens(text) <= MAX_TOKENS for text in texts]
        short = [text for text, fit in zip(texts, fits, strict=True) if fit]
        vectors = iter(self._embed(short).tolist())
        return [next(vectors) if fit else None for fit in fits]

    def embed_question(self, text: str) -> list[float]:
        vector: list[float] = self._embed([text])[0].tolist()
        return vector


def fitting(chunks: Iterable[Chunk], embedded: Callable[[Chunk], str] = meaning_of) -> list[Chunk]:
    """The chunks with those cut that the model refuses for their length, as the product does it."""
    waiting, done = list(chunks)[::-1], []
    while waiting:
        chunk = waiting.pop()
        if tokens(embedded(chunk)) <= MAX_TOKENS:
            done.append(chunk)
        else:
            waiting += halves_of(chunk)[::-1]
    return done
