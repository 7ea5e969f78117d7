"""A model's text made into sentences that each point at words found in the documents.

A model marks a sentence as [2: "exact words"], or as [2] where the sentence itself is the quote.
A sentence none of whose quotes can be found again is dropped: what cannot be located is not
claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from askbucket.answer.quotes import Located, locate
from askbucket.models import Citation, Hit

MARKER = re.compile(r"\[(\d{1,3})(?:\s*[:,]\s*[\"“”](.+?)[\"“”])?\s*\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CitedText:
    """Sentences with markers [1], [2], … and one citation for each marker, in that order."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(slots=True)
class _Builder:
    sentences: list[str] = field(default_factory=list)
    citations: dict[tuple[str, str], Citation] = field(default_factory=dict)

    def add(self, sentence: str, found: Sequence[tuple[Hit, Located]]) -> None:
        markers = dict.fromkeys(self._marker(hit, located) for hit, located in found)
        self.sentences.append(f"{sentence} {''.join(f'[{marker}]' for marker in markers)}")

    def _marker(self, hit: Hit, located: Located) -> int:
        key = (hit.chunk_id, located.quote)
        if key not in self.citations:
            number = len(self.citations) + 1
            self.citations[key] = Citation(number, located.quote, located.boxes, hit)
        return self.citations[key].marker


def cited(text: str, hits: Sequence[Hit]) -> CitedText:
    """The sentences of `text` whose quotes were found in `hits`, which are numbered from 1."""
    builder = _Builder()
    for line in text.splitlines():
        whole = _whole_line(line, hits)
        if whole:
            builder.add(*whole)
            continue
        for sentence, marks in _sentences(line):
            found = [pair for mark in marks if (pair := _found(sentence, mark, hits))]
            if sentence and found:
                builder.add(sentence, found)
    return CitedText(" ".join(builder.sentences), tuple(builder.citations.values()))


def _whole_line(line: str, hits: Sequence[Hit]) -> tuple[str, list[tuple[Hit, Located]]] | None:
    """A line that is one quote and its marker; the quote itself may hold bracketed numbers."""
    marks = list(MARKER.finditer(line))
    if not marks or marks[-1].group(2) or line[marks[-1].end() :].strip():
        return None
    sentence = line[: marks[-1].start()].strip()
    found = _found(sentence, marks[-1], hits)
    return (sentence, [found]) if found else None


def _sentences(line: str) -> Iterator[tuple[str, list[re.Match[str]]]]:
    """Each stretch of text with the run of markers that follows it."""
    text, marks, at = "", list[re.Match[str]](), 0
    for mark in MARKER.finditer(line):
        between = line[at : mark.start()]
        if marks and between.strip(" .;,"):
            yield text, marks
            text, marks = "", []
        text += between if not marks else ""
        marks.append(mark)
        at = mark.end()
    if marks:
        yield _clean(text), marks


def _found(sentence: str, mark: re.Match[str], hits: Sequence[Hit]) -> tuple[Hit, Located] | None:
    number = int(mark.group(1))
    if not 1 <= number <= len(hits):
        return None
    hit = hits[number - 1]
    located = locate(mark.group(2) or _clean(sentence), hit)
    return (hit, located) if located else None


def _clean(sentence: str) -> str:
    """Without the stop that a model leaves after the former marker, or list signs."""
    return sentence.strip().lstrip(".;,*•- ").strip()
