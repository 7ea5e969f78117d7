"""A question's embedding as a step of its trace, with its tokens and dollars."""

from __future__ import annotations

from collections.abc import Sequence

from askbucket.bill import billed
from askbucket.embedders import Embedder
from askbucket.errors import TryAgain
from askbucket.tracing import Tracer


class TracedEmbedder:
    """The same vectors; what a question's took is seen in its trace."""

    def __init__(self, embedder: Embedder, tracer: Tracer) -> None:
        self.spec = embedder.spec
        self._embedder = embedder
        self._tracer = tracer

    @property
    def tokens(self) -> int:
        return self._embedder.tokens

    def embed_all(self, texts: Sequence[str]) -> Sequence[list[float] | TryAgain | None]:
        return self._embedder.embed_all(texts)

    def embed_question(self, text: str) -> list[float]:
        """A vector says nothing to people: only what it took is traced."""
        model = self.spec.model_id
        with (
            self._tracer.span("embedding", "embedding", model=model, input=text) as span,
            billed() as bill,
        ):
            vector = self._embedder.embed_question(text)
            span.end(usage=bill.usage)
        return vector
