"""E-books, RTF and JSON as lines."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.unit.ingest.readers import cuts, lines_of, reason_of, roles_of, zipped

CHAPTER = """<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "x.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head/><body><h1>{0}</h1><p>Text of {0}.</p></body>
</html>"""
CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
BOOK = """<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Harbours
</dc:title></metadata><manifest>
<item id="b" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="c" href="cover.png" media-type="image/png"/></manifest>
<spine><itemref idref="c"/><itemref idref="a"/><itemref idref="b"/><itemref idref="x"/></spine>
</package>"""


def book(**more: str) -> dict[str, str]:
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": BOOK,
        "OPS/text/two b.xhtml": CHAPTER.format("Two"),
        "OPS/text/one.xhtml": CHAPTER.format("One"),
        **more,
    }


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    assert lines_of(tmp_path, zipped(book())) == [
        "Harbours",
        "One",
        "Text of One.",
        "Two",
        "Text of Two.",
    ]


def test_a_book_and_its_chapters_have_headings(tmp_path: Path) -> None:
    found = [line for line in roles_of(tmp_path, zipped(book())) if "# " in line]
    assert found == ["1# Harbours", "1# One", "1# Two"]


def test_a_protected_book_is_refused(tmp_path: Path) -> None:
    locked = '<e><d><CipherReference URI="OPS/text/one.xhtml"/></d></e>'
    body = zipped(book(**{"META-INF/encryption.xml": locked}))
    assert "copy-protected" in reason_of(tmp_path, body)


def test_a_book_with_a_hole_or_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aa">]><package>&a;</package>'
    assert "entities" in reason_of(tmp_path, zipped(book(**{"OPS/book.opf": bomb})))
    parts = book()
    del parts["OPS/text/one.xhtml"]
    assert "one.xhtml is missing" in reason_of(tmp_path, zipped(parts))
    for cut in cuts(zipped(book())):
        assert "damaged or cut short" in reason_of(tmp_path, cut)


RTF = (
    rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}}
{\*\generator Riched}{\info{\author Anna}}\pard Rent f\'fcr Shed A\par
\u-10179?\u-8704? {\b bold} and \{braces\}\par
{\field{\*\fldinst{HYPERLINK "http://example.com"}}{\fldrslt{a link}}}\par
\trowd\cellx1\cellx2 Shed\cell Rent\cell\row
{\pict\pngblip """
    + b"89504e47" * 100
    + b"}end\xfc\\par}"
)


def test_rtf_is_its_paragraphs_and_rows(tmp_path: Path) -> None:
    assert lines_of(tmp_path, RTF) == [
        "Rent für Shed A",
        "😀 bold and {braces}",
        "a link",
        "Shed | Rent",
        "endü",
    ]


def test_rtf_rows_are_a_table(tmp_path: Path) -> None:
    assert [role for role in roles_of(tmp_path, RTF) if "|" in role] == ["1| Shed | Rent"]


def test_rtf_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    for cut in cuts(RTF)[5:]:
        assert lines_of(tmp_path, cut)[0] == "Rent für Shed A"


@pytest.mark.parametrize(
    "body",
    [
        b"{\\rtf1 " + b"{\\field{\\*\\fldinst{" * 30_000 + b'HYPERLINK "a"',
        b"{\\rtf1 " + b'{\\field{\\*\\fldinst{HYPERLINK "' * 10_000,
        b"{\\rtf1 {\\field{\\*\\fldinst{" + b'HYPERLINK "' * 30_000,
        b"{\\rtf1 {\\fonttbl" + b"\\f1" * 30_000 + b"}",
        b"{\\rtf1 {\\fonttbl" + b"\\f1\\fcharset0 " * 30_000 + b"}",
        b"{\\rtf1 " + b"{" * 300_000,
    ],
    ids=["fields", "links", "quotes", "fonts", "charsets", "groups"],
)
def test_hostile_rtf_takes_no_more_time_than_its_size(tmp_path: Path, body: bytes) -> None:
    started = time.monotonic()
    assert reason_of(tmp_path, body)
    assert time.monotonic() - started < 5


def test_damaged_rtf_is_refused(tmp_path: Path) -> None:
    assert "RTF file is damaged" in reason_of(tmp_path, b"{\\rtf1 \\uc \\u9999999 a}")


def test_json_records_are_lines_with_names(tmp_path: Path) -> None:
    body = {
        "name": "Harbour",
        "open": True,
        "sheds": [{"id": "A", "rent": 310, "tags": ["dry", "new"]}, {"id": "B", "rent": None}],
        "owner": {"address": {"city": "Kiel"}},
        "grid": [[1, 2], [3]],
    }
    assert lines_of(tmp_path, json.dumps(body).encode(), "a.json") == [
        "name: Harbour | open: true",
        "sheds | id: A | rent: 310 | tags: dry, new",
        "sheds | id: B",
        "owner.address | city: Kiel",
        "grid | 1",
        "grid | 2",
        "grid | 3",
    ]


def test_json_lines_are_lines(tmp_path: Path) -> None:
    body = b'{"id": 1, "text": "one\\nmore"}\n\n{"id": 2, "half": "\\ud83d"}\n'
    assert lines_of(tmp_path, body, "a.jsonl") == ["id: 1 | text: one more", "id: 2 | half: ?"]


@pytest.mark.parametrize("body", [b'{"a": 1', b"[" * 100_000, b'{"a": ' * 5000 + b"1"])
def test_what_is_no_json_is_read_as_text(tmp_path: Path, body: bytes) -> None:
    assert "".join(lines_of(tmp_path, body, "a.json")).replace(" ", "") == body.decode().replace(
        " ", ""
    )


def test_deep_json_is_read_as_text(tmp_path: Path) -> None:
    body = b'{"a": ' * 900 + b"1" + b"}" * 900
    assert lines_of(tmp_path, body, "a.json")
