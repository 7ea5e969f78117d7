"""What answering needs of a chat model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from askbucket.models import Usage


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's whole text and what it took."""

    text: str
    usage: Usage


class Chat(Protocol):
    """One chat model. Both methods raise TryAgain where it does not answer.

    `max_tokens` is the most an answer may have, instead of what the model was made with.
    """

    model_id: str

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        """The whole text at once."""

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Usage]:
        """Pieces of text as they come, and the usage last."""
