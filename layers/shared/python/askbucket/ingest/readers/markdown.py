"""Markdown as lines: headings, tables and blocks of HTML as they are read, the rest as it stands.

By own code: a parser gives a tree of what is rendered, but quotes need the lines of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from askbucket.ingest.readers.tables import table_lines
from askbucket.ingest.readers.web import html_lines
from askbucket.models import Line

MARKDOWN_ENDINGS = (".md", ".markdown", ".mdown", ".mkd")
HEADING = re.compile(r" {0,3}(#{1,6})(?=\s|$)")
UNDERLINE = re.compile(r" {0,3}(=+|-{2,})$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
DELIMITER = re.compile(r":?-+:?")
HTML_BLOCK = re.compile(
    r" {0,3}<(address|article|aside|blockquote|center|details|dl|div|figure|footer|form|h[1-6]|"
    r"header|hr|main|nav|ol|p|section|table|ul)(\s|/?>|$)",
    re.IGNORECASE,
)
CELL_END = re.compile(r"(?<!\\)\|")
NO_PARAGRAPH = re.compile(r"\s*([-*+>|]|\d+[.)])\s|\s{4}|\s*$")
FRONT_MATTER = "---"


def markdown_lines(text: str) -> Iterator[Line]:
    """The lines of the file, headings and table rows without their marks."""
    lines = [line.rstrip() for line in text.removeprefix("\ufeff").splitlines()]
    at = _front_matter(lines)
    yield from map(Line, lines[:at])
    while at < len(lines):
        end, found = _block(lines, at)
        yield from found
        at = end


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines of settings stand before the text."""
    if not lines or lines[0] != FRONT_MATTER:
        return 0
    ends = (at for at, line in enumerate(lines[1:], 2) if line in (FRONT_MATTER, "..."))
    return next(ends, 0)


def _block(lines: Sequence[str], at: int) -> tuple[int, Iterator[Line]]:
    """Where the block that begins there ends, and its lines."""
    fence, heading = FENCE.match(lines[at]), HEADING.match(lines[at])
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if fence and "`" not in fence[2]:
        end = _fence_end(lines, at, fence[1])
        return end, map(Line, lines[at:end])
    html = HTML_BLOCK.match(lines[at])
    if html:
        end = _html_end(lines, at, html[1].lower())
        return end, html_lines("\n".join(lines[at:end]))
    if heading:
        return at + 1, iter(
            [Line(_heading_text(lines[at][heading.end() :]), heading=len(heading[1]))]
        )
    if "|" in lines[at] and "|" in following and _is_delimiters(following):
        end = _table_end(lines, at + 2)
        rows = [lines[at], *lines[at + 2 : end]]
        return end, table_lines(map(_cells, rows), declared=1)
    return _paragraph(lines, at)


def _heading_text(text: str) -> str:
    """Without the marks that may close it."""
    bare = text.rstrip("#")
    return bare.strip() if not bare or bare[-1].isspace() else text.strip()


def _is_delimiters(line: str) -> bool:
    return all(map(DELIMITER.fullmatch, _cells(line)))


def _fence_end(lines: Sequence[str], at: int, fence: str) -> int:
    for end in range(at + 1, len(lines)):
        closing = FENCE.match(lines[end])
        if closing and closing[1].startswith(fence) and not closing[2].strip():
            return end + 1
    return len(lines)


def _html_end(lines: Sequence[str], at: int, tag: str) -> int:
    """After a table's end, for it may hold empty lines; else at the next empty line."""
    closing = f"</{tag}>" if tag == "table" else None
    for end in range(at, len(lines)):
        if closing in lines[end].lower() if closing else not lines[end].strip():
            return end + bool(closing)
    return len(lines)


def _table_end(lines: Sequence[str], at: int) -> int:
    ends = (end for end in range(at, len(lines)) if "|" not in lines[end])
    return next(ends, len(lines))


def _cells(row: str) -> list[str]:
    inside = row.strip().removeprefix("|")
    cells = [cell.replace("\\|", "|").strip() for cell in CELL_END.split(inside)]
    return cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _paragraph(lines: Sequence[str], at: int) -> tuple[int, Iterator[Line]]:
    """A line of text, a heading if it is one line and underlined."""
    line = lines[at]
    underline = UNDERLINE.match(lines[at + 1]) if at + 1 < len(lines) else None
    marks = (NO_PARAGRAPH, HEADING, UNDERLINE)
    alone = at == 0 or any(mark.match(lines[at - 1]) for mark in marks)
    if underline and alone and not NO_PARAGRAPH.match(line):
        return at + 2, iter([Line(line.strip(), heading=1 if "=" in underline[1] else 2)])
    return at + 1, iter([Line(line)])
