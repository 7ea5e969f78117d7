"""RTF by striprtf, with its input made safe: some of its patterns take quadratic time on a line.

Left out: what is a heading, pictures, the addresses of links, and hidden text, which is told.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from striprtf.striprtf import font_table_group, rtf_to_text

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.scans import Loss
from askbucket.ingest.readers.tables import table_lines
from askbucket.ingest.readers.text import HIDDEN_TEXT, Piece
from askbucket.models import Line

MOST_BYTES = 10 * 2**20  # without pictures; about 1 µs each
MOST_FONT_TABLE = 100_000  # characters
PICTURE_DIGITS = 200  # so many hexadecimal digits in a row are no words
HIDES = re.compile(r"\\v(0?)(?![a-z0-9-])|\\(plain)(?![a-z])|(?<!\\)([{}])")
CONTROL = re.compile(r"\\[a-z]+-?\d* ?|[{}\s]")
INVISIBLE = {0xAD: None, 0xFEFF: None}  # soft hyphens, byte order marks
_FAULTS = (ValueError, TypeError, LookupError, OverflowError)


def rtf_lines(data: bytes) -> Iterator[Piece]:
    """A line for each paragraph and each row of a table."""
    prepared, hidden = _without_hidden(_prepared(data))
    if hidden:
        yield Loss(HIDDEN_TEXT)
    try:
        text = rtf_to_text(prepared, errors="replace")
    except _FAULTS as error:
        raise UnreadableDocument("the RTF file is damaged") from error
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    lines = whole.translate(INVISIBLE).split("\n")
    for is_table, group in itertools.groupby(lines, _is_row):
        if is_table:
            yield from table_lines(line.strip().removesuffix("|").split("|") for line in group)
        else:
            yield from map(Line, group)


def _is_row(line: str) -> bool:
    """striprtf ends every cell of a table so."""
    return line.rstrip().endswith("|")


def _prepared(data: bytes) -> str:
    """Pictures taken out, bytes of the codepage escaped, and a line end before every group and
    font: it means nothing in RTF, and patterns that end at a line then have little to search."""
    if b"\\pict" in data:
        data = re.sub(rb"[0-9a-fA-F\r\n]+", _without_pictures, data)
    if b"\\bin" not in data:
        data = re.sub(rb"[\x80-\xff]", lambda found: b"\\'%02x" % found[0][0], data)
    if len(data) > MOST_BYTES:
        raise UnreadableDocument(
            f"the RTF file has {len(data)} bytes of text; {MOST_BYTES} at most are read"
        )
    text = re.sub(r"(?<!\\)(?=\{|\\f\d)", "\n", data.decode("latin-1"))
    if len(font_table_group(text)) > MOST_FONT_TABLE:
        raise UnreadableDocument("the RTF file is damaged: its list of fonts does not end")
    return text


def _without_hidden(text: str) -> tuple[str, bool]:
    """The text without what stands between `\\v` and its end, and whether that said anything."""
    kept, hidden, around = list[str](), list[str](), list[bool]()
    hides, at = False, 0
    for found in HIDES.finditer(text):
        (hidden if hides else kept).append(text[at : found.start()])
        shown, plain, brace = found.groups()
        if brace == "{":
            around.append(hides)
        elif brace:
            hides = around.pop() if around else False
        else:
            hides = plain is None and shown == ""
        kept.append(found.group() if brace else " ")
        at = found.end()
    kept.append(text[at:])
    return "".join(kept), any(CONTROL.sub("", each) for each in hidden)


def _without_pictures(found: re.Match[bytes]) -> bytes:
    digits = found[0]
    return digits if len(digits) < PICTURE_DIGITS else b" "
