"""What a piece of text stands under: title of the document, headings, header of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from itertools import takewhile
from pathlib import PurePosixPath

from askbucket.ingest.readers.tables import CELL_SEPARATOR
from askbucket.models import Line, Page

PATH_CHARS = 300  # the most of title and headings together
NAME_CHARS = 100  # the most of one of them
HEADER_CHARS = 300  # a longer header would leave the embedder no room for rows
CAPTION_LINES = 3
TOP_LINES = 2  # of a page, that may be a running head
BETWEEN = " > "


def title_of(key: str) -> str:
    """The file's name as a title: without folder and ending, `_` and `-` as spaces."""
    stem = PurePosixPath(key).stem
    return " ".join(stem.replace("_", " ").replace("-", " ").split())


def under(title: str, pages: Iterable[Page]) -> Iterator[tuple[Page, Trail]]:
    """Each page with its trail, which begins under the headings that the pages before left open.

    What stands in one place at the top of two pages in a row is a running head and no heading.
    """
    headings: Sequence[Line] = ()
    before: Sequence[str] = ()
    for page in pages:
        top = [line.text for line in page.lines[:TOP_LINES]]
        running = frozenset(mine for mine, other in zip(top, before, strict=False) if mine == other)
        before = top
        trail = Trail(title, [each for each in headings if each.text not in running], page, running)
        yield page, trail
        headings = trail.headings_at(len(page.lines))


class Trail:
    """The headings above the lines of one page; ask for lines in their order."""

    def __init__(
        self, title: str, headings: Sequence[Line], page: Page, running: Set[str] = frozenset()
    ) -> None:
        self._title = " ".join(title.split())
        self._lines = page.lines
        self._headers = _headers(page)
        self._headings = tuple(headings)
        self._running = running
        self._passed = 0

    def context(self, first: int) -> str:
        """What a chunk stands under that begins in the line numbered `first`, from 0.

        A running head stands under nothing of its own: what follows it tells.
        """
        line, told = self._lines[first], self._past_running(first)
        path = [each.text for each in _above(self.headings_at(told), self._lines[told])]
        begins = line.header or (first > 0 and self._lines[first - 1].table != line.table)
        header = "" if begins else self._headers.get(line.table, "")
        if path and path[-1] in " ".join(header.split("\n")):
            path.pop()  # it names the table
        return "\n".join(filter(None, (_path(self._title, path), header)))

    def _past_running(self, first: int) -> int:
        last = len(self._lines) - 1
        return next((at for at in range(first, last) if not self._runs(self._lines[at])), last)

    def _runs(self, line: Line) -> bool:
        return line.text in self._running

    def headings_at(self, line: int) -> tuple[Line, ...]:
        """The headings still open before the line numbered `line`, from 0."""
        for at in range(self._passed, line):
            if self._lines[at].heading and not self._runs(self._lines[at]):
                self._open(self._lines[at], self._lines[at - 1] if at else None)
        self._passed = max(self._passed, line)
        return self._headings

    def _open(self, heading: Line, before: Line | None) -> None:
        """Headings of one level right below each other are one heading of several lines."""
        if before and before.heading == heading.heading and not self._runs(before):
            whole = f"{self._headings[-1].text} {heading.text}"
            heading = replace(heading, text=whole)
        self._headings = (*_above(self._headings, heading), heading)


def parts_of(context: str) -> tuple[str, list[str], str]:
    """Title, headings from the highest on, and what names the table, of a context made here."""
    path, _, header = context.partition("\n")
    title, *headings = path.split(BETWEEN)
    return title, headings, header


def _above(headings: Sequence[Line], line: Line) -> Sequence[Line]:
    """Those that `line` stands under; a heading ends all of its level and below."""
    if not line.heading:
        return headings
    return [heading for heading in headings if heading.heading < line.heading]


def _path(title: str, headings: Sequence[str]) -> str:
    """Title and headings in at most PATH_CHARS; the highest headings give way to the nearest."""
    kept = [" ".join(name.split())[:NAME_CHARS] for name in headings]
    while len(BETWEEN.join((title[:NAME_CHARS], *kept))) > PATH_CHARS:
        kept.pop(0)
    return BETWEEN.join(filter(None, (title[:NAME_CHARS], *kept)))


def _headers(page: Page) -> dict[int, str]:
    """By table, the lines that name it, its header rows and the rule below them, so that rows that
    follow read as a table in Markdown."""
    captions: dict[int, list[str]] = {}
    rows: dict[int, list[str]] = {}
    for at, line in enumerate(page.lines):
        if line.table and line.table not in captions:
            captions[line.table] = _caption(page.lines[max(0, at - CAPTION_LINES) : at])
        if line.header:
            rows.setdefault(line.table, []).append(line.text)
    return {
        table: "\n".join((*caption, *_header(rows.get(table, []))))
        for table, caption in captions.items()
    }


def _caption(before: Sequence[Line]) -> list[str]:
    """The short lines right above a table, its name among them."""
    short = takewhile(_is_short, reversed(before))
    return [line.text for line in short if line.text.strip()][::-1]


def _is_short(line: Line) -> bool:
    return len(line.text) <= NAME_CHARS and not line.table


def _header(rows: Sequence[str]) -> list[str]:
    """Nothing where there is no header or a very long one."""
    if not rows or sum(map(len, rows)) > HEADER_CHARS:
        return []
    return [*rows, _rule(rows[-1])]


def _rule(header: str) -> str:
    return CELL_SEPARATOR.join("---" for _ in header.split(CELL_SEPARATOR))
