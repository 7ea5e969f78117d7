"""Chat models of servers that speak OpenAI's protocol, through langchain-openai.

OpenAI itself, Ollama, vLLM, and Hugging Face: its router and its inference endpoints speak it too,
so that no package of theirs is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import openai
from langchain_core.exceptions import ContextOverflowError
from langchain_openai import ChatOpenAI
from langchain_openai.chat_models.base import BaseChatOpenAI

from askbucket.answer.chat import Reply
from askbucket.answer.messages import reply_of, streamed
from askbucket.errors import AskbucketError, TooLarge, TryAgain
from askbucket.model_ids import ChatModel

OPENAI = "api.openai.com"
NO_KEY = "none"  # the client insists on one
TIMEOUT_SECONDS = 60
RETRIES = 2
TOO_LONG = re.compile(r"context.(length|window)|(prompt|input) is too long", re.I)


class ServerChat:
    """One chat model of one server; `key` goes to that server, None where it asks for none."""

    def __init__(self, model: ChatModel, max_output_tokens: int, key: str | None) -> None:
        self.model_id = model.name
        # OpenAI's own models want the limit as max_completion_tokens, other servers only know
        # max_tokens; and OpenAI's reasoning models refuse a temperature.
        theirs = urlsplit(model.server).hostname == OPENAI
        options: dict[str, Any] = {} if theirs else {"temperature": 0}
        self._model = (ChatOpenAI if theirs else BaseChatOpenAI)(
            base_url=model.server,
            model=model.target,
            api_key=key or NO_KEY,
            max_tokens=max_output_tokens,
            timeout=TIMEOUT_SECONDS,
            max_retries=RETRIES,
            stream_usage=True,
            use_responses_api=False,
            **options,
        )

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        try:
            message = self._model.invoke(_messages(system, user), **_options(max_tokens))
        except (openai.OpenAIError, ContextOverflowError) as error:
            raise self._fault(error) from error
        return reply_of(message, self.model_id)

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Reply]:
        """Pieces of text as they come, and the whole reply last."""
        try:
            pieces = self._model.stream(_messages(system, user), **_options(max_tokens))
            yield from streamed(pieces, self.model_id)
        except (openai.OpenAIError, ContextOverflowError) as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> AskbucketError:
        if isinstance(error, ContextOverflowError) or TOO_LONG.search(_told(error)):
            return TooLarge(
                f"the question with its sources is longer than {self.model_id} takes; ask with a "
                "smaller top_k"
            )
        if isinstance(error, openai.RateLimitError):
            return TryAgain(f"the chat model {self.model_id} is throttled: {error}")
        if isinstance(error, openai.APIStatusError) and error.status_code < 500:
            return TryAgain(
                f"the chat model {self.model_id} refused: {error} (is its key in the chat secret?)"
            )
        return TryAgain(f"the chat model {self.model_id} does not answer: {error}")


def _told(error: Exception) -> str:
    return f"{getattr(error, 'code', '')} {error}"


def _messages(system: str, user: str) -> list[tuple[str, str]]:
    return [("system", system), ("human", user)]


def _options(max_tokens: int | None) -> dict[str, Any]:
    return {} if max_tokens is None else {"max_tokens": max_tokens}
