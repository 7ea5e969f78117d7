"""A model's replies, kept by what it was asked: the same prompt is paid for once.

The rule that makes a stale answer impossible: retrieval runs for every question, and only the
model's call is spared, where the prompt it would be sent now is letter for letter one that it
replied to. A prompt holds the sources: their texts, documents, pages and days. So there is nothing
to invalidate: a document that changed, went, or came and fits better makes another prompt, and one
that has nothing to do with the question does not. A kept reply is then verified like a new one,
against what readers see now; whoever could write into the cache could not make it cite what no
document says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Protocol

from askbucket.answer.chat import Chat, Reply, Stop
from askbucket.models import Usage

MOST_CHARS = 100_000  # of a reply that is kept
KEPT = (Stop.END, Stop.LENGTH)  # what a guardrail or a service refused may be allowed tomorrow


class Cache(Protocol):
    """Texts by name, for some hours. A cache that is down is an empty one: nothing here raises."""

    def get(self, tenant: str, name: str) -> str | None:
        """The text; None where there is none, or the cache does not answer quickly."""

    def put(self, tenant: str, name: str, text: str) -> None:
        """Keeps the text, if it can."""


class Replies:
    """Kept replies of one way to make them: `made_by` tells all but the prompt that they hang on,
    such as the model, its limits and its guardrail."""

    def __init__(self, cache: Cache, made_by: str) -> None:
        self._cache = cache
        self._made_by = made_by

    def of(self, tenant: str, chat: Chat) -> Chat:
        """The chat model, asked once for each prompt of the tenant."""
        return _CachedChat(self._cache, tenant, chat, self._made_by)


class _CachedChat:
    """A chat model behind a cache; what comes from there is `cached`, and took nothing."""

    def __init__(self, cache: Cache, tenant: str, chat: Chat, made_by: str) -> None:
        self.model_id = chat.model_id
        self._cache = cache
        self._tenant = tenant
        self._chat = chat
        self._made_by = made_by

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        name = self._name(system, user, max_tokens)
        kept = self._kept(name)
        if kept is not None:
            return kept
        reply = self._chat.reply(system, user, max_tokens=max_tokens)
        self._keep(name, reply)
        return reply

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Reply]:
        """A kept reply comes in one piece."""
        name = self._name(system, user, max_tokens)
        kept = self._kept(name)
        if kept is not None:
            yield from (kept.text, kept)
            return
        for piece in self._chat.stream(system, user, max_tokens=max_tokens):
            if isinstance(piece, Reply):
                self._keep(name, piece)
            yield piece

    def _name(self, system: str, user: str, max_tokens: int | None) -> str:
        """64 hex digits. JSON keeps the parts apart, whatever they hold."""
        asked = json.dumps([self._made_by, self.model_id, max_tokens, system, user])
        return hashlib.sha256(asked.encode()).hexdigest()

    def _kept(self, name: str) -> Reply | None:
        text = self._cache.get(self._tenant, name)
        return _reply(text) if text else None

    def _keep(self, name: str, reply: Reply) -> None:
        if reply.text and reply.stop in KEPT and len(reply.text) <= MOST_CHARS:
            text = json.dumps({"text": reply.text, "stop": reply.stop})
            self._cache.put(self._tenant, name, text)


def _reply(text: str) -> Reply | None:
    """None for what is no reply of ours."""
    try:
        held = json.loads(text)
        return Reply(str(held["text"]), Usage(), Stop(held["stop"]), cached=True)
    except (ValueError, KeyError, TypeError):
        return None
