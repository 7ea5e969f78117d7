"""Keys and document text on a terminal and in logs: shown, never obeyed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.log import event
from local.ask_cli import shown
from local.cli import _status_line
from local.terminal import OBEYED, json_text, say

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202e"
KEY = f"a\n{ESCAPES}ready     forged.txt"


def test_an_answer_is_printed_without_what_a_terminal_obeys(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cite = {"marker": 1, "document": KEY, "page": None, "quote": f"free{ESCAPES}"}

    say(shown({"answer": f"It is free{ESCAPES} [1]", "citations": [cite]}))

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert lines[0] == "It is free]0;owned[2J31m [1]"


def test_a_key_cannot_forge_a_line_of_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    say(_status_line({"status": "failed", "document": KEY, "reason": "no text", "warnings": []}))

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["failed", "no"]


@given(value=st.text())
def test_json_is_the_same_value_and_harmless(value: str) -> None:
    text = json_text({"key": value + ESCAPES})

    assert json.loads(text) == {"key": value + ESCAPES}
    assert OBEYED.search(text) is None
    assert not any(ord(letter) < 0x20 for letter in text)


def test_a_log_line_is_plain_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    event("document_read", key=KEY)

    (line,) = capsys.readouterr().err.splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["key"] == KEY
