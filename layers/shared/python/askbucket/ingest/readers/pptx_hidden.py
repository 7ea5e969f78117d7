"""Text of a slide that nobody sees: hidden shapes, shapes beside the slide, and tiny letters."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from askbucket.ingest.readers.package import attribute, descendants, local

RUNS = ("r", "fld")
ABOUT = ("nvSpPr", "nvGrpSpPr", "nvGraphicFramePr")
TINY = 100  # hundredths of a point
ON = ("1", "true")


def slide_size(presentation: Element) -> tuple[int, int]:
    """Width and height in EMU; zeros where it does not say."""
    for size in descendants(presentation, "sldSz"):
        return _number(size, "cx"), _number(size, "cy")
    return 0, 0


def take_out(slide: Element, size: tuple[int, int]) -> bool:
    """Empties every text that the slide does not show; whether that said anything."""
    trees = list(descendants(slide, "spTree"))
    beside = [shape for tree in trees for shape in tree if _is_beside(shape, size)]
    unseen = [*beside, *(each for each in slide.iter() if _is_hidden(each) or _is_tiny(each))]
    texts = [text for each in unseen for text in descendants(each, "t")]
    said = any((text.text or "").strip() for text in texts)
    for text in texts:
        text.text = None
    return said


def _is_hidden(shape: Element) -> bool:
    named = (name for each in shape if local(each) in ABOUT for name in each)
    return any(attribute(name, "hidden") in ON for name in named if local(name) == "cNvPr")


def _is_tiny(run: Element) -> bool:
    if local(run) not in RUNS:
        return False
    sizes = (attribute(each, "sz") for each in run if local(each) == "rPr")
    return any(size.isdecimal() and int(size[:6]) <= TINY for size in sizes)


def _is_beside(shape: Element, size: tuple[int, int]) -> bool:
    """Whether no part of it is on the slide; one whose place is its layout's is."""
    if not all(size):
        return False
    for place in descendants(shape, "xfrm"):
        spans = list(_spans(place))
        return any(
            start >= most or end < 0 for (start, end), most in zip(spans, size, strict=False)
        )
    return False


def _spans(place: Element) -> Iterator[tuple[int, int]]:
    """Left and right, then top and bottom."""
    named = {local(each): each for each in place}
    if "off" in named and "ext" in named:
        for start, extent in (("x", "cx"), ("y", "cy")):
            at = _number(named["off"], start)
            yield at, at + _number(named["ext"], extent)


def _number(element: Element, name: str) -> int:
    value = attribute(element, name)
    whole = value.removeprefix("-")
    return int(value) if whole.isdecimal() and whole.isascii() and len(whole) < 19 else 0
