"""Bedrock chat models through langchain-aws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import ChatBedrockConverse

from askbucket.answer.chat import Reply
from askbucket.answer.prices import usd_of
from askbucket.errors import TryAgain
from askbucket.models import Usage

REFUSALS = {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}


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

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        try:
            message = self._model.invoke(
                [("system", system), ("human", user)], max_tokens=max_tokens
            )
        except (ClientError, BotoCoreError) as error:
            raise self._fault(error) from error
        return Reply(str(message.text), self._usage(message.usage_metadata))

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Usage]:
        """Pieces of text as they come, and the usage last."""
        usage = Usage()
        try:
            asked = [("system", system), ("human", user)]
            for piece in self._model.stream(asked, max_tokens=max_tokens):
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
