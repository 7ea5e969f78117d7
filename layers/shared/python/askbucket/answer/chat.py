"""Chat models through langchain-aws, with what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import ChatBedrockConverse

from askbucket.errors import TryAgain
from askbucket.models import Usage

# US dollars for a million input and output tokens: on-demand list prices, 2026-08.
USD_PER_MILLION = {
    "amazon.nova-micro-v1:0": (0.035, 0.14),
    "amazon.nova-lite-v1:0": (0.06, 0.24),
    "amazon.nova-pro-v1:0": (0.80, 3.20),
    "askbucket.extractive": (0.0, 0.0),
}
PROFILE_REGIONS = ("us.", "eu.", "apac.", "global.")
REFUSALS = {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's whole text and what it took."""

    text: str
    usage: Usage


class BedrockChat:
    """One chat model by id or inference-profile id. Raises TryAgain where it does not answer."""

    def __init__(self, client: Any, model_id: str, max_output_tokens: int) -> None:
        self.model_id = model_id
        self._model = ChatBedrockConverse(
            client=client,
            model=model_id,
            max_tokens=max_output_tokens,
            temperature=0,
            disable_streaming=False,  # else .stream() would wait for the whole text
        )

    def reply(self, system: str, user: str) -> Reply:
        try:
            message = self._model.invoke([("system", system), ("human", user)])
        except (ClientError, BotoCoreError) as error:
            raise self._fault(error) from error
        return Reply(str(message.text), self._usage(message.usage_metadata))

    def stream(self, system: str, user: str) -> Iterator[str | Usage]:
        """Pieces of text as they come, and the usage last."""
        usage = Usage()
        try:
            for piece in self._model.stream([("system", system), ("human", user)]):
                if piece.text:
                    yield str(piece.text)
                if piece.usage_metadata:
                    usage += self._usage(piece.usage_metadata)
        except (ClientError, BotoCoreError) as error:
            raise self._fault(error) from error
        yield usage

    def _usage(self, counted: Any) -> Usage:
        tokens_in = int((counted or {}).get("input_tokens", 0))
        tokens_out = int((counted or {}).get("output_tokens", 0))
        return Usage(tokens_in, tokens_out, usd_of(self.model_id, tokens_in, tokens_out))

    def _fault(self, error: Exception) -> TryAgain:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] in REFUSALS:
            return TryAgain(
                f"the chat model {self.model_id} refused: {error.response['Error']['Message']} "
                "(is it enabled for this account and region?)"
            )
        return TryAgain(f"the chat model does not answer: {error}")


def usd_of(model_id: str, tokens_in: int, tokens_out: int) -> float:
    """List price in dollars; 0 for a model that the table does not know."""
    plain = next(
        (model_id[len(region) :] for region in PROFILE_REGIONS if model_id.startswith(region)),
        model_id,
    )
    price_in, price_out = USD_PER_MILLION.get(plain, (0.0, 0.0))
    return round((tokens_in * price_in + tokens_out * price_out) / 1_000_000, 8)
