"""Textract blocks of one page: PAGE, then its LINEs, then the WORDs, as the service does it."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from local.ocr.page_text import Box, Line, Word

Block = dict[str, Any]
WHOLE_PAGE = Box(0.0, 0.0, 1.0, 1.0)


def page_blocks(lines: Sequence[Line], page: int, job_id: str) -> list[Block]:
    """The blocks of page `page` (from 1); the same job and page give the same ids again."""
    line_blocks: list[Block] = []
    word_blocks: list[Block] = []
    for number, line in enumerate(lines):
        words = [
            _text_block("WORD", f"{job_id}/{page}/{number}/{index}", page, word)
            for index, word in enumerate(line.words)
        ]
        parent = _text_block("LINE", f"{job_id}/{page}/{number}", page, line)
        line_blocks.append(parent | children(words))
        word_blocks += words
    top = {
        "BlockType": "PAGE",
        "Geometry": geometry(WHOLE_PAGE),
        "Id": block_id(f"{job_id}/{page}"),
        "Page": page,
    }
    return [top | children(line_blocks), *line_blocks, *word_blocks]


def _text_block(kind: str, name: str, page: int, read: Line | Word) -> Block:
    block: Block = {
        "BlockType": kind,
        "Confidence": round(read.confidence, 4),
        "Text": read.text,
        "Geometry": geometry(read.box),
        "Id": block_id(name),
        "Page": page,
    }
    return block | {"TextType": "PRINTED"} if kind == "WORD" else block


def geometry(box: Box) -> dict[str, Any]:
    corners = (
        (box.left, box.top),
        (box.right, box.top),
        (box.right, box.bottom),
        (box.left, box.bottom),
    )
    return {
        "BoundingBox": {
            "Width": box.width,
            "Height": box.height,
            "Left": box.left,
            "Top": box.top,
        },
        "Polygon": [{"X": x, "Y": y} for x, y in corners],
    }


def children(blocks: Sequence[Block]) -> dict[str, Any]:
    """Nothing where there are no children: Textract leaves the field out."""
    if not blocks:
        return {}
    return {"Relationships": [{"Type": "CHILD", "Ids": [block["Id"] for block in blocks]}]}


def block_id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"textract:{name}"))
