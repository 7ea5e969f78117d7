"""Embedding models as a table, and the one way to call them: langchain-aws's BedrockEmbeddings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock, local
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import BedrockEmbeddings

from askbucket.bill import charge
from askbucket.errors import TooLarge, TryAgain
from askbucket.models import Usage
from askbucket.prices import embedding_usd

TOKENS_HEADER = "x-amzn-bedrock-input-token-count"
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

    def __init__(
        self,
        client: object,
        spec: EmbedderSpec,
        parallel: int,
        counted: TokenCount | None = None,
    ) -> None:
        self.spec = spec
        self._parallel = parallel
        self._counted = counted or TokenCount()
        self._model = BedrockEmbeddings(
            client=client,
            model_id=spec.model_id,
            provider=spec.provider,
            dimensions=spec.dimensions,
            normalize=True,
        )

    @property
    def tokens(self) -> int:
        return self._counted.tokens

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
        before = self._counted.here
        try:
            if not self.spec.surely_fits(text):
                raise TooLongForEmbedder
            vector: list[float] = self._asked(lambda: self._model.embed_query(text))
        except TooLongForEmbedder as error:
            raise TooLarge(
                f"the question is longer than {self.spec.model_id} takes; ask it in fewer words"
            ) from error
        tokens = self._counted.here - before
        charge(Usage(tokens, usd=embedding_usd(self.spec.model_id, tokens)))
        return vector

    def _embed_batch(self, texts: list[str]) -> list[list[float] | None]:
        """One vector for each text, None for those too long. A refusal does not say which text was
        meant, so that halves are tried."""
        try:
            return list(self._asked(lambda: self._model.embed_documents(texts)))
        except TooLongForEmbedder:
            if len(texts) == 1:
                return [None]
            half = len(texts) // 2
            return self._embed_batch(texts[:half]) + self._embed_batch(texts[half:])

    def _asked(self, ask: Callable[[], Any]) -> Any:
        """Raises TooLongForEmbedder or TryAgain."""
        try:
            return ask()
        except ClientError as error:
            raise self._fault(error) from error
        except BotoCoreError as error:
            raise TryAgain(f"the embedding model cannot be reached: {error}") from error

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


class TokenCount:
    """The tokens that replies of a boto3 client tell of in their headers: LangChain drops them."""

    def __init__(self) -> None:
        self.tokens = 0
        self._lock = Lock()
        self._own = local()

    @property
    def here(self) -> int:
        """Those of calls from this thread: other questions may be asked meanwhile."""
        return int(getattr(self._own, "tokens", 0))

    @classmethod
    def of(cls, client: Any) -> TokenCount:
        """A count of all that this client's models embed from now on."""
        counted = cls()
        client.meta.events.register("after-call.bedrock-runtime.InvokeModel", counted)
        return counted

    def __call__(self, parsed: Mapping[str, Any], **_: Any) -> None:
        """botocore's `after-call`, in the thread of the call."""
        told = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(TOKENS_HEADER, "")
        if told.isdecimal():
            self._own.tokens = self.here + int(told)
            with self._lock:
                self.tokens += int(told)


def _outcomes(
    call: Future[list[list[float] | None]], texts: int
) -> Sequence[list[float] | TryAgain | None]:
    if call.cancelled():
        return [TryAgain("not embedded: another text met a fault")] * texts
    fault = call.exception()
    return [fault] * texts if isinstance(fault, TryAgain) else call.result()
