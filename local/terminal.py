"""Text of documents on a terminal: shown, never obeyed."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from askbucket.visible import visible

# JSON escapes control characters below a space; a terminal obeys these as well.
OBEYED = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")


def say(text: str, *, err: bool = False) -> None:
    """Prints it without control characters: keys and document text may hold escape sequences."""
    click.echo(visible(text), err=err)


def one_line(name: str) -> str:
    """A key in a line of ours, which a line end in it must not end."""
    return visible(name).replace("\n", " ")


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON of the same value with nothing in it that a terminal obeys."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return OBEYED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
