"""Textract's blocks of a page's structure, joined to those of its text."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean
from typing import Any

from local.ocr.page_text import Box, Line, Word, around
from local.textract.blocks import Block, block_id, children, geometry, page_blocks
from local.textract.forms import Pair
from local.textract.layout import Part
from local.textract.structure import Structure, Table

FEATURES = ("TABLES", "FORMS", "LAYOUT")
"""What this endpoint looks for; the service also knows QUERIES and SIGNATURES."""


def analysed_blocks(
    lines: Sequence[Line], structure: Structure, features: Sequence[str], page: int, job_id: str
) -> list[Block]:
    """The blocks of the page's text as `page_blocks` gives them, then those of the features; the
    page is the parent of all that have no other."""
    whole, *text = page_blocks(lines, page, job_id)
    made = _Maker(lines, page, job_id)
    groups: list[list[Block]] = []
    if "TABLES" in features:
        groups += [made.table(table, f"table/{n}") for n, table in enumerate(structure.tables)]
    if "FORMS" in features:
        groups += [made.pair(pair, f"pair/{n}") for n, pair in enumerate(structure.pairs)]
    if "LAYOUT" in features:
        groups += [made.part(part, f"part/{n}") for n, part in enumerate(structure.parts)]
    lines_of_page = [block for block in text if block["BlockType"] == "LINE"]
    whole |= children([*lines_of_page, *(group[0] for group in groups)])
    return [whole, *text, *(block for group in groups for block in group)]


class _Maker:
    """Blocks of one page. Each method's first block is the one the others hang on."""

    def __init__(self, lines: Sequence[Line], page: int, job_id: str) -> None:
        self._page = page
        self._name = f"{job_id}/{page}"
        self._ids = {id(line): block_id(f"{self._name}/{n}") for n, line in enumerate(lines)} | {
            id(word): block_id(f"{self._name}/{n}/{index}")
            for n, line in enumerate(lines)
            for index, word in enumerate(line.words)
        }

    def table(self, table: Table, name: str) -> list[Block]:
        whole = self._block("TABLE", name, around(word.box for word in table.words), table.words)
        cells = [
            self._block("CELL", f"{name}/{cell.row}/{cell.column}", box, cell.words)
            | {"RowIndex": cell.row, "ColumnIndex": cell.column, "RowSpan": 1, "ColumnSpan": 1}
            | ({"EntityTypes": ["COLUMN_HEADER"]} if cell.header else {})
            | self._holding(cell.words)
            for cell, box in zip(table.cells, _cell_boxes(table), strict=True)
        ]
        return [whole | {"EntityTypes": ["STRUCTURED_TABLE"]} | children(cells), *cells]

    def pair(self, pair: Pair, name: str) -> list[Block]:
        key, value = (
            self._block("KEY_VALUE_SET", f"{name}/{kind}", around(w.box for w in words), words)
            | {"EntityTypes": [kind]}
            | self._holding(words)
            for kind, words in (("KEY", pair.key), ("VALUE", pair.value))
        )
        key["Relationships"].insert(0, {"Type": "VALUE", "Ids": [value["Id"]]})
        return [key, value]

    def part(self, part: Part, name: str) -> list[Block]:
        items = [self.part(item, f"{name}/{n}") for n, item in enumerate(part.parts)]
        lines = [*part.lines, *(line for item in part.parts for line in item.lines)]
        words = [word for line in lines for word in line.words]
        whole = self._block(part.kind, name, around(line.box for line in lines), words)
        held = children([item[0] for item in items]) if items else self._holding(part.lines)
        return [whole | held, *(block for item in items for block in item)]

    def _block(self, kind: str, name: str, box: Box, words: Sequence[Word]) -> Block:
        sure = fmean(word.confidence for word in words) if words else 100.0
        return {
            "BlockType": kind,
            "Confidence": round(sure, 4),
            "Geometry": geometry(box),
            "Id": block_id(f"{self._name}/{name}"),
            "Page": self._page,
        }

    def _holding(self, parts: Iterable[Line | Word]) -> dict[str, Any]:
        return children([{"Id": self._ids[id(part)]} for part in parts])


def _cell_boxes(table: Table) -> Iterator[Box]:
    """Every cell as wide as its column and as high as its row, by the words in them."""
    everything = around(word.box for word in table.words)
    rows, columns = (
        {number: _words_in(table, by, number) for number in {getattr(c, by) for c in table.cells}}
        for by in ("row", "column")
    )
    for cell in table.cells:
        row = around(rows[cell.row]) if rows[cell.row] else everything
        column = around(columns[cell.column]) if columns[cell.column] else everything
        yield Box(column.left, row.top, column.right, row.bottom)


def _words_in(table: Table, by: str, number: int) -> list[Box]:
    return [w.box for cell in table.cells if getattr(cell, by) == number for w in cell.words]
