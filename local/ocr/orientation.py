"""Reading pictures that lie on their side or upside down, as Textract does.

Engines expect upright text. A turned page shows itself by a poor result, so the other three
directions are tried only then; boxes always come back on the page as it is displayed.
"""

from dataclasses import dataclass, replace

from PIL import Image

from local.ocr.page_text import Box, Engine, Line

SURE = 75.0
"""Confidence of a word that counts as read; upright noisy scans average 88-99, turned 55-65."""
SURE_SHARE = 0.5
"""Share of the letters that must be read in flat lines, or the other directions are tried."""
TURNS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}
"""Degrees counter-clockwise that the picture is turned by before it is read."""


def read_upright(engine: Engine, image: Image.Image) -> list[Line]:
    """The picture's lines, read in the direction that the engine is surest of.

    Raises:
        OcrFailed: the engine gave up.
    """
    first = _Attempt(engine.words(image), image.size)
    if first.is_upright:
        return first.lines
    tried = {0: first}
    for degrees, turn in TURNS.items():
        turned = image.transpose(turn)
        tried[degrees] = _Attempt(engine.words(turned), turned.size)
        if tried[degrees].is_upright:
            break
    best = max(tried, key=lambda degrees: tried[degrees].letters_read)
    return [_turned_back(line, best) for line in tried[best].lines]


@dataclass(frozen=True)
class _Attempt:
    """The lines that one direction gave; `size` is the picture's as it was turned."""

    lines: list[Line]
    size: tuple[int, int]

    @property
    def letters_read(self) -> int:
        """Letters in words that the engine is sure of, in lines that lie flat."""
        flat = (line for line in self.lines if _is_flat(line, self.size))
        words = (word for line in flat for word in line.words)
        return sum(len(word.text) for word in words if word.confidence >= SURE)

    @property
    def is_upright(self) -> bool:
        letters = sum(len(word.text) for line in self.lines for word in line.words)
        return self.letters_read >= SURE_SHARE * letters


def _is_flat(line: Line, size: tuple[int, int]) -> bool:
    return line.box.width * size[0] >= line.box.height * size[1] or len(line.text) == 1


def _turned_back(line: Line, degrees: int) -> Line:
    """The line on the unturned page."""
    return Line(tuple(replace(word, box=_back(word.box, degrees)) for word in line.words))


def _back(box: Box, degrees: int) -> Box:
    if degrees == 90:
        return Box(1 - box.bottom, box.left, 1 - box.top, box.right)
    if degrees == 180:
        return Box(1 - box.right, 1 - box.bottom, 1 - box.left, 1 - box.top)
    if degrees == 270:
        return Box(box.top, 1 - box.right, box.bottom, 1 - box.left)
    return box
