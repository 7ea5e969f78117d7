"""A page of Textract's analysis: text and headings in reading order, tables row by row, forms pair
by pair.

Made from the blocks themselves, word by word, so that every word of a LINE is said exactly once:
by the row or pair that claims it, or else by what is left of its line, in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from askbucket.ingest.blocks import Block, Blocks, line_of, text_of
from askbucket.ingest.readers.tables import CELL_SEPARATOR
from askbucket.models import Line, Page

HEADINGS = {"LAYOUT_TITLE": 1, "LAYOUT_SECTION_HEADER": 2}
LEADERS = " :.…_"  # what forms put between a key and its value
LEAST_ROWS = LEAST_COLUMNS = 2  # a frame around a text is no table


@dataclass(frozen=True, slots=True)
class Claim:
    """Lines that stand for words of the page; `words` are the ids of their blocks."""

    lines: tuple[Line, ...]
    words: frozenset[str]


def analysed_page(number: int, blocks: Sequence[Block]) -> Page:
    """The page of this number from all its blocks, whatever features they were asked with."""
    page = Blocks(blocks)
    tables = (_table_claim(page, table) for table in page.of("TABLE") if _is(table, "TABLE"))
    keys = (each for each in page.of("KEY_VALUE_SET") if "KEY" in _entities(each))
    claims = _apart([*filter(None, tables), *filter(None, (_pair_claim(page, k) for k in keys))])
    return Page(number, tuple(_lines(page, list(_numbered(claims)))), "ocr")


def _is(block: Block, kind: str) -> bool:
    return bool(block["BlockType"] == kind)


def _entities(block: Block) -> Sequence[str]:
    return block.get("EntityTypes") or ()


def _apart(claims: Iterable[Claim]) -> list[Claim]:
    """Those that share no word with an earlier one."""
    taken: set[str] = set()
    kept = []
    for claim in claims:
        if taken.isdisjoint(claim.words):
            taken |= claim.words
            kept.append(claim)
    return kept


def _numbered(claims: Iterable[Claim]) -> Iterator[Claim]:
    """With the tables counted from 1."""
    number = 0
    for claim in claims:
        number += claim.lines[0].table
        lines = (replace(line, table=line.table * number) for line in claim.lines)
        yield Claim(tuple(lines), claim.words)


# ---------------------------------------------------------------------------------------- tables


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with its words; one merged with others holds all of theirs, the others none."""

    block: Block
    written: list[Block]
    header: bool

    @property
    def column(self) -> int:
        return int(self.block["ColumnIndex"])


def _table_claim(page: Blocks, table: Block) -> Claim | None:
    rows: dict[int, list[_Cell]] = {}
    for cell in _cells(page, table):
        rows.setdefault(int(cell.block["RowIndex"]), []).append(cell)
    filled = [rows[at] for at in sorted(rows) if any(cell.written for cell in rows[at])]
    columns = {cell.column for row in filled for cell in row if cell.written}
    if len(filled) < LEAST_ROWS or len(columns) < LEAST_COLUMNS:
        return None
    lines = [_row_line(row) for row in filled]
    if not any(line.header for line in lines):
        lines[_first_of_columns(filled)] = replace(lines[_first_of_columns(filled)], header=True)
    words = (block["Id"] for row in filled for cell in row for block in cell.written)
    return Claim(tuple(lines), frozenset(words))


def _cells(page: Blocks, table: Block) -> Iterator[_Cell]:
    merged: dict[str, list[Block]] = {}
    for block in page.related(table, "MERGED_CELL"):
        parts = sorted(page.related(block), key=lambda c: (c["RowIndex"], c["ColumnIndex"]))
        merged.update({part["Id"]: [] for part in parts})
        if parts:
            merged[parts[0]["Id"]] = [word for part in parts for word in page.written(part)]
    for block in page.related(table):
        if _is(block, "CELL"):
            written = merged.get(block["Id"], page.written(block))
            yield _Cell(block, written, "COLUMN_HEADER" in _entities(block))


def _row_line(row: Sequence[_Cell]) -> Line:
    """The cells' texts in their places; empty ones at the end are left out."""
    texts = {cell.column: text_of(cell.written) for cell in row if cell.written}
    text = CELL_SEPARATOR.join(texts.get(at, "") for at in range(1, max(texts) + 1))
    written = [block for cell in row for block in cell.written]
    line = line_of(text, written, [cell.block for cell in row])
    return replace(line, table=1, header=any(cell.header for cell in row))


def _first_of_columns(rows: Sequence[Sequence[_Cell]]) -> int:
    """The first row of more than one filled cell: a row of one is a title."""
    wide = (n for n, row in enumerate(rows) if sum(bool(cell.written) for cell in row) > 1)
    return next(wide, 0)


# ----------------------------------------------------------------------------------------- forms


def _pair_claim(page: Blocks, key: Block) -> Claim | None:
    """None where the key or the value is blank: then the line says all there is."""
    name = page.written(key)
    value = [block for each in page.related(key, "VALUE") for block in page.written(each)]
    label, said = text_of(name).rstrip(LEADERS), text_of(value)
    if not label or not said.strip(LEADERS):
        return None
    written = [*name, *value]
    line = line_of(f"{label}: {said}", written)
    return Claim((line,), frozenset(block["Id"] for block in written))


# ----------------------------------------------------------------------------------------- order


def _lines(page: Blocks, claims: Sequence[Claim]) -> Iterator[Line]:
    """Every line in reading order; a claim's lines stand where its first word does."""
    claim_of = {word: claim for claim in claims for word in claim.words}
    said: set[int] = set()
    for block, heading in _in_reading_order(page):
        rest: list[Block] = []
        words = page.written(block)
        for word in words:
            claim = claim_of.get(word["Id"])
            if claim is None:
                rest.append(word)
            elif id(claim) not in said:
                yield from _rest_line(rest, heading)
                said.add(id(claim))
                rest = []
                yield from claim.lines
        whole = len(rest) == len(words)
        yield from _whole_line(block, heading) if whole else _rest_line(rest, heading)
    yield from (line for claim in claims if id(claim) not in said for line in claim.lines)


def _whole_line(block: Block, heading: int) -> Iterator[Line]:
    if text := text_of([block]):
        yield replace(line_of(text, [block]), heading=heading)


def _rest_line(words: Sequence[Block], heading: int) -> Iterator[Line]:
    if words:
        yield replace(line_of(text_of(words), words), heading=heading)


def _in_reading_order(page: Blocks) -> list[tuple[Block, int]]:
    """Every LINE once, with its level as a heading: in the order of the layout; a line that is in
    none of its parts follows the line it follows in Textract's own order."""
    heading: dict[str, int] = {}
    for part in page.of("LAYOUT_"):
        for line in _layout_lines(page, part):
            heading.setdefault(line["Id"], HEADINGS.get(part["BlockType"], 0))
    lines = {line["Id"]: line for line in page.of("LINE")}
    order = [name for name in heading if name in lines]
    before = -1
    for name in lines:
        if name in heading:
            before = order.index(name)
        else:
            before += 1
            order.insert(before, name)
    return [(lines[name], heading.get(name, 0)) for name in order]


def _layout_lines(page: Blocks, part: Block) -> Iterator[Block]:
    """A part's lines; a list holds texts that hold lines."""
    for child in page.related(part):
        if child["BlockType"].startswith("LAYOUT_"):
            yield from _layout_lines(page, child)
        elif _is(child, "LINE"):
            yield child
