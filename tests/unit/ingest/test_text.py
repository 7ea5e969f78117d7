"""Text formats as lines: whatever the encoding, and only what a reader of the file would see."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.errors import UnreadableDocument
from askbucket.ingest.reading import open_source
from askbucket.ingest.text import LINE_CHARS, PART_LINES, TextSource, decoded, plain_lines
from tests.unit.ingest.readers import SHARED_DATA

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


def test_csv_without_a_header_is_cells_in_a_row(file: Path) -> None:
    assert read(file, b"1,2\n3,4\n", "n.csv") == ["1 | 2", "3 | 4"]


def test_a_cell_of_several_lines_stays_one_line_of_words(file: Path) -> None:
    body = b'Name,Note\nAnna,"first line\nsecond line"\nBo,short\n'
    assert read(file, body, "n.csv")[1:] == [
        "Name: Anna | Note: first line second line",
        "Name: Bo | Note: short",
    ]


def test_markdown_stays_as_it_stands(file: Path) -> None:
    assert read(file, b"# Title\n\n- a\n- b  \n", "notes.md") == ["# Title", "- a", "- b"]


def test_long_files_are_cut_into_parts(file: Path) -> None:
    file.write_bytes(b"line\n" * (2 * PART_LINES + 1))
    source = open_source(file, "notes.txt")
    assert (source.page_count, source.paged) == (3, False)
    assert [len(page.lines) for page in source.pages(2, 3)] == [PART_LINES, 1]
    assert [page.number for page in source.pages(2, 3)] == [2, 3]


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300))
def test_lines_lose_only_white_space(text: str) -> None:
    try:
        source = TextSource(plain_lines(text * 20))
    except UnreadableDocument:
        assert not text.replace("\x00", "").strip()
        return
    found = [line.text for page in source.pages(1, source.page_count) for line in page.lines]
    assert all("\n" not in line and len(line) <= LINE_CHARS and line.strip() for line in found)
    assert "".join("".join(found).split()) == "".join((text * 20).replace("\x00", "").split())
