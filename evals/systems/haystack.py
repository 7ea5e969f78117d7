"""Haystack's defaults: DocumentSplitter of 200 words, its store in memory, dense and BM25."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from evals.collections import Collection
from evals.embedding import CachedEmbedder
from evals.measures import Place
from evals.systems.passages import Passage, passages
from evals.systems.port import MOST_HITS, Search


def build(collection: Collection, embed: CachedEmbedder) -> dict[str, Search]:
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # read at the import
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    store = InMemoryDocumentStore(shared=False)
    store.write_documents(_chunks(passages(collection), embed))
    dense, words = InMemoryEmbeddingRetriever(store), InMemoryBM25Retriever(store)

    def by_meaning(question: str, document: str | None) -> list[Place]:
        vector = embed.beginnings([question])[0].tolist()
        found = dense.run(vector, filters=_within(document), top_k=MOST_HITS)
        return [_place(hit.meta) for hit in found["documents"]]

    def by_words(question: str, document: str | None) -> list[Place]:
        found = words.run(question, filters=_within(document), top_k=MOST_HITS)
        return [_place(hit.meta) for hit in found["documents"]]

    return {"haystack": by_meaning, "haystack bm25": by_words}


def _chunks(pages: Sequence[Passage], embed: CachedEmbedder) -> list[Any]:
    """Its reader joins the pages of a PDF by form feeds, by which its splitter counts them."""
    from haystack import Document
    from haystack.components.preprocessors import DocumentSplitter

    wholes = []
    for key, some in groupby(pages, key=lambda passage: passage.key):
        texts = {passage.page or 1: passage.text for passage in some}
        paged = "\f".join(texts.get(number, "") for number in range(1, max(texts) + 1))
        wholes.append(Document(content=paged, meta={"key": key, "paged": key.endswith(".pdf")}))
    splitter = DocumentSplitter()
    splitter.warm_up()
    chunks: list[Any] = splitter.run(wholes)["documents"]
    vectors = embed.beginnings([chunk.content or "" for chunk in chunks])
    return [
        replace(chunk, embedding=vector.tolist())
        for chunk, vector in zip(chunks, vectors, strict=True)
    ]


def _place(meta: dict[str, Any]) -> Place:
    return meta["key"], meta["page_number"] if meta["paged"] else None


def _within(document: str | None) -> dict[str, Any] | None:
    if document is None:
        return None
    return {"field": "meta.key", "operator": "==", "value": document}
