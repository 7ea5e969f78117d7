"""Pages as readers make them of structured documents: headings, tables with headers, and prose."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from askbucket.models import Box, Line, Page

LETTERS = "ab.é🚢 -\u3000。1"
WORDS = st.text(LETTERS, min_size=1, max_size=30)
PROSE = st.lists(WORDS.map(Line), min_size=1, max_size=4)
HEADING = st.builds(lambda text, level: [Line(text, heading=level)], WORDS, st.integers(1, 8))
CELLS = st.lists(WORDS, min_size=1, max_size=3).map(" | ".join)


def table(header: Sequence[str], rows: Sequence[str]) -> list[Line]:
    """Lines of a table that is yet to be numbered."""
    return [
        *(Line(text, table=1, header=True) for text in header),
        *(Line(text, table=1) for text in rows),
    ]


TABLE = st.builds(table, st.lists(CELLS, max_size=2), st.lists(CELLS, min_size=1, max_size=6))
BLOCKS = st.lists(st.one_of(PROSE, HEADING, TABLE), max_size=6)


def page_of(number: int, blocks: Sequence[Sequence[Line]], *, boxed: bool = True) -> Page:
    """The blocks one below the other: tables numbered, boxes that tell the lines apart."""
    lines: list[Line] = []
    for count, block in enumerate(blocks, 1):
        for line in block:
            top = len(lines) / 1000 + count / 100
            box = Box(0, top, 1, 0.001) if boxed else None
            numbered = count if line.table else 0
            lines.append(Line(line.text, box, 100.0, line.heading, numbered, line.header))
    return Page(number, tuple(lines))


@st.composite
def pages(draw: st.DrawFn) -> list[Page]:
    boxed = draw(st.booleans())
    written = draw(st.lists(BLOCKS, min_size=1, max_size=3))
    return [page_of(number, blocks, boxed=boxed) for number, blocks in enumerate(written, 1)]
