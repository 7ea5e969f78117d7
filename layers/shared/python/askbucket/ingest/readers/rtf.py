"""RTF by striprtf, with its input made safe: some of its patterns take quadratic time on a line.

Left out: what is a heading, pictures, and the addresses of links.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from striprtf.striprtf import font_table_group, rtf_to_text

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.tables import table_lines
from askbucket.models import Line

MOST_BYTES = 10 * 2**20  # without pictures; about 1 µs each
MOST_FONT_TABLE = 100_000  # characters
PICTURE_DIGITS = 200  # so many hexadecimal digits in a row are no words
INVISIBLE = {0xAD: None, 0xFEFF: None}  # soft hyphens, byte order marks
_FAULTS = (ValueError, TypeError, LookupError, OverflowError)


def rtf_lines(data: bytes) -> Iterator[Line]:
    """A line for each paragraph and each row of a table."""
    try:
        text = rtf_to_text(_prepared(data), errors="replace")
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


def _without_pictures(found: re.Match[bytes]) -> bytes:
    digits = found[0]
    return digits if len(digits) < PICTURE_DIGITS else b" "
