"""Embeddings of a document's chunks, made once for every text and model.

Two passes over the same chunks: `embed` sees to it that every vector is kept, a block at a time,
and `embedded` hands chunks and vectors out, a block at a time. In between only names of texts are
held, so memory does not grow by vectors. An empty vector stands for "the model refused it for its
length": such a chunk is cut in two, by both passes alike.
"""

from __future__ import annotations

import itertools
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from askbucket.artifacts import (
    Artifacts,
    Cleared,
    text_hash,
    vectors_from_bytes,
    vectors_to_bytes,
)
from askbucket.clock import Deadline
from askbucket.embedders import Embedder
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.chunking import halves_of
from askbucket.ingest.searched import meaning_of
from askbucket.models import Chunk

BLOCK_CHUNKS = 100
CACHED_BLOCKS = 8  # blocks of vectors in memory: 400 kB each at 1,024 dimensions
Vectors = dict[str, "array[float]"]  # 32-bit floats by text hash


@dataclass(frozen=True, slots=True)
class Embedded:
    """How many chunks there are after those too long were cut, and how many vectors were new."""

    chunks: int
    new: int


@dataclass(frozen=True, slots=True)
class VectorChunk:
    """A chunk, numbered through the document, and its unit vector."""

    chunk: Chunk
    vector: array[float]


@dataclass(slots=True)
class _Work:
    """A block of chunks being embedded: the chunks as cut so far, the names of all texts that were
    needed, vectors and refusals not known before, the tokens these took, and the fault that ended
    it, if one did."""

    chunks: list[Chunk]
    used: set[str] = field(default_factory=set)
    made: Vectors = field(default_factory=dict)
    tokens: int = 0
    fault: TryAgain | None = None


