"""HTML as a reader of the page sees it, by Beautiful Soup: a line for each block or table row.

Tables that lay out a page, as those of mails do, are read as its blocks. Left out: what is hidden
by a tag, an attribute or an inline style, or put off the screen by one (style sheets are not looked
at), and pictures.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from askbucket.ingest.readers.tables import Spans, span, table_lines
from askbucket.models import Line

HIDDEN_TAGS = ("script", "style", "template", "noscript", "head", "svg", "math", "datalist")
HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden"
    r"|(?<![\w-])(?:font-size|opacity)\s*:\s*0*\.?0*\s*(?:[a-z%]+\s*)?(?:!important\s*)?(?:;|$)"
    r"|(?<![\w-])font-size\s*:\s*(?:0*\.\d+|0*1(?:\.0*)?)\s*(?:px|pt)\b"
    r"|(?<![\w-])(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{4}"
    r"|(?<![\w-])clip\s*:\s*rect\s*\((?:\s*[01](?:px)?[\s,]*){4}\)"
    r"|clip-path\s*:\s*inset\s*\(\s*(?:50|100)%",
    re.IGNORECASE,
)
TITLED = ("svg", "math", "template", "noscript")  # what a title in them names is a part of a page
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCK_TAGS = {
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "nav",
    "ol", "option", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul", *HEADINGS,
}  # fmt: skip
CELL_TAGS = ("td", "th")
LAYOUT_SIGNS = ("table", *HEADINGS)  # within a table whose cells are no data
SPACES = re.compile(r"[\s\x00-\x1f]+")
LEVEL, ROW, CELL = "\x01", "\x02", "\x03"  # marks; among the spaces, so no text holds them
CELL_MARK = re.compile(f"{CELL}(\\d+ \\d+{CELL})?")  # outside of rows in malformed HTML


def html_lines(text: str, *, titled: bool = False) -> Iterator[Line]:
    """The page's lines, after its title if it is `titled`: shown by browsers, not in mails."""
    soup = BeautifulSoup(text, "html.parser")
    yield Line(_even(_title(soup)) if titled else "", heading=1)
    yield from _lines(_marked(soup).split("\n"))


def _title(soup: BeautifulSoup) -> str:
    """The page's own; drawings and hidden parts have titles too."""
    named = (tag for tag in soup.find_all("title") if not tag.find_parent(TITLED))
    return next((tag.get_text() for tag in named), "")


def picture_links(text: str) -> Iterator[str]:
    """Where the page's pictures lie, in its order."""
    for tag in BeautifulSoup(text, "html.parser").find_all(["img", "image"]):
        links = (tag.get(name) for name in ("src", "xlink:href", "href"))
        yield str(next(filter(None, links), ""))


def _is_hidden(tag: Tag) -> bool:
    styled = HIDDEN_STYLE.search(str(tag.get("style") or ""))
    return tag.name in HIDDEN_TAGS or tag.has_attr("hidden") or bool(styled)


def _walk(page: Tag) -> Iterator[tuple[PageElement, bool]]:
    """Every element that is not hidden and every run of text, and each element again, as False,
    when it is left. By hand, since bs4's own ways take time by the square of a page's depth."""
    todo: list[tuple[PageElement, bool]] = [(page, True)]
    while todo:
        node, entered = todo.pop()
        if isinstance(node, Tag) and entered:
            if _is_hidden(node):
                continue
            todo.append((node, False))
            todo += ((child, True) for child in reversed(node.contents))
        yield node, entered


def _data_tables(page: Tag) -> set[int]:
    """The ids of tables that hold data: with several cells in a row, but no table and no heading,
    which are signs of a table that lays out a page."""
    found: set[int] = set()
    layouts: set[int] = {0}
    around = [0]  # the tables that the walk is in, by id
    cells = 0  # so far in the row
    for tag, entered in _walk(page):
        if not isinstance(tag, Tag):
            continue
        if entered and tag.name in LAYOUT_SIGNS:
            layouts.add(around[-1])
        cells = 0 if tag.name == "tr" else cells + (entered and tag.name in CELL_TAGS)
        if cells > 1:
            found.add(around[-1])
        if tag.name == "table" and entered:
            around.append(id(tag))
            layouts.update({id(tag)} if tag.get("role") == "presentation" else ())
        elif tag.name == "table":
            around.pop()
    return found - layouts


def _marked(page: Tag) -> str:
    """The text of a page with line ends around blocks, and marks before headings, rows and cells.

    Hidden text is left out."""
    data = _data_tables(page)
    pieces: list[str] = []
    table = tables = 0  # the number of the table of data that the walk is in
    for node, entered in _walk(page):
        if isinstance(node, Tag):
            if id(node) in data:
                tables += entered
                table = tables
            pieces.append(_mark(node, table) if entered else _end(node, table))
            table = 0 if id(node) in data and not entered else table
        elif type(node) is NavigableString:
            pieces.append(SPACES.sub(" ", node))
    return "".join(pieces)


def _end(tag: Tag, table: int) -> str:
    """What stands after a tag."""
    if tag.name not in BLOCK_TAGS:
        return ""
    return " " if table and tag.name not in ("table", "caption") else "\n"


def _mark(tag: Tag, table: int) -> str:
    """What stands before a tag, in a table of data of that number, or in none, which is 0."""
    if table and tag.name == "tr":
        return f"\n{ROW}{table} {int(_is_head(tag))}{CELL}"
    if table and tag.name in CELL_TAGS:
        taken = [span(str(tag.get(name) or "")) for name in ("colspan", "rowspan")]
        return f"{CELL}{taken[0]} {taken[1]}{CELL}"
    if tag.name not in BLOCK_TAGS:
        return ""
    if table and tag.name not in ("table", "caption"):
        return " "
    return f"\n{LEVEL}{tag.name[1]}" if tag.name in HEADINGS else "\n"


def _is_head(row: Tag) -> bool:
    cells = {cell.name for cell in row.find_all(CELL_TAGS, recursive=False)}
    return cells == {"th"} or (row.parent is not None and row.parent.name == "thead")


def _lines(lines: Iterable[str]) -> Iterator[Line]:
    filled = (line for line in lines if _even(line))
    for table, group in itertools.groupby(filled, _table_of):
        if table:
            yield from _rows([line[1:].split(CELL) for line in group])
            continue
        for line in group:
            level = int(line[1]) if line.startswith(LEVEL) else 0
            yield Line(_even(CELL_MARK.sub(" ", line[2:] if level else line)), heading=level)


def _table_of(line: str) -> str:
    return line[1:].partition(" ")[0] if line.startswith(ROW) else ""


def _rows(rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Each row is its mark, what stands in no cell, and for each cell its spans and its text."""
    heads = itertools.takewhile(lambda row: row[0].endswith("1"), rows)
    spans = Spans()
    cells = (_cells(row) for row in rows)
    yield from table_lines(map(spans.row, cells), declared=len(list(heads)))


def _cells(row: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    if _even(row[1]):
        yield _even(row[1]), 1, 1
    for taken, text in zip(row[2::2], row[3::2], strict=True):
        columns, rows = taken.split()
        yield _even(text), int(columns), int(rows)


def _even(text: str) -> str:
    return SPACES.sub(" ", text).strip()
