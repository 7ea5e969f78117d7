"""Prompts that Langfuse manages, with this repository's own text wherever that fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from langfuse.api import NotFoundError

from askbucket.answer.prompts import Prompt
from askbucket.log import event as log
from askbucket.patience import Patience

FETCH_SECONDS = 0.3  # the most an answer waits for its prompts; see langfuse_tracer.FLUSH_SECONDS
KEEP_SECONDS = 300  # before the SDK looks, behind an answer, whether there is a newer one
AGAIN_SECONDS = 60  # before a prompt is looked for again that was not there, or was refused
MOST_CHARS = 20_000  # of a prompt; it is paid for with every question


class LangfusePrompts:
    """The version of each prompt that carries a label, kept by the SDK's cache.

    Whichever is asked for first, all of them are fetched, side by side: a question that needs
    several waits once. A fetch that takes too long goes on by itself, and the answers after it
    have its result.
    """

    def __init__(
        self,
        client: Any,
        label: str,
        prompts: Sequence[Prompt],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._label = label
        self._prompts = prompts
        self._clock = clock
        self._fetching = Patience[None]("prompt", FETCH_SECONDS)
        self._found: dict[str, Prompt] = {}
        self._again: dict[str, float] = {}

    def __call__(self, own: Prompt) -> Prompt:
        """Our own prompt where there is none, or one without the words that code relies on."""
        self._fetching(self._fetch)
        return self._found.get(own.name, own)

    def _fetch(self) -> None:
        for own in self._prompts:
            if own.name in self._found:
                self._look(own)  # in the SDK's cache
        now = self._clock()
        new = [each for each in self._prompts if each.name not in self._found]
        due = [each for each in new if now >= self._again.get(each.name, now)]
        looks = [threading.Thread(target=self._look, args=(own,), daemon=True) for own in due]
        for look in looks:  # no pool's: a process that ends would wait for those that hang
            look.start()
        for look in looks:
            look.join()

    def _look(self, own: Prompt) -> None:
        managed = self._managed(own)
        if managed is None:
            self._found.pop(own.name, None)
            self._again[own.name] = self._clock() + AGAIN_SECONDS
        else:
            self._found[own.name] = managed

    def _managed(self, own: Prompt) -> Prompt | None:
        found = self._client.get_prompt(
            own.name,
            label=self._label,
            fallback=own.text,
            cache_ttl_seconds=KEEP_SECONDS,
            max_retries=0,
            fetch_timeout_seconds=1,
        )
        if found.is_fallback:
            return None
        why = _refusal(own, found.prompt)
        if why:
            about = {"prompt": own.name, "version": found.version, "why": why}
            log("prompt_refused", level="warning", **about)
            return None
        return replace(own, text=found.prompt, version=found.version)


def _refusal(own: Prompt, text: Any) -> str:
    """Why the text cannot take our prompt's place; blank where it can."""
    if not isinstance(text, str):
        return "it is a chat, not a text"
    if len(text) > MOST_CHARS:
        return f"it has {len(text)} characters; {MOST_CHARS} at most are taken"
    lost = replace(own, text=text).lost
    return f"it does not hold {', '.join(lost)}" if lost else ""


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
