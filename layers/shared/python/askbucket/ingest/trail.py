"""What a piece of text stands under: title of the document, headings, header of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from askbucket.ingest.tables import CELL_SEPARATOR
from askbucket.models import Line, Page

PATH_CHARS = 300  # the most of title and headings together
NAME_CHARS = 100  # the most of one of them
HEADER_CHARS = 300  # a longer header would leave the embedder no room for rows
BETWEEN = " > "


def title_of(key: str) -> str:
    """The file's name as a title: without folder and ending, `_` and `-` as spaces."""
    stem = PurePosixPath(key).stem
    return " ".join(stem.replace("_", " ").replace("-", " ").split())


def under(title: str, pages: Iterable[Page]) -> Iterator[tuple[Page, Trail]]:
    """Each page with its trail, which begins under the headings that the pages before left open."""
    headings: Sequence[Line] = ()
    for page in pages:
        trail = Trail(title, headings, page)
        yield page, trail
        headings = trail.headings_at(len(page.lines))


class Trail:
    """The headings above the lines of one page; ask for lines in their order."""

    def __init__(self, title: str, headings: Sequence[Line], page: Page) -> None:
        self._title = title
        self._lines = page.lines
        self._headers = _headers(page)
        self._headings = tuple(headings)
        self._passed = 0

    def context(self, first: int) -> str:
        """What a chunk stands under that begins in the line numbered `first`, from 0."""
        line = self._lines[first]
        path = [each.text for each in _above(self.headings_at(first), line)]
        header = "" if line.header else self._headers.get(line.table, "")
        return "\n".join(filter(None, (_path(self._title, path), header)))

    def headings_at(self, line: int) -> tuple[Line, ...]:
        """The headings still open before the line numbered `line`, from 0."""
        for passed in self._lines[self._passed : line]:
            if passed.heading:
                self._headings = (*_above(self._headings, passed), passed)
        self._passed = max(self._passed, line)
        return self._headings


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
    """By table, its header rows and the rule below them, so that rows that follow read as a table
    in Markdown; none where the table has no header or a very long one."""
    rows: dict[int, list[str]] = {}
    for line in page.lines:
        if line.table and line.header:
            rows.setdefault(line.table, []).append(line.text)
    return {
        table: "\n".join((*header, _rule(header[-1])))
        for table, header in rows.items()
        if sum(map(len, header)) <= HEADER_CHARS
    }


def _rule(header: str) -> str:
    return CELL_SEPARATOR.join("---" for _ in header.split(CELL_SEPARATOR))
