"""Text of OpenDocument that nobody sees: hidden by its style, or of one point at most."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from askbucket.ingest.readers.package import Package, attribute, descendants, local

PARTS = ("content.xml", "styles.xml")
STYLED = ("span", "p", "h", "a")
HIDDEN = "hidden-text"
POINTS = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)pt")
TINY_POINTS = 1.0


def hidden_styles(package: Package) -> set[str]:
    """The names of the styles whose text is not shown."""
    roots = (package.xml(part) for part in PARTS if part in package)
    return {name for root in roots for name in _hidden(root)}


def _hidden(root: Element) -> Iterator[str]:
    for style in descendants(root, "style"):
        looks = (each for each in style if local(each) == "text-properties")
        if any(attribute(look, "display") == "none" or _is_tiny(look) for look in looks):
            yield attribute(style, "name")


def _is_tiny(look: Element) -> bool:
    points = POINTS.fullmatch(attribute(look, "font-size"))
    return points is not None and float(points[1]) <= TINY_POINTS


def take_out(body: Element, styles: Collection[str]) -> bool:
    """Empties everything in `body` that is not shown; whether that said anything."""
    found = [each for each in body.iter() if _is_hidden(each, styles)]
    said = any(text.strip() for each in found for text in each.itertext())
    for each in found:
        each.text = None
        del each[:]
    return said


def _is_hidden(element: Element, styles: Collection[str]) -> bool:
    if local(element) == HIDDEN:
        return attribute(element, "is-hidden") == "true"
    return local(element) in STYLED and attribute(element, "style-name") in styles
