"""Quotes found again in the lines they claim to come from.

What may differ is what copying and OCR do to letters (folding.py); no word, figure, sign, unit or
negation ever may. There is no edit distance: million and billion, employer and employee, decreased
and deceased are one letter apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from askbucket.answer.folding import Folded, cuts, negations
from askbucket.models import Box, Hit

MIN_QUOTE_LETTERS = 3
ELLIPSIS = re.compile(r"\s*[\[(]\s*(?:\.{3}|…)\s*[\])]\s*|\s*(?:\.{3,}|…)\s*")
EMPHASIS = re.compile(r"(?<!\d)\*+|\*+(?!\d)|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|`")
OUTER_MARKS = " \t\n\"'“”„‟«»‘’‚‹›"
FINAL_MARKS = OUTER_MARKS + ".,;:!?。，；：！？"
ELIDED = " … "
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Located:
    """The words as the document has them, and the boxes of the lines they stand on."""

    quote: str
    boxes: tuple[Box, ...]


def locate(quote: str, hit: Hit) -> Located | None:
    """Where the quote stands in the hit; None unless all of it does, in order.

    Case, the kind of dash and quotation mark, white space, hyphens between letters, a table's bars,
    emphasis and the last punctuation mark do not count, nor what OCR confuses within a word. An
    ellipsis in the quote parts it in pieces that stand in this order, with no negation between.
    """
    for wanted in dict.fromkeys((quote, _plain(quote))):
        span = _span(wanted, hit.text, 0)
        if span:
            return _located([span], hit)
    spans = _elided(quote, hit.text)
    return _located(spans, hit) if spans else None


def _plain(quote: str) -> str:
    """The quote without emphasis, quotation marks around it and punctuation at its end."""
    return EMPHASIS.sub("", quote).lstrip(OUTER_MARKS).rstrip(FINAL_MARKS)


def _located(spans: list[Span], hit: Hit) -> Located:
    numbers: dict[int, None] = {}
    for start, end in spans:
        first = hit.text.count("\n", 0, start)
        numbers |= dict.fromkeys(range(first, hit.text.count("\n", 0, end) + 1))
    words = ELIDED.join(" ".join(hit.text[start:end].split()) for start, end in spans)
    return Located(words, tuple(hit.boxes[n] for n in numbers if n < len(hit.boxes)))


def _span(quote: str, text: str, after: int) -> Span | None:
    """Start and end of the quote's first place in the text from `after` on, read letter by letter
    or, failing that, as OCR may have read it."""
    for noisy in (False, True):
        wanted, read = Folded.of(quote, noisy=noisy), Folded.of(text, noisy=noisy)
        if len(wanted.letters) < MIN_QUOTE_LETTERS:
            return None
        for start, end in _places(wanted.letters, read):
            same = negations(quote) == negations(text[start:end])
            if start >= after and same and not cuts(text, start, end):
                return start, end
    return None


def _places(wanted: str, read: Folded) -> Iterator[Span]:
    """Every place of the letters that does not begin or end inside one of the text's letters."""
    places = read.places
    at = read.letters.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if (at == 0 or places[at - 1] < places[at]) and (
            end == len(places) or places[end - 1] < places[end]
        ):
            yield places[at], places[end - 1] + read.widths[end - 1]
        at = read.letters.find(wanted, at + 1)


def _elided(quote: str, text: str) -> list[Span]:
    """The places of the pieces between ellipses; none if one is missing, or if what was left out
    may turn the meaning: a negation, or the end of a row whose figure comes next."""
    pieces = [piece for each in ELLIPSIS.split(quote) if (piece := _plain(each))]
    spans: list[Span] = []
    for piece in pieces if ELLIPSIS.search(quote) else ():
        span = _span(piece, text, spans[-1][1] if spans else 0)
        if span is None:
            return []
        spans.append(span)
    gaps = [text[end:start] for (_, end), (start, _) in pairwise(spans)]
    bare = [not any(map(str.isalpha, text[start:end])) for start, end in spans[1:]]
    turned = any(
        negations(gap) or (figure and "\n" in gap) for gap, figure in zip(gaps, bare, strict=True)
    )
    return [] if turned else spans
