"""Embedding models as a table, and the one way to call them: langchain-aws's BedrockEmbeddings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import BedrockEmbeddings

from askbucket.errors import TooLarge, TryAgain

REFUSALS = {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}
TOO_LONG = re.compile(
    r"too many (input )?tokens|too long|max(imum)? ?(input|length)|token limit", re.I
)


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """What must be known of a model before it is called.

    `variant` tells apart vectors that must not share a collection; `max_bytes` is a certain bound
    (a token covers at least one byte of UTF-8), so that a text within it is never cut off;
    `usd_per_million_tokens` is the list price in us-east-1 of 2026-08.
    """

    model_id: str
    dimensions: int
    variant: str
    max_bytes: int
    max_chars: int
    provider: str
    usd_per_million_tokens: float

    def surely_fits(self, text: str) -> bool:
        return (
            len(text) <= self.max_chars and len(text.encode("utf-8", "replace")) <= self.max_bytes
        )


EMBEDDERS = {
    spec.model_id: spec
    for spec in (
        EmbedderSpec("amazon.titan-embed-text-v2:0", 1024, "v2", 8192, 50_000, "amazon", 0.02),
        # Its 256-token limit is the endpoint's to count: longer texts are refused, then split.
        EmbedderSpec("askbucket.minilm-l6-v2", 384, "fp32", 1_000_000, 50_000, "amazon", 0.0),
    )
}


class TooLongForEmbedder(Exception):
    """The model refused the text for its length: cut it in two."""


class Embedder(Protocol):
    """Texts to vectors of `spec.dimensions` floats, of unit length, in the order given."""

    spec: EmbedderSpec

    def embed_all(self, texts: Sequence[str]) -> Sequence[list[float] | TryAgain | None]:
        """One vector for each text; None where the model refused it for its length.

        The first fault ends it and stands for every text without a vector: the others are paid for.
        """

    def embed_question(self, text: str) -> list[float]:
        """Raises TooLarge where the question is longer than the model takes."""


class BedrockEmbedder:
    """A Bedrock embedding model, or whatever answers at the Bedrock runtime endpoint."""

    def __init__(self, client: object, spec: EmbedderSpec, parallel: int) -> None:
        self.spec = spec
        self._parallel = parallel
        self._model = BedrockEmbeddings(
            client=client,
            model_id=spec.model_id,
            provider=spec.provider,
            dimensions=spec.dimensions,
            normalize=True,
        )

    def embed_all(self, texts: Sequence[str]) -> list[list[float] | TryAgain | None]:
        with ThreadPoolExecutor(self._parallel) as pool:
            calls = [pool.submit(self._embed_or_none, text) for text in texts]
            wait(calls, return_when=FIRST_EXCEPTION)
            for call in calls:
                call.cancel()
        return [_outcome(call) for call in calls]

    def embed_question(self, text: str) -> list[float]:
        try:
            return self._embed(text)
        except TooLongForEmbedder as error:
            raise TooLarge(
                f"the question is longer than {self.spec.model_id} takes; ask it in fewer words"
            ) from error

    def _embed_or_none(self, text: str) -> list[float] | None:
        try:
            return self._embed(text)
        except TooLongForEmbedder:
            return None

    def _embed(self, text: str) -> list[float]:
        if not self.spec.surely_fits(text):
            raise TooLongForEmbedder
        try:
            vector: list[float] = self._model.embed_query(text)
        except ClientError as error:
            raise self._fault(error) from error
        except BotoCoreError as error:
            raise TryAgain(f"the embedding model cannot be reached: {error}") from error
        return vector

    def _fault(self, error: ClientError) -> Exception:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code == "ValidationException" and TOO_LONG.search(message):
            return TooLongForEmbedder()
        if code in REFUSALS:
            return TryAgain(
                f"the embedding model {self.spec.model_id} refused: {message} "
                "(is it enabled for this account and region?)"
            )
        return TryAgain(f"the embedding model is busy: {message}")


def _outcome(call: Future[list[float] | None]) -> list[float] | TryAgain | None:
    if call.cancelled():
        return TryAgain("not embedded: another text met a fault")
    fault = call.exception()
    if isinstance(fault, TryAgain):
        return fault
    return call.result()
