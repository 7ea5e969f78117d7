"""JSON and JSON Lines as lines: one for each record, its place first, then `name: value`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from askbucket.ingest.tables import CELL_SEPARATOR, one_line

JSON_ENDINGS = (".json", ".jsonl", ".ndjson", ".geojson")


def json_lines(text: str) -> list[str] | None:
    """None where it is no JSON, or nested too deeply to be read as such."""
    try:
        values = _values(text)
        return [line for value in values for line in _lines(value, "")]
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
