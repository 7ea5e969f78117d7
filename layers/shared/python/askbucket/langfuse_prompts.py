"""Prompts that Langfuse manages, with this repository's own text wherever that fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langfuse.api import NotFoundError

from askbucket.answer.prompts import Prompt
from askbucket.log import event as log
from askbucket.patience import Patience

FETCH_SECONDS = 0.3  # the most an answer waits for its prompt; see langfuse_tracer.FLUSH_SECONDS
KEEP_SECONDS = 300  # before the SDK looks, behind an answer, whether there is a newer one


class LangfusePrompts:
    """The version of each prompt that carries a label, kept by the SDK's cache.

    A fetch that takes too long goes on by itself, and the answers after it have its result.
    """

    def __init__(self, client: Any, label: str) -> None:
        self._client = client
        self._label = label
        self._fetching = Patience[None]("prompt", FETCH_SECONDS)
        self._found: dict[str, Prompt] = {}

    def __call__(self, own: Prompt) -> Prompt:
        """Our own prompt where there is none, or one without the words that code relies on."""
        self._fetching(lambda: self._fetch(own))
        return self._found.get(own.name, own)

    def _fetch(self, own: Prompt) -> None:
        self._found[own.name] = self._managed(own)

    def _managed(self, own: Prompt) -> Prompt:
        found = self._client.get_prompt(
            own.name,
            label=self._label,
            fallback=own.text,
            cache_ttl_seconds=KEEP_SECONDS,
            max_retries=0,
            fetch_timeout_seconds=1,
        )
        if found.is_fallback or not isinstance(found.prompt, str):
            return own
        managed = replace(own, text=found.prompt, version=found.version)
        if managed.lost:
            log(
                "prompt_refused",
                level="warning",
                prompt=own.name,
                version=found.version,
                lost=managed.lost,
            )
            return own
        return managed


def push(client: Any, prompts: tuple[Prompt, ...], label: str) -> dict[str, str]:
    """What became of each prompt by name: a version made, or the one that holds the same text.

    Raises the SDK's errors.
    """
    return {prompt.name: _pushed(client, prompt, label) for prompt in prompts}


def _pushed(client: Any, prompt: Prompt, label: str) -> str:
    try:
        there = client.api.prompts.get(prompt.name, label=label)
    except NotFoundError:
        there = None
    if there is not None and there.prompt == prompt.text:
        return f"version {there.version} is the same"
    made = client.create_prompt(name=prompt.name, prompt=prompt.text, labels=[label])
    return f"version {made.version} made"
