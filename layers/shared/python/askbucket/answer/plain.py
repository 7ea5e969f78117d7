"""What a model wrote, as plain text: nothing in it that a viewer would load, run or follow.

A model that a document has persuaded leaks by links: a picture is fetched as soon as it is shown.
So no picture, link or tag of HTML is left, and no address but those that the cited words hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from askbucket.visible import visible

ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,30}:)?(?<![\w/])//[^\s<>\"“”，。、！？]+"  # a scheme's, or anyone's
    r"|\b[a-z][a-z0-9+.-]{1,30}://[^\s<>\"“”，。、！？]*"
    r"|\bwww\.[^\s<>\"“”，。、！？]+"
    r"|\b(?:mailto|tel|javascript|vbscript|file|blob):[^\s<>\"“”，。、！？]+"
    r"|\bdata:(?=[,;]|[\w.+-]+/)[^\s<>\"“”，。、！？]+",
    re.IGNORECASE,
)
ADDRESS_ENDS = ".,;:!?)]}'*_"
LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")  # its text stays
TAG = re.compile(r"<(?:[A-Za-z/!?][^<>]*)>")
OPENING = re.compile(r"<(?=[A-Za-z/!?])")
JOINT = re.compile(r"\](?=[(\[])")
OPENS, CLOSES = r"\[［【〔⁅⟦❲", r"\]］】〕⁆⟧❳"  # square brackets, and what looks like them
MARKER_LIKE = re.compile(rf"[{OPENS}](\s*\d[^{OPENS}{CLOSES}]*)[{CLOSES}]")
MARKER_BEGIN = re.compile(rf"[{OPENS}](?=\s*\d)")
WORD_ENDS = re.compile(r"[\s，。、！？]")


def plain(sentence: str, quotes: Iterable[str]) -> str:
    """The sentence without pictures, links, HTML and addresses that stand in none of the quotes.

    What looks like a marker in it is put in round brackets, for markers are ours alone.
    """
    known = {each for quote in quotes for each in addresses(visible(quote))}
    bare = _until_still(visible(sentence))
    marked = MARKER_LIKE.sub(r"(\1)", harmless(bare, known))
    rounded = MARKER_BEGIN.sub("(", marked)
    return " ".join(JOINT.sub("] ", rounded).split())  # a round bracket after a square one: a link


def addresses(text: str) -> set[str]:
    """Every address in the text, without the stops that follow it."""
    return {found.group().rstrip(ADDRESS_ENDS) for found in ADDRESS.finditer(text)}


def harmless(text: str, known: Collection[str] = ()) -> str:
    """The text with every address gone that is not known, and what makes links and tags of
    Markdown and HTML broken up; a change goes no further than the word it is in."""

    def kept(found: re.Match[str]) -> str:
        bare = found.group().rstrip(ADDRESS_ENDS)
        return found.group() if bare in known else found.group()[len(bare) :]

    text = ADDRESS.sub(kept, text)
    return JOINT.sub("] ", OPENING.sub("< ", text.replace("![", "[")))


class HarmlessStream:
    """`harmless` of a text that comes in pieces, however it is cut: a word is held back until it
    has ended. All that comes out is `harmless` of all that went in, without unseen characters."""

    def __init__(self) -> None:
        self._held = ""

    def add(self, piece: str) -> Iterator[str]:
        """The words that have ended."""
        self._held += piece
        ends = [found.end() for found in WORD_ENDS.finditer(self._held)]
        if ends:
            ready, self._held = self._held[: ends[-1]], self._held[ends[-1] :]
            yield harmless(visible(ready))

    def end(self) -> Iterator[str]:
        """The last word."""
        if self._held:
            yield harmless(visible(self._held))
        self._held = ""


def _until_still(text: str) -> str:
    """Without links and tags, also those that only appear when others are taken out."""
    while True:
        less = TAG.sub("", LINK.sub(r"\1", text))
        if less == text:
            return text
        text = less
