"""The offline guardrail: it blocks every prompt that holds the guardrail's own id as a word.

So `kumquat:1` is a guardrail against kumquats. Like Bedrock's it reads the `guardContent` blocks
of the messages, or all of them where none is marked.
"""

import re
from typing import Any

BLOCKED = "Blocked by the guardrail."  # a guardrail's own words come in place of the answer


def intervenes(request: Any) -> bool:
    """Whether the request names a guardrail, and that one blocks it."""
    config = request.get("guardrailConfig") or {}
    word = str(config.get("guardrailIdentifier", "")).rpartition("/")[2]
    blocks = [block for message in request["messages"] for block in message["content"]]
    guarded = [text for block in blocks if (text := guarded_text(block)) is not None]
    texts = guarded or [block.get("text", "") for block in blocks]
    return bool(word) and any(re.search(rf"\b{re.escape(word)}\b", t, re.I) for t in texts)


def guarded_text(block: dict[str, Any]) -> str | None:
    """The text of a `guardContent` block; None for another kind."""
    text: str | None = block.get("guardContent", {}).get("text", {}).get("text")
    return text
