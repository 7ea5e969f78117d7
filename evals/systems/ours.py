"""The product's own way: its readers, chunker, sparse vectors, retriever and fusion, as wired.

Only what stands at its ends is replaced: the store by one that searches exactly, the manifest by a
shelf on which every document is ready, the embedder by the same model in this process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from askbucket import wiring, wiring_answers
from askbucket.answer.question import Scope
from askbucket.answer.retrieval import Retriever
from askbucket.entry import Entry, Listing
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.searched import meaning_of
from askbucket.ingest.staging import Staging
from askbucket.ingest.trail import title_of
from askbucket.ingest.vectors import VectorChunk
from askbucket.models import DEFAULT_TENANT, Status
from askbucket.models import Document as Keyed
from evals.collections import Collection, Document
from evals.embedding import CachedEmbedder, EmbedderPort, fitting
from evals.measures import Place
from evals.memory_store import MemoryStore
from evals.systems.port import MOST_HITS, Search
from evals.wired import BUCKET, wired

GENERATION = 1
WEIGHTED = ("ASKBUCKET_DENSE_WEIGHT", "ASKBUCKET_FOREIGN_DENSE_WEIGHT")
WEIGHTS = {"bm25": "0", "dense": "1"}  # one of the two lists alone


class Shelf:
    """A manifest to read from: every document ready and settled long ago."""

    def __init__(self, keys: Sequence[str]) -> None:
        documents = [Keyed(BUCKET, key) for key in sorted(keys)]
        self._entries = {each.id: _ready(each) for each in documents}

    def get(self, document_id: str) -> Entry | None:
        return self._entries.get(document_id)

    def get_many(self, ids: Sequence[str]) -> dict[str, Entry]:
        return {each: self._entries[each] for each in ids if each in self._entries}

    def list(self, bucket: str, *, prefix: str = "", key: str | None = None, **_: Any) -> Listing:
        """All at once, in key order."""
        entries = (each for each in self._entries.values() if each.document.bucket == bucket)
        return Listing(
            tuple(
                each
                for each in entries
                if each.document.key.startswith(prefix) and key in (None, each.document.key)
            )
        )


def build(collection: Collection, embed: CachedEmbedder) -> dict[str, Search]:
    """As wired, and with each of the two lists alone."""
    store, shelf = MemoryStore(), Shelf([each.key for each in collection.documents])
    parts: dict[str, Any] = {"store": store, "manifest": shelf, "embedder": EmbedderPort(embed)}
    with wired(**parts):
        of = wiring.settings()
        chunker = Chunker(of.chunk_chars, of.chunk_overlap_chars)
    for document in collection.documents:
        _index(document, chunker, embed, store)
    ways: dict[str, Mapping[str, str]] = {"ours": {}}
    for name, weight in WEIGHTS.items():
        ways[name] = dict.fromkeys(WEIGHTED, weight)
    return {name: _search(variables, parts) for name, variables in ways.items()}


def _ready(document: Keyed) -> Entry:
    return Entry(
        document,
        DEFAULT_TENANT,
        generation=GENERATION,
        committed=GENERATION,
        active=GENERATION,
        active_version="v",
        status=Status.READY,
    )


def _index(document: Document, chunker: Chunker, embed: CachedEmbedder, store: MemoryStore) -> None:
    """Every chunk staged, cut as the product cuts what the model refuses for its length."""
    title = title_of(document.key)
    chunks = fitting(chunker.chunks(document.pages, paged=document.paged, title=title))
    if chunks:
        vectors = embed([meaning_of(chunk) for chunk in chunks]).tolist()
        block = [
            VectorChunk(replace(chunk, number=number), vector)
            for number, (chunk, vector) in enumerate(zip(chunks, vectors, strict=True))
        ]
        staging = Staging(store, Keyed(BUCKET, document.key), DEFAULT_TENANT)
        staging.stage(GENERATION, "v", {}, [block])


def _search(variables: Mapping[str, str], parts: Mapping[str, Any]) -> Search:
    with wired(variables, **parts):
        retriever = wiring_answers.retriever()

    def search(question: str, document: str | None) -> list[Place]:
        return _places(retriever, question, document)

    return search


def _places(retriever: Retriever, question: str, document: str | None) -> list[Place]:
    scope = Scope(document=document)
    hits = retriever(question, scope=scope, tenant=DEFAULT_TENANT, top_k=MOST_HITS)
    return [(hit.document, hit.page) for hit in hits]
