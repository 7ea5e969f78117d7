"""What a group of chunks says, asked of the model once and kept until its document changes.

A summary lies under `{document id}/{content hash}/summaries/{model and prompt}/{group}` beside the
document's other artifacts, and goes with them. It knows no question, so that any can use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from askbucket.answer.chat import Chat, Reply
from askbucket.answer.prompts import Prompt, Prompts, as_written
from askbucket.answer.seen import messages
from askbucket.answer.stops import HELD_BACK, kept_text
from askbucket.answer.summary.claims import Claim, claims_from_bytes, claims_of, claims_to_bytes
from askbucket.answer.summary.groups import Group
from askbucket.answer.summary.prompt import GROUP, GROUP_FORMAT, group_message
from askbucket.artifacts import Artifacts
from askbucket.manifest import Manifest
from askbucket.models import Usage
from askbucket.tracing import Tracer

MOST_SUMMARY_TOKENS = 800


@dataclass(frozen=True, slots=True)
class Summary:
    """What a group says, and what it took to know; nothing where it was known before."""

    claims: tuple[Claim, ...]
    usage: Usage
    reused: bool


class GroupSummaries:
    """Summaries of groups, kept as artifacts. Raises TryAgain."""

    def __init__(
        self,
        chat: Chat,
        artifacts: Artifacts,
        manifest: Manifest,
        tracer: Tracer,
        prompts: Prompts = as_written,
    ) -> None:
        self._chat = chat
        self._artifacts = artifacts
        self._manifest = manifest
        self._tracer = tracer
        self._prompts = prompts

    def __call__(self, group: Group) -> Summary:
        prompt = self._prompts(GROUP)
        key = self._key(group, prompt)
        stored = self._artifacts.get(key)
        if stored is not None:
            return Summary(claims_from_bytes(stored, group.hits), Usage(), reused=True)
        reply = self._said(group, prompt)
        claims = claims_of(kept_text(reply), group.hits, prompt.text)
        if reply.stop not in HELD_BACK:
            self._keep(key, group, claims_to_bytes(claims, group.hits))
        return Summary(claims, reply.usage, reused=False)

    def _said(self, group: Group, prompt: Prompt) -> Reply:
        user = group_message(group.hits)
        with self._tracer.span(
            "group",
            "generation",
            model=self._chat.model_id,
            prompt=prompt,
            input=messages(prompt.text, user),
        ) as span:
            reply = self._chat.reply(prompt.text, user, max_tokens=MOST_SUMMARY_TOKENS)
            span.end(reply.text, usage=reply.usage)
        return reply

    def _keep(self, key: str, group: Group, summary: bytes) -> None:
        """Whoever ends a document's content clears its artifacts away after that shows in the
        manifest: what is put and does not find it there was put before the clearing."""
        self._artifacts.put(key, summary)
        now = self._manifest.get(group.entry.document.id)
        if now is None or now.content != group.entry.content:
            self._artifacts.delete([key])

    def _key(self, group: Group, prompt: Prompt) -> str:
        made_by = f"{self._chat.model_id} {GROUP_FORMAT} {prompt.revision}"
        maker = re.sub(r"[^A-Za-z0-9]+", "-", made_by)
        content = f"{group.entry.document.id}/{group.entry.content}"
        return f"{content}/summaries/{maker}/{group.name}"
