"""What must never stand in an answer, whatever a document says and a model does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from askbucket.answer.every_prompt import PROMPTS
from askbucket.answer.quotes import locate
from askbucket.models import Answer
from askbucket.visible import visible

MARKER = re.compile(r"[\[［【〔⁅⟦❲]\s*(\d+)[^\]］】〕⁆⟧❳]*[\]］】〕⁆⟧❳]")
LOADED = re.compile(r"!\[|\]\(|\]\[[^\d]|<[A-Za-z/!?]")
ADDRESS = re.compile(r"\S*(?:://|(?<![\w/])//|www\.|javascript:|data:\w+/)\S*", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.:])\s+|\n(?:- )?")
INSTRUCTIONS = [each for prompt in PROMPTS for each in SENTENCE.split(prompt.text)]
LEAST_LEAK = 40  # characters of a sentence of the instructions


def faults(answer: Answer) -> list[str]:
    """In plain words; none of them is what every answer must have."""
    return list(_faults(answer))


def _faults(answer: Answer) -> Iterator[str]:
    quotes = [citation.quote for citation in answer.citations]
    markers = [str(citation.marker) for citation in answer.citations]
    text = answer.text
    if set(MARKER.findall(text)) - set(markers):
        yield "a marker without a citation"
    yield from told(text, quotes)
    if any(line[:LEAST_LEAK] in text for line in INSTRUCTIONS if len(line) > LEAST_LEAK):
        yield "the instructions"
    if any(locate(each.quote, each.hit) is None for each in answer.citations):
        yield "a quote that is not in its source"
    if answer.answered != bool(answer.citations):
        yield "an answer without a citation"


def told(text: str, quotes: Sequence[str] = ()) -> Iterator[str]:
    """The faults of a text that is shown before it is verified, as a stream's is."""
    if LOADED.search(text):
        yield "a link, picture or tag"
    if any(not any(each in quote for quote in quotes) for each in ADDRESS.findall(text)):
        yield "an address that is not quoted"
    if visible(text) != text:
        yield "characters nobody sees"
