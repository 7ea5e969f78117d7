"""Bedrock chat models through langchain-aws."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import ChatBedrockConverse

from askbucket.answer.bedrock_faults import fault_of
from askbucket.answer.chat import Reply
from askbucket.answer.guardrail import Guardrail, guarded
from askbucket.answer.messages import reply_of, streamed
from askbucket.model_ids import ChatModel

# ConnectionError is langchain-aws's for a stream without an end.
FAULTS = (ClientError, BotoCoreError, ConnectionError)
MOST_ADAPTED = 2  # a temperature and a system prompt
NO_TEMPERATURE = re.compile(r"temperature", re.I)
NO_SYSTEM = re.compile(r"system (message|prompt|role|instruction)", re.I)

Result = TypeVar("Result")


class BedrockChat:
    """One chat model of Bedrock's. What a model refuses to be told, a temperature or a system
    prompt, is found out from its first refusal and then left out, or said in the message."""

    def __init__(
        self,
        client: Any,
        model: ChatModel,
        max_output_tokens: int,
        guardrail: Guardrail | None = None,
    ) -> None:
        self.model_id = model.name
        self._priced_as = model.base
        self._guardrail = guardrail
        self._system = True
        self._model = ChatBedrockConverse(
            client=client,
            bedrock_client=client,  # never asked, since base_model is given; else one is made
            model=model.target,
            base_model=model.base,
            provider=model.provider,
            max_tokens=max_output_tokens,
            disable_streaming=False,  # else .stream() would wait for the whole text
        )
        known = self._model.profile or {}
        self._model.temperature = None if known.get("temperature") is False else 0

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        def ask() -> Reply:
            options = self._options(max_tokens, streams=False)
            message = self._model.invoke(self._messages(system, user), **options)
            return reply_of(message, self._priced_as)

        try:
            return self._adapting(ask)
        except FAULTS as error:
            raise fault_of(self.model_id, error) from error

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Reply]:
        """Pieces of text as they come, and the whole reply last."""

        def begin() -> tuple[Any, Iterator[Any]]:
            options = self._options(max_tokens, streams=True)
            pieces = self._model.stream(self._messages(system, user), **options)
            return next(pieces), pieces  # a refusal comes before the first piece

        def rest(first: Any, pieces: Iterator[Any]) -> Iterator[Any]:
            yield first
            yield from pieces

        try:
            yield from streamed(rest(*self._adapting(begin)), self._priced_as)
        except FAULTS as error:
            raise fault_of(self.model_id, error) from error

    def _messages(self, system: str, user: str) -> list[tuple[str, Any]]:
        prompt = user if self._system else f"{system}\n{user}"
        asked: list[tuple[str, Any]] = [("human", guarded(prompt) if self._guardrail else prompt)]
        return [("system", system), *asked] if self._system else asked

    def _options(self, max_tokens: int | None, *, streams: bool) -> dict[str, Any]:
        guard = self._guardrail.config(streams=streams) if self._guardrail else None
        return {"max_tokens": max_tokens} | ({"guardrailConfig": guard} if guard else {})

    def _adapting(self, ask: Callable[[], Result]) -> Result:
        """What `ask` returns, asked again without what the model says that it does not take."""
        for _ in range(MOST_ADAPTED):
            try:
                return ask()
            except ClientError as error:
                if not self._leaves_out(error):
                    raise
        return ask()

    def _leaves_out(self, error: ClientError) -> bool:
        """Whether the refusal names something that is left out from now on."""
        told = error.response["Error"]
        if told["Code"] != "ValidationException":
            return False
        if NO_TEMPERATURE.search(told["Message"]):
            self._model.temperature = None
            return True
        if NO_SYSTEM.search(told["Message"]):
            self._system = False
            return True
        return False
