"""A Bedrock guardrail: how it is asked for, and what of a prompt it is to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

QUESTION = "<question>"  # the last one in a prompt is ours: in all the rest it is escaped


@dataclass(frozen=True, slots=True)
class Guardrail:
    """`id` is the guardrail's id or ARN, `version` a number or DRAFT."""

    id: str
    version: str

    def config(self, *, streams: bool) -> dict[str, str]:
        """Converse's `guardrailConfig`. A stream waits for the verdict on every piece, since what
        was shown cannot be taken back; no trace, which would repeat what was found."""
        config = {"guardrailIdentifier": self.id, "guardrailVersion": self.version}
        return (
            config | {"trace": "disabled"} | ({"streamProcessingMode": "sync"} if streams else {})
        )


def guarded(user: str) -> list[dict[str, Any]]:
    """The prompt as blocks that a guardrail looks at: all of it, the retrieved text as well.

    As soon as one block is marked, whatever is not is left unread. The qualifiers tell its
    grounding check, where it has one, what to hold the answer against.
    """
    sources, tag, question = user.rpartition(QUESTION)
    if not tag:
        return [_block(user, "guard_content")]
    return [
        _block(sources, "grounding_source", "guard_content"),
        _block(tag + question, "query", "guard_content"),
    ]


def _block(text: str, *qualifiers: str) -> dict[str, Any]:
    return {"guardContent": {"text": {"text": text, "qualifiers": list(qualifiers)}}}
