"""Sentences of extracted text, each a verbatim piece of it up to white space.

Extracted text is prose broken into lines, mixed with table rows, headings and list items, none of
which end in a full stop. So lines are joined into passages, and passages split at sentence ends.
"""

import re

LONG_LINE = 45  # characters; a prose line broken by its column's width is hardly ever shorter
FULL_SHARE = 0.7  # of the longest line; a shorter one ended before the column did, as headings do
ENDINGS = ".!?。！？؟:;"
LEAD_INS = ("?", "？", "؟", ":", "：")
HEADING_WORDS = 8
LITTLE = 3  # letters of a word that titles leave small
HYPHENS = "-\u2010\u00ad"

BAR = " | "  # between the cells of a row

_ROW = re.compile(r"\t|\||\S {2,}\S+ {2,}\S|(?:[$€£(]?\d(?:[\d.,]*\d)?%?\)?\s+){2,}")
_MONTH = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)$"
)
_ITEM = re.compile(r"\s*(?:[-–—•*·▪●○■]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])\s")
_STATES = re.compile(r"[\d.!?:;|\t。！？؟]|\S {2,}\S")
_END = re.compile(
    r"[.!?؟][\"'”’)\]]*(?:\s*\[\d+\])*\s+(?=[\"'“‘(\[¿¡]*[^\W_a-z])|[。！？]+[”’」』）]*"
)
_ABBREVIATION = re.compile(
    r"^\W*\d{1,3}\.$|(?:^|[\s(\"“'])(?:[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]"
    r"|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Capt|Rev|Sen|Inc|Corp|Co|Ltd"
    r"|Nos?|Vol|Figs?|Eq|Sec|Art|vs|cf|al|etc|approx|ca|pp?"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$"
)


def sentences(text: str) -> list[str]:
    """The sentences of `text` in order, white space runs turned into one space, none empty.

    A question or a label with its colon takes the sentence after it along: alone it says nothing.
    Not a row, which has a label of its own.
    """
    found: list[str] = []
    leads_in = False
    for sentence in (piece for passage in _passages(text) for piece in split(passage)):
        if leads_in and BAR not in sentence:
            found[-1] += " " + sentence
        else:
            found.append(sentence)
        leads_in = not leads_in and sentence.endswith(LEAD_INS)
    return found


def is_heading(sentence: str) -> bool:
    """Few words and nothing that a statement, a row or a figure has: it names what follows."""
    return len(sentence.split()) <= HEADING_WORDS and not _STATES.search(
        sentence.strip("0123456789. ")
    )


def is_title(sentence: str) -> bool:
    """A heading, or words that all begin with a capital: a name, a running title."""
    if is_heading(sentence):
        return True
    words = [word for word in sentence.split() if len(word) > LITTLE and word[0].isalpha()]
    named = bool(words) and not any(word[0].islower() for word in words)
    return named and BAR not in sentence and sentence[-1] not in ".!?。"


def _passages(text: str) -> list[str]:
    """Lines of prose joined; a row, heading, list item or paragraph starts anew."""
    lines = text.splitlines()
    full = max(LONG_LINE, FULL_SHARE * max(map(len, lines), default=0))
    passages: list[str] = []
    for previous, line in zip(["", *lines], lines, strict=False):
        if passages and _continues(previous.strip(), line.strip(), full):
            passages[-1] += " " + line
        else:
            passages.append(line)
    return [" ".join(passage.split()) for passage in passages if passage.strip()]


def _continues(before: str, line: str, full: float) -> bool:
    """Whether `line` goes on with what `before` left open; `full`: length of a full line."""
    if not before or not line or before[-1] in ENDINGS:
        return False
    if line[0] in ".,;)" or (line[0].isdigit() and _MONTH.search(before)):
        return True
    if not any(map(str.isalpha, line)):  # a figure below its label, as in forms and receipts
        return len(before.split()) <= HEADING_WORDS and "|" not in before + line
    if _ITEM.match(line) or _is_row(before) or _is_row(line):
        return False
    return line[0].islower() or before[-1] in HYPHENS or len(before) >= full


def _is_row(line: str) -> bool:
    """Columns: tabs, bars, two wide gaps, or two numbers in a row with white space between them."""
    return _ROW.search(line.strip() + " ") is not None


def split(passage: str) -> list[str]:
    """The sentences of a text without line breaks; a row stays whole."""
    if BAR in passage:
        return [passage]
    found: list[str] = []
    start = 0
    for end in _END.finditer(passage):
        piece = passage[start : end.end()].strip()
        if not _ABBREVIATION.search(passage[start : end.start() + 1]):
            found.append(piece)
            start = end.end()
    rest = passage[start:].strip()
    return [*found, rest] if rest else found