class VectorArtifacts:
    """Vectors kept under `{document id}/{content}/{model and variant}/`."""

    def __init__(
        self, artifacts: Artifacts, document_id: str, content: str, embedder: Embedder
    ) -> None:
        self._artifacts = artifacts
        self._document_id = document_id
        self._embedder = embedder
        self.spec = spec = embedder.spec
        self._folder = f"{spec.model_id}-{spec.dimensions}-{spec.variant}".replace(":", "-")
        self._prefix = self._prefix_of(content)
        self._where: dict[str, str] = {}  # text hash -> key of the block that holds its vector
        self._refused: set[str] = set()  # text hashes
        self._recent: OrderedDict[str, Vectors] = OrderedDict()  # blocks by key, newest last

    def embed(
        self,
        chunks: Iterable[Chunk],
        former: str | None,
        deadline: Deadline,
        *,
        grew: bool = False,
        progress: Callable[[int], None] = lambda _: None,
        paid: Callable[[int], None] = lambda _: None,
    ) -> Embedded:
        """Keeps a vector of every chunk; those of an unchanged text come from this content or the
        former one.

        `progress` hears how many chunks are done, `paid` of the tokens of each block. Raises
        OutOfTime between two blocks, which are kept as they are made, even where a fault ends the
        work; `grew` tells whether this attempt has kept something before.
        """
        self._learn(self._prefix_of(former) if former else None, self._prefix)
        done = new = 0
        for block in _blocks(chunks):
            if deadline.near and not self._knows(block):
                raise OutOfTime(f"embedded {done} chunks", grew=grew or new > 0)
            work = self._worked(block)
            new += sum(1 for vector in work.made.values() if vector)
            self._keep(work)
            paid(work.tokens)
            if work.fault:
                raise work.fault
            done += len(work.chunks)
            progress(done)
        return Embedded(done, new)

    def embedded(self, chunks: Iterable[Chunk]) -> Iterator[list[VectorChunk]]:
        """Blocks of chunks with their vectors, once `embed` has seen the same chunks.

        Raises Cleared where vectors were cleared away meanwhile.
        """
        numbers = itertools.count()
        for block in _blocks(chunks):
            fitting = self._fitting(block)
            names = [text_hash(meaning_of(chunk)) for chunk in fitting]
            if not self._where.keys() >= set(names):
                raise Cleared("pages")  # and others took their place
            vectors = self._vectors(names)
            yield [
                VectorChunk(replace(chunk, number=next(numbers)), vectors[name])
                for chunk, name in zip(fitting, names, strict=True)
            ]

    def _worked(self, block: list[Chunk]) -> _Work:
        """The block with every chunk that was too long cut in two, as often as it takes."""
        work = _Work(block)
        while True:
            texts = {text_hash(meaning_of(chunk)): meaning_of(chunk) for chunk in work.chunks}
            self._ask({name: text for name, text in texts.items() if name not in self._where}, work)
            work.used |= texts.keys() & (self._where.keys() | work.made.keys())
            if work.fault or not self._refused & texts.keys():
                return work
            work.chunks = self._cut(work.chunks)

    def _ask(self, texts: Mapping[str, str], work: _Work) -> None:
        """Adds what the model makes of the texts, and its first fault."""
        missing = [name for name in texts if name not in work.made]
        before = self._embedder.tokens
        outcomes = self._embedder.embed_all([texts[name] for name in missing]) if missing else []
        work.tokens += self._embedder.tokens - before
        for name, outcome in zip(missing, outcomes, strict=True):
            if isinstance(outcome, TryAgain):
                work.fault = work.fault or outcome
            else:
                work.made[name] = array("f", outcome or ())
        self._refused |= {name for name in missing if not work.made.get(name, True)}

    def _fitting(self, block: list[Chunk]) -> list[Chunk]:
        """The block as `embed` cut it."""
        while any(text_hash(meaning_of(chunk)) in self._refused for chunk in block):
            block = self._cut(block)
        return block

    def _cut(self, chunks: Sequence[Chunk]) -> list[Chunk]:
        """The chunks, those that were refused in halves."""
        return [
            piece
            for chunk in chunks
            for piece in (
                halves_of(chunk) if text_hash(meaning_of(chunk)) in self._refused else (chunk,)
            )
        ]

    def _keep(self, work: _Work) -> None:
        """Stores in one block of this content what it does not hold yet.

        The block is named by what it holds: two attempts at work never overwrite each other's.
        """
        unsaved = sorted(
            name for name in work.used if not self._where.get(name, "").startswith(self._prefix)
        )
        if not unsaved:
            return
        vectors = work.made | self._vectors([name for name in unsaved if name not in work.made])
        key = f"{self._prefix}vectors-{text_hash(' '.join(unsaved))}"
        block = {name: vectors[name] for name in unsaved}
        self._artifacts.put(key, vectors_to_bytes(block))
        self._remember(key, block)
        self._where |= dict.fromkeys(unsaved, key)

    def _vectors(self, names: Sequence[str]) -> Vectors:
        """Each block that holds some of them is read once."""
        found: Vectors = {}
        for key in dict.fromkeys(self._where[name] for name in names):
            block = self._block(key)
            found |= {name: block[name] for name in names if self._where[name] == key}
        return found

    def _knows(self, block: Sequence[Chunk]) -> bool:
        return all(text_hash(meaning_of(chunk)) in self._where for chunk in block)

    def _learn(self, *prefixes: str | None) -> None:
        """Where the vectors kept under the prefixes lie; of two, the later counts."""
        for prefix in dict.fromkeys(filter(None, prefixes)):
            for key in self._artifacts.keys(prefix):
                block = self._block(key)
                self._where |= dict.fromkeys(block, key)
                self._refused |= {name for name, vector in block.items() if not vector}

    def _block(self, key: str) -> Vectors:
        """A kept block. Raises Cleared where it no longer is."""
        block = self._recent.get(key)
        if block is None:
            data = self._artifacts.get(key)
            if data is None:
                raise Cleared("vectors")
            block = {name: array("f", each) for name, each in vectors_from_bytes(data).items()}
        self._remember(key, block)
        return block

    def _remember(self, key: str, block: Vectors) -> None:
        self._recent[key] = block
        self._recent.move_to_end(key)
        if len(self._recent) > CACHED_BLOCKS:
            self._recent.popitem(last=False)

    def _prefix_of(self, content: str) -> str:
        return f"{self._document_id}/{content}/{self._folder}/"


def _blocks(chunks: Iterable[Chunk]) -> Iterator[list[Chunk]]:
    rest = iter(chunks)
    while block := list(itertools.islice(rest, BLOCK_CHUNKS)):
        yield block
