"""Markers that a document wrote: they are its text, even where a model repeats them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from askbucket.models import Hit
from askbucket.visible import visible

QUOTE_MARK = "[\"“”„‟«»'‘’‚]"
QUOTED_MARKER = re.compile(
    rf"\[(\d{{1,3}}(?:\s*[,;]\s*\d{{1,3}})*\s*[:,]\s*{QUOTE_MARK}.{{1,2000}}?{QUOTE_MARK}\s*)\]",
    re.DOTALL,
)
SPACES = re.compile(r"\s+")


def without_forged(reply: str, hits: Sequence[Hit]) -> str:
    """The reply with every marker `[2: "words"]` that stands so in a hit put in round brackets.

    A model's own marker names a number that no document can know, so one that a document holds,
    letter by letter, was copied out of it.
    """
    texts = [_even(hit.text) for hit in hits]

    def defused(found: re.Match[str]) -> str:
        copied = any(_even(found.group()) in text for text in texts)
        return f"({found.group(1)})" if copied else found.group()

    return QUOTED_MARKER.sub(defused, reply)


def _even(text: str) -> str:
    return SPACES.sub(" ", visible(text))
