"""LlamaIndex's default pipeline: SentenceSplitter 1024/200 (tokens), its vector store in memory."""

from __future__ import annotations

from typing import Any

from evals.collections import Collection
from evals.embedding import CachedEmbedder
from evals.measures import Place
from evals.systems.passages import passages
from evals.systems.port import MOST_HITS, Search


def build(collection: Collection, embed: CachedEmbedder) -> dict[str, Search]:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.vector_stores import MetadataFilter, MetadataFilters

    documents = [
        Document(
            text=each.text,
            metadata={"file_name": each.key, "page_label": str(each.page or "")},
            excluded_embed_metadata_keys=["file_name"],  # as its SimpleDirectoryReader does
        )
        for each in passages(collection)
    ]
    index = VectorStoreIndex.from_documents(
        documents, transformations=[SentenceSplitter()], embed_model=_embedding(embed)
    )

    def search(question: str, document: str | None) -> list[Place]:
        within = [MetadataFilter(key="file_name", value=document)] if document else []
        filters = MetadataFilters(filters=within) if within else None
        retriever = index.as_retriever(similarity_top_k=MOST_HITS, filters=filters)
        return [_place(hit.metadata) for hit in retriever.retrieve(question)]

    return {"llamaindex": search}


def _place(metadata: dict[str, Any]) -> Place:
    return metadata["file_name"], int(metadata["page_label"]) if metadata["page_label"] else None


def _embedding(embed: CachedEmbedder) -> Any:
    from llama_index.core.embeddings import BaseEmbedding

    class Embedding(BaseEmbedding):  # type: ignore[misc]  # unknown where not installed
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = embed.beginnings(texts).tolist()
            return vectors

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embeddings([query])[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return Embedding(embed_batch_size=1000)
