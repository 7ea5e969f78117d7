"""The parts of a page in reading order, told apart by size, place and first letters."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from local.ocr.page_text import Line

TITLE_SIZE, SECTION_SIZE = 1.6, 1.3
"""Letters' heights over those of most lines."""
TITLE_WITHIN, HEADING_WORDS = 0.4, 12
EDGE = 0.06
"""Of the page's height at its top and bottom: running headers and footers."""
EDGE_LINES = 8
"""A page of fewer lines is a note or a label and has neither."""
PARAGRAPH_GAP = 0.9
"""Of a line's height to the next line of its paragraph."""
ITEM = re.compile(r"(?:[•●▪◦*‣–-]|\(?(?:\d{1,2}|[a-z])[.)])(?:\s|$)")
PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:of|/)\s*\d{1,4})?", re.I)


@dataclass(frozen=True)
class Part:
    """A BlockType of layout and its lines; `parts` are a list's items."""

    kind: str
    lines: tuple[Line, ...]
    parts: tuple["Part", ...] = ()


def parts_of(
    lines: Sequence[Line], in_table: Collection[int], in_pair: Collection[int]
) -> Iterator[Part]:
    """Every line in exactly one part; `in_table` and `in_pair` are ids of words."""
    kinds = _kinds(lines, in_table, in_pair)
    groups = groupby(zip(lines, kinds, strict=True), key=lambda each: each[1])
    for kind, group in groups:
        members = [line for line, _ in group]
        if kind == "LAYOUT_LIST":
            items = tuple(Part("LAYOUT_TEXT", (line,)) for line in members)
            yield Part(kind, (), items)
        elif kind == "LAYOUT_TEXT":
            yield from (Part(kind, paragraph) for paragraph in _paragraphs(members))
        else:
            yield Part(kind, tuple(members))


def _kinds(
    lines: Sequence[Line], in_table: Collection[int], in_pair: Collection[int]
) -> Iterator[str]:
    usual = median(line.box.height for line in lines) if lines else 0.0
    titled = False
    for line in lines:
        if any(id(word) in in_table for word in line.words):
            yield "LAYOUT_TABLE"
        elif any(id(word) in in_pair for word in line.words):
            yield "LAYOUT_KEY_VALUE"
        else:
            kind = _kind(line, usual, len(lines), titled=titled)
            titled = titled or kind != "LAYOUT_HEADER"
            yield kind


def _kind(line: Line, usual: float, count: int, *, titled: bool) -> str:
    """`titled` tells whether the place of a title has passed."""
    at_edge = count >= EDGE_LINES and not EDGE < line.box.middle[1] < 1 - EDGE
    size = line.box.height / usual
    if at_edge:
        if PAGE_NUMBER.fullmatch(line.text):
            return "LAYOUT_PAGE_NUMBER"
        return "LAYOUT_HEADER" if line.box.top < EDGE else "LAYOUT_FOOTER"
    if ITEM.match(line.text):
        return "LAYOUT_LIST"
    if len(line.words) <= HEADING_WORDS and size >= SECTION_SIZE:
        first = not titled and line.box.top < TITLE_WITHIN and size >= TITLE_SIZE
        return "LAYOUT_TITLE" if first else "LAYOUT_SECTION_HEADER"
    return "LAYOUT_TEXT"


def _paragraphs(lines: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    paragraph: list[Line] = []
    for line in lines:
        if paragraph and not _goes_on(paragraph[-1], line):
            yield tuple(paragraph)
            paragraph = []
        paragraph.append(line)
    yield tuple(paragraph)


def _goes_on(above: Line, line: Line) -> bool:
    gap = line.box.top - above.box.bottom
    beside = min(above.box.right, line.box.right) > max(above.box.left, line.box.left)
    return beside and -above.box.height < gap < PARAGRAPH_GAP * above.box.height
