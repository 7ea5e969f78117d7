"""Whether an answer repeats the instructions that the model was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LEAST_WORDS = 8  # in a row; fewer may be anybody's
WORD = re.compile(r"\w+")


def repeats(sentence: str, instructions: str, quotes: Iterable[str]) -> bool:
    """Whether eight words in a row are the instructions', and stand so in none of the quotes."""
    ours = set(_runs(instructions)).difference(*map(_runs, quotes))
    return not ours.isdisjoint(_runs(sentence))


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = WORD.findall(text.casefold())
    return zip(*(words[at:] for at in range(LEAST_WORDS)), strict=False)
