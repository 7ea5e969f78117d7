"""Text formats as lines: whatever the encoding, and only what a reader of the file would see."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.markdown import markdown_lines
from askbucket.ingest.readers.reading import open_source
from askbucket.ingest.readers.text import LINE_CHARS, PART_LINES, TextSource, decoded, plain_lines
from askbucket.visible import visible
from tests.unit.ingest.readers import SHARED_DATA, roles_of, source_of

GERMAN = "Die Größe der Brücke beträgt fünf Meter. Die Öffnungszeiten hängen am Büro für Gäste."


def read(path: Path, body: bytes, key: str) -> list[str]:
    """The lines of a file of that name."""
    path.write_bytes(body)
    source = open_source(path, key)
    pages = source.pages(1, source.page_count)
    assert all(line.box is None for page in pages for line in page.lines)
    return [line.text for page in pages for line in page.lines]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "object"


@pytest.mark.parametrize(
    "body",
    [
        GERMAN.encode(),
        codecs.BOM_UTF8 + GERMAN.encode(),
        GERMAN.encode("utf-16"),
        codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"),
        GERMAN.encode("utf-32"),
        codecs.BOM_UTF32_BE + GERMAN.encode("utf-32-be"),
        GERMAN.encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 BOM", "utf-16", "utf-16-be", "utf-32", "utf-32-be", "cp1252"],
)
def test_text_is_read_in_its_encoding(file: Path, body: bytes) -> None:
    assert read(file, body, "notes.txt") == [GERMAN]


def test_an_encoding_is_told_by_where_it_shows(file: Path) -> None:
    """The first letter that is not ASCII may stand far behind the beginning."""
    body = ("plain words without any accent\n" * 4000 + GERMAN).encode("cp1252")
    assert read(file, body, "notes.txt")[-1] == GERMAN


def test_the_text_of_a_dos_codepage_is_read(tmp_path: Path) -> None:
    sample = SHARED_DATA / "nasty" / "files" / "russian.cp866.txt"
    if not sample.exists():
        pytest.skip("the shared data is not there")
    assert "студен" in decoded(sample.read_bytes())


def test_a_binary_file_is_no_text(file: Path) -> None:
    with pytest.raises(UnreadableDocument, match="binary"):
        read(file, b"\x00\x01\x02" * 100, "notes.txt")


def test_html_is_what_a_reader_sees(file: Path) -> None:
    body = """<!DOCTYPE html><html><head><title>Fees &amp; charges</title>
        <style>p { color: red }</style></head><body>
        <script>var hidden = "script";</script><!-- a comment -->
        <h1>Charges</h1><p>Shed&nbsp;A costs <b>310</b>
        pounds.<br>Paid in &pound;.</p><noscript>no script</noscript>
        <table><tr><th>Space</th><th>Rent</th></tr><tr><td>Shed A</td><td>310</td></tr></table>
        <ul><li>one</li><li>two</li></ul></body></html>"""
    assert read(file, body.encode(), "page") == [
        "Fees & charges",
        "Charges",
        "Shed A costs 310 pounds.",
        "Paid in £.",
        "Space | Rent",
        "Shed A | 310",
        "one",
        "two",
    ]


def test_html_tells_its_headings_and_tables(tmp_path: Path) -> None:
    body = """<html><head><title>Harbour</title></head><body><h2>Rents <i>now</i></h2>
        <table><caption>In pounds</caption><thead><tr><td>Shed</td>
        <td colspan=2>Rent</td></tr></thead>
        <tr><td rowspan="2">A</td><td>310</td><td>net</td></tr><tr><td>400</td><td>gross</td></tr>
        </table><table><tr><td>one<td>two<tr><td>three<td>four</table>text</body></html>"""
    assert roles_of(tmp_path, body.encode(), "a.html") == [
        "1# Harbour",
        "2# Rents now",
        "In pounds",
        "1+ Shed | Rent",
        "1| A | 310 | net",
        "1| A | 400 | gross",
        "2| one | two",
        "2| three | four",
        "text",
    ]


def test_a_table_that_lays_out_a_page_is_read_as_its_blocks(tmp_path: Path) -> None:
    body = """<html><body><table><tr><td><h1>News</h1><p>First.</p><p>Second.</p></td><td>
        <table role="presentation"><tr><td>left</td><td>right</td></tr></table></td></tr></table>
        <table><tr><td>alone</td></tr><tr><td>below</td></tr></table>"""
    assert roles_of(tmp_path, body.encode(), "a.html") == [
        "1# News", "First.", "Second.", "left", "right", "alone", "below",
    ]  # fmt: skip


def test_hidden_html_is_not_read(tmp_path: Path) -> None:
    body = b"""<html><body><p hidden>no</p><div style="color:red; DISPLAY : none">no<p>no</p></div>
        <span style="visibility:hidden">no</span><p style="display:block">yes</p></body></html>"""
    assert roles_of(tmp_path, body, "a.html") == ["yes"]


def test_nested_html_takes_no_more_time_than_its_size(tmp_path: Path) -> None:
    for tags in ("<table><tr><td>", "<tr><td>", "<div>", "<table><tr><th>a<td>"):
        body = f"<html><body><table>{tags * 5000}deep</body></html>".encode()
        assert "deep" in read(tmp_path / "object", body, "a.html")[-1]


def test_csv_rows_carry_the_names_of_their_columns(file: Path) -> None:
    body = b'Name,Age\nAnna,41\n"Smith, Bo",\n'
    assert read(file, body, "people.csv") == [
        "Name | Age",
        "Name: Anna | Age: 41",
        "Name: Smith, Bo",
    ]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_csv_is_read_with_any_separator(file: Path, separator: str) -> None:
    rows = [["Name", "Age"], ["Anna", "41"], ["Bo", "7"]]
    body = "\n".join(separator.join(row) for row in rows)
    assert read(file, body.encode(), "people.csv")[1:] == [
        "Name: Anna | Age: 41",
        "Name: Bo | Age: 7",
    ]


def test_a_separator_is_told_by_the_first_rows(tmp_path: Path) -> None:
    quoted = b'Name,Text\n1,"He said ""a, b; c"""\n2,"d; e"\n'
    assert roles_of(tmp_path, quoted, "a.csv")[1:] == [
        '1| Name: 1 | Text: He said "a, b; c"',
        "1| Name: 2 | Text: d; e",
    ]
    german = "\ufeffOrt;Preis\nKöln;1,5\nBonn;2,5\n".encode()
    assert roles_of(tmp_path, german, "a.csv")[1] == "1| Ort: Köln | Preis: 1,5"
    told = "sep=;\r\na;b,c\r\n1;2,3\r\n".encode("utf-16")
    assert roles_of(tmp_path, told, "a.csv") == ["1+ a | b,c", "1| a: 1 | b,c: 2,3"]


