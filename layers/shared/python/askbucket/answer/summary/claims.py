"""Claims: sentences of a summary, each with the quotes it rests on, found in the documents.

The first model call makes them from sources, with quotes that are located at once. Later calls see
them numbered and may only say which of them a sentence rests on: so every sentence of a summary,
however often it was condensed, ends at words that stand in a document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from askbucket.answer.citations import MARKER, SENTENCE_END, CitedText, cited
from askbucket.answer.claims import claimed
from askbucket.answer.leaks import repeats
from askbucket.answer.plain import plain
from askbucket.answer.quotes import Located, locate
from askbucket.models import Citation, Hit

OWN_MARK = re.compile(r"\s*\[(\d{1,4})\]")
BRACKETED = re.compile(r"\[(\d[\d,; ]*)\]")
MARKS = re.compile(r"(?:[\s,;]*\[\d{1,4}(?:\s*[,;]\s*\d{1,4})*\])+")
LIST_SIGN = re.compile(r"^[\s.;,]*(?:(?:[-*•–]|\d{1,2}[.)])\s+)?")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence without markers, and its quotes; their own `marker` counts for nothing here."""

    text: str
    citations: tuple[Citation, ...]


def claims_of(text: str, hits: Sequence[Hit], instructions: str = "") -> tuple[Claim, ...]:
    """The lines of a model's text that quote the hits, which are numbered from 1, verbatim, and do
    not repeat the instructions that it was given."""
    lines = MARKER.sub(lambda mark: " ".join(mark.group().split()), text).splitlines()
    found = (cited(line, hits, instructions) for line in lines)
    return tuple(Claim(_unmarked(each), each.citations) for each in found if each.citations)


def condensed(text: str, claims: Sequence[Claim], instructions: str = "") -> tuple[Claim, ...]:
    """The sentences of a model's text that name claims, numbered from 1, whose quotes speak for
    them: a sentence's figures stand there. They are plain text, and none of the instructions."""
    found = (
        _supported(
            sentence, [claims[n - 1] for n in numbers if 1 <= n <= len(claims)], instructions
        )
        for line in text.splitlines()
        for sentence, numbers in _sentences(line)
    )
    return tuple(claim for claim in found if claim)


def written(claims: Sequence[Claim]) -> CitedText:
    """The claims as an answer: markers count from 1, one for each quote."""
    citations: dict[tuple[str, str], Citation] = {}
    sentences = []
    for claim in claims:
        for each in claim.citations:
            key = (each.hit.chunk_id, each.quote)
            if key not in citations:
                citations[key] = Citation(len(citations) + 1, each.quote, each.boxes, each.hit)
        own = (citations[each.hit.chunk_id, each.quote].marker for each in claim.citations)
        sentences.append(f"{claim.text} {''.join(f'[{n}]' for n in dict.fromkeys(own))}")
    return CitedText(" ".join(sentences), tuple(citations.values()))


def claims_to_bytes(claims: Sequence[Claim], hits: Sequence[Hit]) -> bytes:
    """JSON; a quote is kept with the place of its chunk among the hits, as ids of chunks change."""
    at = {hit.chunk_id: place for place, hit in enumerate(hits)}
    rows = [
        [claim.text, [[at[each.hit.chunk_id], each.quote] for each in claim.citations]]
        for claim in claims
    ]
    return json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")


def claims_from_bytes(data: bytes, hits: Sequence[Hit]) -> tuple[Claim, ...]:
    """The claims, their quotes located again in equal hits."""
    found = (
        Claim(text, tuple(_located(places, hits)))
        for text, places in json.loads(data.decode("utf-8", "surrogatepass"))
    )
    return tuple(claim for claim in found if claim.citations)


def _located(places: Sequence[tuple[int, str]], hits: Sequence[Hit]) -> Iterator[Citation]:
    for place, quote in places:
        located = locate(quote, hits[place]) if place < len(hits) else None
        if located:
            yield Citation(0, located.quote, located.boxes, hits[place])


def _unmarked(line: CitedText) -> str:
    """Without its markers; numbers in brackets that are the document's own get round ones, lest
    they be taken for claims."""
    own = {citation.marker for citation in line.citations}
    plain = OWN_MARK.sub(lambda m: "" if int(m[1]) in own else m[0], line.text)
    return BRACKETED.sub(r"(\1)", plain).strip()


def _sentences(line: str) -> Iterator[tuple[str, list[int]]]:
    """Each sentence of the line that ends in markers, and the numbers in them."""
    at = 0
    for marks in MARKS.finditer(line):
        stretch = LIST_SIGN.sub("", line[at : marks.start()]).strip()
        yield SENTENCE_END.split(stretch)[-1], [int(n) for n in re.findall(r"\d+", marks[0])]
        at = marks.end()


def _supported(sentence: str, claims: Sequence[Claim], instructions: str) -> Claim | None:
    own = tuple(dict.fromkeys(each for claim in claims for each in claim.citations))
    quoted = [(each.hit, Located(each.quote, each.boxes)) for each in own]
    claim = claimed(sentence, quoted) if sentence and own else None
    quotes = [each.quote for each in own]
    text = plain(claim, quotes) if claim else ""
    return Claim(text, own) if text and not repeats(text, instructions, quotes) else None
