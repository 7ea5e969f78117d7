"""What an OCR engine returns: words in lines, placed on the page as displayed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from PIL import Image


class OcrFailed(Exception):
    """The engine could not read one picture; the message says why. Other pages are not affected."""


@dataclass(frozen=True)
class Box:
    """An upright rectangle in fractions (0..1) of the page's width and height, origin top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Word:
    """One word without white space; confidence 0..100."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True)
class Line:
    """Words from left to right; never empty."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        return sum(word.confidence for word in self.words) / len(self.words)

    @property
    def box(self) -> Box:
        return around(word.box for word in self.words)


class Engine(Protocol):
    """Reads upright pictures. Called from several threads at once."""

    @property
    def name(self) -> str: ...

    def words(self, image: Image.Image) -> list[Line]:
        """Lines in reading order, empty for a picture without text.

        Raises:
            OcrFailed: the engine gave up on this picture.
        """
        ...


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of `boxes` (at least one)."""
    held = list(boxes)
    return Box(
        min(box.left for box in held),
        min(box.top for box in held),
        max(box.right for box in held),
        max(box.bottom for box in held),
    )


def clipped(left: float, top: float, right: float, bottom: float) -> Box:
    """The box cut off at the page's edges; engines overshoot them by a pixel or two."""
    return Box(_share(left), _share(top), _share(right), _share(bottom))


def _share(value: float) -> float:
    return min(1.0, max(0.0, float(value)))
