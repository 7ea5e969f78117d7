"""Textract's blocks of one page: who is whose child, what they say and where they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from askbucket.models import Box, Line

Block = Mapping[str, Any]
CHOSEN, NOT_CHOSEN = "[x]", "[ ]"


class Blocks:
    """The blocks of one page, in Textract's order. References to blocks that are not there count
    for nothing."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._by_id = {block["Id"]: block for block in blocks}

    def of(self, *kinds: str) -> list[Block]:
        """Those whose type begins in one of these ways."""
        return [block for block in self._blocks if block["BlockType"].startswith(kinds)]

    def related(self, block: Block, how: str = "CHILD") -> list[Block]:
        ids = (
            name
            for relation in block.get("Relationships") or ()
            if relation["Type"] == how
            for name in relation["Ids"]
        )
        return [self._by_id[name] for name in ids if name in self._by_id]

    def written(self, block: Block) -> list[Block]:
        """The words and check boxes of a block."""
        return [each for each in self.related(block) if text_of([each])]


def text_of(written: Iterable[Block]) -> str:
    """Words and check boxes in a row."""
    return " ".join(filter(None, map(_text, written)))


def _text(block: Block) -> str:
    if block["BlockType"] == "SELECTION_ELEMENT":
        return CHOSEN if block.get("SelectionStatus") == "SELECTED" else NOT_CHOSEN
    return " ".join(str(block.get("Text") or "").split())


def line_of(text: str, written: Collection[Block], around: Collection[Block] = ()) -> Line:
    """A line with the words' mean confidence; its box is that of `around`, or of the words."""
    sure = sum(float(block.get("Confidence", 100.0)) for block in written) / len(written)
    return Line(text, box_of(around or written), sure)


def box_of(blocks: Collection[Block]) -> Box:
    """The box around the blocks, of which there must be one; none reaches past the page."""
    boxes = [block["Geometry"]["BoundingBox"] for block in blocks]
    left = max(0.0, min(box["Left"] for box in boxes))
    top = max(0.0, min(box["Top"] for box in boxes))
    right = min(1.0, max(box["Left"] + box["Width"] for box in boxes))
    bottom = min(1.0, max(box["Top"] + box["Height"] for box in boxes))
    return Box(left, top, max(0.0, right - left), max(0.0, bottom - top))
