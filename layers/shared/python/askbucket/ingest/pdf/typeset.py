"""The lines of a PDF page from its words: in reading order, with their parts in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pypdfium2 as pdfium

from askbucket.ingest.pdf.cells import Rule, Table, box_of
from askbucket.ingest.pdf.display import turned
from askbucket.ingest.pdf.drawn import Drawn
from askbucket.ingest.pdf.headings import Body, levels_of
from askbucket.ingest.pdf.layout import reading_order
from askbucket.ingest.pdf.strokes import rules_of
from askbucket.ingest.pdf.words import Row, Word
from askbucket.models import Box, Line


def page_lines(
    page: pdfium.PdfPage, words: Mapping[int, Sequence[Word]], drawn: Drawn
) -> tuple[Line, ...]:
    """The page's lines, from its words by turn: what runs as most of the page does comes first."""
    by_size = sorted(words, key=lambda turn: -len(words[turn]))
    tables = itertools.count(1)
    return tuple(
        _displayed(line, turn)
        for turn in by_size
        for line in _lines(words[turn], rules_of(page, drawn.paths, turn), tables)
    )


def _lines(words: Sequence[Word], rules: Sequence[Rule], tables: Iterator[int]) -> Iterator[Line]:
    blocks = reading_order(words, rules)
    rows = [_words(block) for block in blocks]
    for block, row, level in zip(blocks, rows, levels_of(rows, Body.of(words)), strict=True):
        if isinstance(block, Table):
            yield from block.lines(next(tables))
        else:
            text = " ".join(word.text for word in row)
            yield Line(text, box_of(row), heading=level)


def _words(block: Table | Row) -> list[Word]:
    """The words of a row, none of a table."""
    return [] if isinstance(block, Table) else [word for piece in block for word in piece.words]


def _displayed(line: Line, turn: int) -> Line:
    box = line.box
    if box is None or not turn:
        return line
    sides = box.left, box.top, box.left + box.width, box.top + box.height
    left, top, right, bottom = turned(sides, turn)
    return replace(line, box=Box(left, top, right - left, bottom - top))
