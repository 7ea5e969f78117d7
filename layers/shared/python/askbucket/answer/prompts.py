"""The prompts by name: what a model is told to do, as this repository has it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from askbucket.answer.prompt import NOT_IN_DOCUMENTS, SYSTEM


@dataclass(frozen=True, slots=True)
class Prompt:
    """A system prompt. `version` counts in Langfuse, and is None for the text of this repository.

    `must_hold` are the words that code relies on: a text without one of them is of no use.
    """

    name: str
    text: str
    must_hold: tuple[str, ...] = ()
    version: int | None = None

    @property
    def revision(self) -> str:
        """Eight hex digits of the text's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:8]

    @property
    def lost(self) -> list[str]:
        """The words that must be in the text and are not."""
        return [words for words in self.must_hold if words not in self.text]


Prompts = Callable[[Prompt], Prompt]
"""Our prompt -> the one to use in its place. They are in every_prompt.py."""


def as_written(prompt: Prompt) -> Prompt:
    """The prompt itself."""
    return prompt


ANSWER = Prompt("answer", SYSTEM, (NOT_IN_DOCUMENTS, "<source>", '[2: "'))
