"""Records as lines, one for each: rows of CSV with the names of their columns, JSON and JSON
Lines with their place first, then `name: value`."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.tables import CELL_SEPARATOR, is_number, one_line, row_line
from askbucket.models import Line

JSON_ENDINGS = (".json", ".jsonl", ".ndjson", ".geojson")
CSV_ENDINGS = (".csv", ".tsv")
CSV_FIELD_CHARS = 1_000_000
SEPARATORS = "\t;|,"  # the likelier first: commas also stand in texts and numbers
SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # for Excel
SAMPLE_CHARS, SAMPLE_ROWS = 64 * 1024, 20


def csv_lines(text: str) -> Iterator[Line]:
    """A line for each row: `Name: Anna | Age: 41` under a header row, else the cells in a row."""
    csv.field_size_limit(CSV_FIELD_CHARS)
    text = text.removeprefix("\ufeff")
    told = SEPARATOR_LINE.match(text)
    separator = told[1] if told else max(SEPARATORS, key=lambda each: _fit(text, each))
    try:
        rows = csv.reader(
            io.StringIO(text[told.end() if told else 0 :], newline=""), delimiter=separator
        )
        header = [one_line(name) for name in next(rows, [])]
        named = len(header) > 1 and all(name and not is_number(name) for name in header)
        yield Line(CELL_SEPARATOR.join(header), table=1, header=named)
        for row in rows:
            yield Line(row_line(row, header if named else ()), table=1)
    except csv.Error as error:
        raise UnreadableDocument(f"the table cannot be read: {error}") from error


def _fit(text: str, separator: str) -> tuple[float, int]:
    """The share of the first rows that are as wide as the very first, and its width."""
    sample = io.StringIO(text[:SAMPLE_CHARS], newline="")
    try:
        found = filter(None, csv.reader(sample, delimiter=separator))
        widths = [len(row) for row in itertools.islice(found, SAMPLE_ROWS)]
    except csv.Error:
        return 0.0, 0
    alike = sum(width == widths[0] for width in widths) / len(widths) if widths else 0.0
    return (alike, widths[0]) if widths and widths[0] > 1 else (0.0, 1)


def json_lines(text: str) -> list[Line] | None:
    """None where it is no JSON, or nested too deeply to be read as such."""
    try:
        values = _values(text)
        return [Line(line) for value in values for line in _lines(value, "")]
    except (ValueError, RecursionError):
        return None


def _values(text: str) -> list[object]:
    """The one value, or that of every line."""
    try:
        return [json.loads(text.removeprefix("\ufeff"))]
    except ValueError:
        lines = text.removeprefix("\ufeff").splitlines()
        return [json.loads(line) for line in lines if line.strip()]


def _lines(value: object, place: str) -> Iterator[str]:
    match value:
        case dict():
            plain = {name: each for name, each in value.items() if _plain(each)}
            cells = [f"{name}: {_text(each)}" for name, each in plain.items() if _text(each)]
            if cells:
                yield CELL_SEPARATOR.join([place, *cells] if place else cells)
            for name, each in value.items():
                if name not in plain:
                    yield from _lines(each, f"{place}.{name}" if place else name)
        case list():
            for each in value:
                yield from _lines(each, place)
        case _:
            yield CELL_SEPARATOR.join(filter(None, (place, _text(value))))


def _plain(value: object) -> bool:
    """Whether it fits into its record's line: no record, and no list of any."""
    if isinstance(value, list):
        return not any(isinstance(each, (list, dict)) for each in value)
    return not isinstance(value, dict)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return one_line(value)
        case list():
            return ", ".join(map(_text, value))
        case _:
            return json.dumps(value)
