"""What is left of a reply that did not come to its own end, and what to say instead of it."""

from __future__ import annotations

from askbucket.answer.chat import Reply, Stop

HELD_BACK = {
    Stop.GUARDRAIL: "A guardrail held this answer back.",
    Stop.REFUSAL: "The model declined to answer this question.",
}


def kept_text(reply: Reply) -> str:
    """The text that may be used: none of one held back, all but a last sentence that was cut."""
    if reply.stop in HELD_BACK:
        return ""
    return _without_cut_sentence(reply.text) if reply.stop is Stop.LENGTH else reply.text


def _without_cut_sentence(text: str) -> str:
    """Up to the last line or marker that was finished: a sentence ends with its marker."""
    end = max(text.rfind("\n"), text.rfind("]"))
    return text[: end + 1]
