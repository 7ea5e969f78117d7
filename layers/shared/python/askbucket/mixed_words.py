"""Words of letters and figures, such as `FY2022`: found by either, in documents and questions.

What tells similar documents apart is often half of such a word. It is added to the text, not made
a rule of the tokens, so that the sparse vector of a text stays that of the engine.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W_]+")
PART = re.compile(r"\d+|[^\W\d_]+")
MOST_PARTS = 3  # `2022Q4`; a word of more is an identifier, and its parts are noise
SHORTEST_PART = 2


def parted(text: str) -> str:
    """The text, and below it the letters and the figures of its words that are both: `FY2022`
    finds what is named `2022`."""
    words = (PART.findall(word) for word in WORD.findall(text))
    mixed = (parts for parts in words if 1 < len(parts) <= MOST_PARTS)
    found = " ".join(part for parts in mixed for part in parts if len(part) >= SHORTEST_PART)
    return "\n".join(filter(None, (text, found)))
