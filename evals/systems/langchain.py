"""LangChain's default recipe: RecursiveCharacterTextSplitter 1000/200, its store in memory."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

from evals.collections import Collection
from evals.embedding import CachedEmbedder
from evals.measures import Place
from evals.systems.passages import passages
from evals.systems.port import MOST_HITS, Search


def build(collection: Collection, embed: CachedEmbedder) -> dict[str, Search]:
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    documents = [
        Document(each.text, metadata={"source": each.key, "page": each.page})
        for each in passages(collection)
    ]
    store = InMemoryVectorStore(_Embeddings(embed))
    store.add_documents(splitter.split_documents(documents))

    def search(question: str, document: str | None) -> list[Place]:
        def within(found: Document) -> bool:
            return document in (None, found.metadata["source"])

        hits = store.similarity_search(question, k=MOST_HITS, filter=within)
        return [(hit.metadata["source"], hit.metadata["page"]) for hit in hits]

    return {"langchain": search}


class _Embeddings(Embeddings):
    def __init__(self, embed: CachedEmbedder) -> None:
        self._embed = embed

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._embed.beginnings(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]