def test_csv_without_a_header_is_cells_in_a_row(file: Path) -> None:
    assert read(file, b"1,2\n3,4\n", "n.csv") == ["1 | 2", "3 | 4"]


def test_a_cell_of_several_lines_stays_one_line_of_words(file: Path) -> None:
    body = b'Name,Note\nAnna,"first line\nsecond line"\nBo,short\n'
    assert read(file, body, "n.csv")[1:] == [
        "Name: Anna | Note: first line second line",
        "Name: Bo | Note: short",
    ]


def test_markdown_tells_its_headings_and_tables(tmp_path: Path) -> None:
    body = """---
title: no heading
---
# Fees #
Paid on the first.
- a

Rents of C#
---
| Shed | Rent |
|:-----|-----:|
| A \\| B | 310 |
| C |
```python
# a comment
| no | table |
|----|-------|
```
##no heading
<table><tr><th>Shed</th><th>Rent</th></tr>

<tr><td>D</td><td>5</td></tr></table>
last
"""
    assert roles_of(tmp_path, body.replace("\\\\", "\\").encode(), "notes.md") == [
        "---",
        "title: no heading",
        "---",
        "1# Fees",
        "Paid on the first.",
        "- a",
        "2# Rents of C#",
        "1+ Shed | Rent",
        "1| A | B | 310",
        "1| C",
        "```python",
        "# a comment",
        "| no | table |",
        "|----|-------|",
        "```",
        "##no heading",
        "2+ Shed | Rent",
        "2| D | 5",
        "last",
    ]


def test_a_rule_or_a_list_above_a_rule_is_no_heading(tmp_path: Path) -> None:
    body = b"one\ntwo\n---\n\n- item\n---\n\n---\nText\n===\n"
    assert roles_of(tmp_path, body, "a.md") == [
        "one", "two", "---", "- item", "---", "---", "1# Text",
    ]  # fmt: skip


def test_text_that_is_not_named_markdown_has_no_headings(tmp_path: Path) -> None:
    assert roles_of(tmp_path, b"# Title\n", "notes.txt") == ["# Title"]


@given(text=st.text(st.sampled_from("ab #=-|`~<\n:"), max_size=80))
def test_markdown_loses_only_marks(text: str) -> None:
    found = "".join(line.text for line in markdown_lines(text) if "<" not in text)
    letters = "".join(letter for letter in text if letter in "ab")
    assert "<" in text or "".join(letter for letter in found if letter in "ab") == letters


def test_parts_are_cut_before_headings_and_not_in_tables(tmp_path: Path) -> None:
    table = "|a|b|\n|-|-|\n" + "|1|2|\n" * 50
    headed = source_of(tmp_path, ("line\n" * 250 + "# H\n" + "line\n" * 200).encode(), "a.md")
    assert [len(page.lines) for page in headed.pages(1, 2)] == [250, 201]
    whole = source_of(tmp_path, ("line\n" * 370 + table).encode(), "a.md")
    assert [len(page.lines) for page in whole.pages(1, 2)] == [370, 51]
    assert {line.table for line in whole.pages(2, 2)[0].lines} == {1}


def test_a_long_row_stays_one_line(tmp_path: Path) -> None:
    row = ",".join(["some words"] * 350)
    lines = source_of(tmp_path, f"{row}\n{row}\n".encode(), "a.csv").pages(1, 1)[0].lines
    assert len(lines) == 2


def test_long_files_are_cut_into_parts(file: Path) -> None:
    file.write_bytes(b"line\n" * (2 * PART_LINES + 1))
    source = open_source(file, "notes.txt")
    assert (source.page_count, source.paged) == (3, False)
    assert [len(page.lines) for page in source.pages(2, 3)] == [PART_LINES, 1]
    assert [page.number for page in source.pages(2, 3)] == [2, 3]


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_lines_lose_only_white_space_and_what_nobody_sees(text: str) -> None:
    try:
        source = TextSource(plain_lines(text * 20))
    except UnreadableDocument:
        assert not visible(text).strip()
        return
    found = [line.text for page in source.pages(1, source.page_count) for line in page.lines]
    assert all("\n" not in line and len(line) <= LINE_CHARS and line.strip() for line in found)
    assert "".join("".join(found).split()) == "".join(visible(text * 20).split())
