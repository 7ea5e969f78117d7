"""What answering needs of a chat model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from askbucket.models import Usage


class Stop(StrEnum):
    """Why a model stopped: at its end, at its token limit (its last sentence may be cut), because
    a guardrail held it back, or because the model or its service refused."""

    END = "end"
    LENGTH = "length"
    GUARDRAIL = "guardrail"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's whole text, what it took, and why it stopped there.

    Where it was `cached`, the model was not asked now.
    """

    text: str
    usage: Usage
    stop: Stop = Stop.END
    cached: bool = False


class Chat(Protocol):
    """One chat model. Both methods raise TryAgain where it does not answer, and TooLarge where
    the prompt is longer than it takes.

    `max_tokens` is the most an answer may have, instead of what the model was made with.
    """

    model_id: str

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        """The whole text at once."""

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Reply]:
        """Pieces of text as they come, and the whole reply last."""
