"""LangChain's messages as our replies: the same for every chat class of LangChain's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from langchain_core.messages.ai import add_usage

from askbucket.answer.chat import Reply, Stop
from askbucket.models import Usage
from askbucket.prices import chat_usd

# Bedrock's `stopReason` (API reference, StopReason) and the `finish_reason` of OpenAI's protocol.
# What is not here is an end; `refusal` is Anthropic's own, which Converse passes on.
STOPS = {
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "length": Stop.LENGTH,
    "guardrail_intervened": Stop.GUARDRAIL,
    "content_filtered": Stop.REFUSAL,
    "content_filter": Stop.REFUSAL,
    "refusal": Stop.REFUSAL,
}

# How some models think aloud where their server does not keep it apart.
THOUGHT = re.compile(r"\A\s*<(think|thinking)>.*?</\1>\s*", re.DOTALL)


def reply_of(message: Any, priced_as: str) -> Reply:
    """The text of a message without its reasoning, and what it cost as the model `priced_as`."""
    return _reply(str(message.text), message.response_metadata, message.usage_metadata, priced_as)


def streamed(pieces: Iterable[Any], priced_as: str) -> Iterator[str | Reply]:
    """The text of each piece, and the reply that they make together."""
    text, about, counted = "", dict[str, Any](), None
    for piece in pieces:
        if piece.text:
            yield str(piece.text)
            text += str(piece.text)
        about |= piece.response_metadata
        counted = add_usage(counted, piece.usage_metadata)
    yield _reply(text, about, counted, priced_as)


def _reply(text: str, about: Mapping[str, Any], counted: Any, priced_as: str) -> Reply:
    reason = about.get("stopReason") or about.get("finish_reason") or ""
    usage = _usage(counted, priced_as)
    return Reply(THOUGHT.sub("", text), usage, STOPS.get(reason, Stop.END))


def _usage(counted: Any, priced_as: str) -> Usage:
    tokens_in = int((counted or {}).get("input_tokens", 0))
    tokens_out = int((counted or {}).get("output_tokens", 0))
    cached = (counted or {}).get("input_token_details") or {}
    written = ("cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
    usd = chat_usd(
        priced_as,
        tokens_in,
        tokens_out,
        cache_read=cached.get("cache_read") or 0,
        cache_write=sum(cached.get(kind) or 0 for kind in written),
    )
    return Usage(tokens_in, tokens_out, usd)
