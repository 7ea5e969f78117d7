"""A model's text made into sentences that each point at words found in the documents.

A model marks a sentence as [2: "exact words"], or as [2] where the sentence itself is the quote.
A sentence none of whose quotes can be found again is dropped, and so is one whose figures are not
its quotes': what cannot be located is not claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from askbucket.answer.claims import claimed
from askbucket.answer.forged import without_forged
from askbucket.answer.leaks import repeats
from askbucket.answer.plain import plain
from askbucket.answer.prompt import SYSTEM
from askbucket.answer.quotes import Located, locate
from askbucket.models import Citation, Hit

QUOTE_MARK = "[\"“”„‟«»'‘’‚]"
# [2], [1, 3], [2: "exact words"]; NEXT_QUOTE parts several quotes in one pair of brackets.
MARKER = re.compile(
    rf"\[(\d{{1,3}}(?:\s*[,;]\s*\d{{1,3}})*)(?:\s*[:,]\s*{QUOTE_MARK}(.{{1,2000}}?){QUOTE_MARK})?\s*\]",
    re.DOTALL,
)
NEXT_QUOTE = re.compile(
    rf"{QUOTE_MARK}\s*(?:[,;]|\band\b)\s*(?:(\d{{1,3}})\s*[:,]\s*)?{QUOTE_MARK}"
)
INNER_QUOTE = re.compile(r"[\"“„«](.+?)[\"”“»]")
OUTER_MARKS = '"“”„«»*_ '
BETWEEN_MARKERS = re.compile(r"[\s.;,&–-]*(?:and|or)?\s*")
LIST_SIGN = re.compile(r"^[\s.;,]*(?:[-*•–]\s+)?")
LIST_NUMBER = re.compile(r"^\d{1,2}[.)]\s+")
# A full stop after four letters or digits is hardly an abbreviation's.
SENTENCE_END = re.compile(
    r"(?:(?<=\w{4})(?<!Prof)(?<!Corp)(?<!Sept)\.|[!?])[\"”’)*]*\s+(?=[\W_]*[A-ZÀ-Þ0-9])"
)


@dataclass(frozen=True, slots=True)
class CitedText:
    """Sentences with markers [1], [2], … and one citation for each marker, in that order."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(slots=True)
class _Builder:
    instructions: str
    sentences: list[str] = field(default_factory=list)
    citations: dict[tuple[str, str], Citation] = field(default_factory=dict)

    def add(self, sentence: str, found: Sequence[tuple[Hit, Located]]) -> None:
        quotes = [located.quote for _, located in found]
        said = plain(sentence, quotes)
        if not said or repeats(said, self.instructions, quotes):
            return
        markers = dict.fromkeys(self._marker(hit, located) for hit, located in found)
        self.sentences.append(f"{said} {''.join(f'[{marker}]' for marker in markers)}")

    def _marker(self, hit: Hit, located: Located) -> int:
        key = (hit.chunk_id, located.quote)
        if key not in self.citations:
            number = len(self.citations) + 1
            self.citations[key] = Citation(number, located.quote, located.boxes, hit)
        return self.citations[key].marker


def cited(text: str, hits: Sequence[Hit], instructions: str = SYSTEM) -> CitedText:
    """The sentences of `text` whose quotes were found in `hits`, which are numbered from 1, but
    for those that repeat the instructions that the model was given."""
    builder = _Builder(instructions)
    for line in _lines(text):
        whole = _whole_line(line, hits)
        if whole:
            builder.add(*whole)
            continue
        for stretch, marks in _stretches(without_forged(line, hits)):
            sentence, found = _supported(stretch, marks, hits)
            claim = claimed(sentence, found) if sentence and found else None
            if claim:
                builder.add(claim, found)
    return CitedText(" ".join(builder.sentences), tuple(builder.citations.values()))


def _lines(text: str) -> list[str]:
    """The lines of `text`; a quote inside a marker may have been copied with its line breaks."""
    return MARKER.sub(lambda mark: " ".join(mark.group().split()), text).splitlines()


def _whole_line(line: str, hits: Sequence[Hit]) -> tuple[str, list[tuple[Hit, Located]]] | None:
    """A line that is one quote and its marker; the quote itself may hold bracketed numbers."""
    marks = list(MARKER.finditer(line))
    if not marks or marks[-1].group(2) or line[marks[-1].end() :].strip(" ."):
        return None
    sentence = _clean(line[: marks[-1].start()])
    found = _verbatim(sentence, marks[-1], hits)
    return (sentence, found) if found else None


def _stretches(line: str) -> Iterator[tuple[str, list[re.Match[str]]]]:
    """Each stretch of text with the run of markers that follows it."""
    text, marks, at = "", list[re.Match[str]](), 0
    for mark in MARKER.finditer(line):
        between = line[at : mark.start()]
        if marks and not BETWEEN_MARKERS.fullmatch(between):
            yield _clean(text), marks
            text, marks = "", []
        text += between if not marks else ""
        marks.append(mark)
        at = mark.end()
    if marks:
        yield _clean(text), marks


def _supported(
    stretch: str, marks: Sequence[re.Match[str]], hits: Sequence[Hit]
) -> tuple[str, list[tuple[Hit, Located]]]:
    """The part of the stretch that its markers speak for, and where their quotes stand.

    All of it where it is a quote itself, else its last sentence: those before have no marker.
    """
    sentence = SENTENCE_END.split(stretch)[-1]
    for candidate in (LIST_NUMBER.sub("", stretch), stretch):
        if any(_verbatim(candidate, mark, hits) for mark in marks if not mark.group(2)):
            sentence = candidate
    return sentence, [pair for mark in marks for pair in _found(sentence, mark, hits)]


def _found(sentence: str, mark: re.Match[str], hits: Sequence[Hit]) -> list[tuple[Hit, Located]]:
    """Every quote of the marker, or else of the sentence itself, that its source holds."""
    if mark.group(2):
        quoted = _at_all(_numbers(mark), [mark.group(2)], hits)
        return quoted or _several(mark, hits)
    whole = _verbatim(sentence, mark, hits)
    return whole or _at_all(_numbers(mark), INNER_QUOTE.findall(sentence), hits)


def _verbatim(sentence: str, mark: re.Match[str], hits: Sequence[Hit]) -> list[tuple[Hit, Located]]:
    return _at_all(_numbers(mark), [sentence.strip(OUTER_MARKS)], hits)


def _several(mark: re.Match[str], hits: Sequence[Hit]) -> list[tuple[Hit, Located]]:
    """[1: "these words", 2: "and those"]: a quote without a number is of the source before it."""
    first, *rest = NEXT_QUOTE.split(mark.group(2))
    number = _numbers(mark)[-1]
    found = _at_all([number], [first], hits)
    for named, quote in zip(rest[::2], rest[1::2], strict=True):
        number = int(named or number)
        found += _at_all([number], [quote], hits)
    return found


def _at_all(
    numbers: Sequence[int], quotes: Sequence[str], hits: Sequence[Hit]
) -> list[tuple[Hit, Located]]:
    """Where the quotes stand in the hits of these numbers; a number there is not finds nothing."""
    return [
        (hits[number - 1], located)
        for number in numbers
        if 1 <= number <= len(hits)
        for quote in quotes
        if (located := locate(quote, hits[number - 1]))
    ]


def _numbers(mark: re.Match[str]) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", mark.group(1))]


def _clean(stretch: str) -> str:
    """Without the stop that a model leaves after the former marker, or a list's sign."""
    return LIST_SIGN.sub("", stretch).strip()
