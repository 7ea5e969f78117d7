"""Embedding models as a table, and the one way to ask them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from askbucket.bill import charge
from askbucket.embedding_calls import Embedded, Purpose, cohere_body, embedded, titan_body
from askbucket.errors import TooLarge, TryAgain
from askbucket.models import Usage
from askbucket.prices import embedding_usd

REFUSALS = {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}
TOO_LONG = re.compile(
    r"too many (input )?tokens|too long|max(imum)? ?(input|length)|token limit", re.I
)


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """What must be known of a model before it is called.

    `variant` tells apart vectors that must not share a collection; `max_bytes` is a certain bound
    (a token covers at least one byte of UTF-8), so that a text within it is never cut off. Where
    the bound would be far too low it is none, and the model itself refuses what is too long.
    """

    model_id: str
    dimensions: int
    variant: str
    max_bytes: int
    max_chars: int
    provider: str
    texts_per_call: int = 1
    english_only: bool = False

    @property
    def name(self) -> str:
        """What settings call it: the id, and the dimensions where they are not the model's own."""
        short = self.dimensions < OWN_DIMENSIONS.get(self.model_id, 0)
        return f"{self.model_id}/{self.dimensions}" if short else self.model_id

    def surely_fits(self, text: str) -> bool:
        return (
            len(text) <= self.max_chars and len(text.encode("utf-8", "replace")) <= self.max_bytes
        )


TITAN, COHERE_V4 = "amazon.titan-embed-text-v2:0", "cohere.embed-v4:0"
OWN_DIMENSIONS = {TITAN: 1024, COHERE_V4: 1536}
UNBOUND = 1_000_000
EMBEDDERS = {
    spec.name: spec
    for spec in (
        *(EmbedderSpec(TITAN, n, "v2", 8192, 50_000, "amazon") for n in (1024, 512, 256)),
        # 512 tokens and 2,048 characters, whichever comes first: the model counts the tokens.
        EmbedderSpec("cohere.embed-english-v3", 1024, "v3", UNBOUND, 2048, "cohere", 96, True),
        EmbedderSpec("cohere.embed-multilingual-v3", 1024, "v3", UNBOUND, 2048, "cohere", 96),
        *(
            EmbedderSpec(COHERE_V4, n, "v4", 128_000, 128_000, "cohere", 96)
            for n in (1536, 1024, 512, 256)
        ),
        # Its 256-token limit is the endpoint's to count: longer texts are refused, then split.
        EmbedderSpec("askbucket.minilm-l6-v2", 384, "fp32", UNBOUND, 50_000, "amazon", 1, True),
        # The same vectors, asked for as Cohere's are.
        EmbedderSpec(
            "askbucket.minilm-l6-v2-cohere", 384, "fp32", UNBOUND, 2048, "cohere", 96, True
        ),
    )
}


class TooLongForEmbedder(Exception):
    """The model refused the text for its length: cut it in two."""


class Embedder(Protocol):
    """Texts to vectors of `spec.dimensions` floats, of unit length, in the order given.

    `tokens` is how many the model has counted so far; it only grows.
    """

    spec: EmbedderSpec

    @property
    def tokens(self) -> int: ...

    def embed_all(self, texts: Sequence[str]) -> Sequence[list[float] | TryAgain | None]:
        """One vector for each text; None where the model refused it for its length.

        The first fault ends it and stands for every text without a vector: the others are paid for.
        """

    def embed_question(self, text: str) -> list[float]:
        """What it took goes on the bill. Raises TooLarge where the question is longer than the
        model takes."""


class BedrockEmbedder:
    """A Bedrock embedding model, or whatever answers at the Bedrock runtime endpoint."""

    def __init__(self, client: Any, spec: EmbedderSpec, parallel: int) -> None:
        self.spec = spec
        self._client = client
        self._parallel = parallel
        self._tokens = 0
        self._counting = Lock()

    @property
    def tokens(self) -> int:
        return self._tokens

    def embed_all(self, texts: Sequence[str]) -> list[list[float] | TryAgain | None]:
        """As many texts to a call as the model takes; those too long to be sent are not sent."""
        sent = [place for place, text in enumerate(texts) if self.spec.surely_fits(text)]
        size = self.spec.texts_per_call
        batches = [sent[start : start + size] for start in range(0, len(sent), size)]
        with ThreadPoolExecutor(self._parallel) as pool:
            calls = [
                pool.submit(self._embed_batch, [texts[place] for place in batch])
                for batch in batches
            ]
            wait(calls, return_when=FIRST_EXCEPTION)
            for call in calls:
                call.cancel()
        outcomes: list[list[float] | TryAgain | None] = [None] * len(texts)
        for batch, call in zip(batches, calls, strict=True):
            for place, outcome in zip(batch, _outcomes(call, len(batch)), strict=True):
                outcomes[place] = outcome
        return outcomes

    def embed_question(self, text: str) -> list[float]:
        try:
            if not self.spec.surely_fits(text):
                raise TooLongForEmbedder
            asked = self._asked([text], "search_query")
        except TooLongForEmbedder as error:
            raise TooLarge(
                f"the question is longer than {self.spec.model_id} takes; ask it in fewer words"
            ) from error
        charge(Usage(asked.tokens, usd=embedding_usd(self.spec.model_id, asked.tokens)))
        return asked.vectors[0]

    def _embed_batch(self, texts: list[str]) -> list[list[float] | None]:
        """One vector for each text, None for those too long. A refusal does not say which text was
        meant, so that halves are tried."""
        try:
            return list(self._asked(texts, "search_document").vectors)
        except TooLongForEmbedder:
            if len(texts) == 1:
                return [None]
            half = len(texts) // 2
            return self._embed_batch(texts[:half]) + self._embed_batch(texts[half:])

    def _asked(self, texts: Sequence[str], purpose: Purpose) -> Embedded:
        """Raises TooLongForEmbedder or TryAgain."""
        try:
            made = embedded(self._client, self.spec.model_id, self._body(texts, purpose))
        except ClientError as error:
            raise self._fault(error) from error
        except BotoCoreError as error:
            raise TryAgain(f"the embedding model cannot be reached: {error}") from error
        with self._counting:
            self._tokens += made.tokens
        return made

    def _body(self, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        if self.spec.provider == "cohere":
            return cohere_body(texts, purpose, self.spec.model_id, self.spec.dimensions)
        return titan_body(texts, self.spec.dimensions)

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


def _outcomes(
    call: Future[list[list[float] | None]], texts: int
) -> Sequence[list[float] | TryAgain | None]:
    if call.cancelled():
        return [TryAgain("not embedded: another text met a fault")] * texts
    fault = call.exception()
    return [fault] * texts if isinstance(fault, TryAgain) else call.result()
