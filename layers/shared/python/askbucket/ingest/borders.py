"""Where a page may be cut, and how gladly: its headings, tables, paragraphs and sentences.

LangChain's splitter cuts at separators it finds in the text and finds a piece again by its text.
It is given a text of the same length instead, in which every place to cut at is a letter that
tells its rank, and every other letter tells where it stands and how much it weighs: embedders take
a number of tokens, and figures and signs make far more of them than words do.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Mapping
from itertools import pairwise, zip_longest

from askbucket.models import Line, Page

HEADINGS = "\x00\x01\x02\x03\x04\x05"  # before a heading of level 1 to 6
PARAGRAPH, SENTENCE, LINE, WORD = "\x06\x07\x08\x09"
RANKS = [*HEADINGS, PARAGRAPH, SENTENCE, LINE, WORD]
UNIQUE, UNIQUES = 0x10000, 0x80000  # half of the code points above the basic plane, twice
DENSE_WEIGHT = 3  # of a figure, a sign or a letter that is not Latin, where a Latin letter has 1
GAP = 0.5  # of a line's height: more room than between most lines of the page

_DENSE = re.compile(f"[{chr(UNIQUE + UNIQUES)}-{chr(UNIQUE + 2 * UNIQUES - 1)}]")
# White space, a stop of scripts that write without it, and letters in long runs of any kind.
_PLACE = re.compile(r"\s+|[。！？｡，、；：।]+[”’」』）》]*")
_STOP = re.compile(r"[.!?…؟۔።։][\"'”’»)\]]*\s+(?=\S)|[。！？｡।]+[”’」』）》]*\s*")
_ABBREVIATION = re.compile(
    r"(?:^\s*\d{1,3}|(?:^|[\s(\[\"“'/])(?:[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]"
    r"|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Capt|Rev|Sen|Inc|Corp|Co|Ltd|Bros"
    r"|[Nn]os?|[Vv]ols?|[Ff]igs?|Eqs?|[Ss]ecs?|Art|vs|cf|al|etc|approx|ca|pp?|resp"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|bzw|usw|Nr|Abs|Sra?|Dra?|núm|pág))\.\Z",
    re.MULTILINE,
)


def marked(page: Page, run: int) -> str:
    """page.text with the places to cut after as RANKS, and all else as `position` reads it.

    No two places stand side by side, and none at the beginning. Rows of tables have none inside;
    words have one after every `run` letters.
    """
    text = page.text
    places = _places(text, run)
    _set_line_ends(places, page)
    letters = [chr(_plane(letter) + at % UNIQUES) for at, letter in enumerate(text)]
    for at, rank in _apart(places):
        letters[at] = rank
    return "".join(letters)


def position(letter: str, after: int) -> int:
    """Where a letter of `marked` stands: `after` or behind it, by less than UNIQUES."""
    return after + (ord(letter) - UNIQUE - after) % UNIQUES


def weight(piece: str) -> int:
    """How much a piece of `marked` counts, in Latin letters."""
    return len(piece) + (DENSE_WEIGHT - 1) * len(_DENSE.findall(piece))


def _plane(letter: str) -> int:
    light = letter.isspace() or (letter.isalpha() and letter < "\u0250")
    return UNIQUE if light else UNIQUE + UNIQUES


def _apart(places: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Without the first letter, and of two side by side only the better place."""
    held: tuple[int, str] | None = None
    for at in sorted(places.keys() - {0}):
        if held and held[0] == at - 1 and held[1] <= places[at]:
            continue
        if held and held[0] < at - 1:
            yield held
        held = at, places[at]
    if held:
        yield held


def _places(text: str, run: int) -> dict[int, str]:
    """Places in the running text: the last character before the cut, and the rank."""
    long = re.finditer(rf"\S{{{run}}}(?=\S)", text)
    places = {match.end() - 1: WORD for match in long}
    places |= {match.end() - 1: WORD for match in _PLACE.finditer(text)}
    return places | dict.fromkeys(_sentence_ends(text), SENTENCE)


def _sentence_ends(text: str) -> Iterator[int]:
    """Decimal numbers have no white space after their point; a small letter goes on with it."""
    for match in _STOP.finditer(text):
        after = text[match.end() : match.end() + 1]
        stop = match.start() + 1
        point = text[match.start()] == "."
        if not after.islower() and not (
            point and _ABBREVIATION.search(text, max(0, stop - 12), stop)
        ):
            yield match.end() - 1


def _set_line_ends(places: dict[int, str], page: Page) -> None:
    usual = _usual_gap(page)
    at = 0
    for line, after in zip_longest(page.lines, page.lines[1:]):
        end = at + len(line.text)
        if line.table:
            for inside in range(at, end):
                places.pop(inside, None)
        if after is not None:
            places[end] = _between(line, after, usual) or min(places.get(end, LINE), LINE)
        at = end + 1


def _between(line: Line, after: Line, usual: float) -> str | None:
    """The rank of the end of a line; None where the structure tells nothing of it.

    Nothing is cut off gladly from its heading, nor from the header of its table.
    """
    if line.heading or (line.header and after.table == line.table):
        return WORD
    if after.heading:
        return HEADINGS[min(after.heading, len(HEADINGS)) - 1]
    if line.table and line.table == after.table:
        return SENTENCE
    if line.table or after.table or _gap(line, after) > usual:
        return PARAGRAPH
    goes_on = after.text.lstrip()[:1].islower()
    return None if goes_on or line.box else SENTENCE


def _gap(line: Line, after: Line) -> float:
    """Room between two lines, in heights of the first; 0 where that is not known."""
    if line.box is None or after.box is None or line.box.height <= 0:
        return 0.0
    return (after.box.top - line.box.top - line.box.height) / line.box.height


def _usual_gap(page: Page) -> float:
    """More than this parts paragraphs."""
    gaps = [_gap(line, after) for line, after in pairwise(page.lines)]
    return GAP + max(0.0, statistics.median(gaps or [0.0]))
