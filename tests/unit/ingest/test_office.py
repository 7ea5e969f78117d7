"""Office and OpenDocument files: all their text in order, under plain limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers import tables
from askbucket.models import Status
from tests.unit.ingest.office_files import (
    DOCUMENT,
    W,
    letter,
    open_document,
    saved,
    slides,
    word,
    workbook,
)
from tests.unit.ingest.ole import ole
from tests.unit.ingest.parts import World
from tests.unit.ingest.readers import (
    cuts,
    lines_of,
    members,
    pages_of,
    reason_of,
    roles_of,
    source_of,
    zipped,
)


def test_word_is_read_in_document_order(tmp_path: Path) -> None:
    assert lines_of(tmp_path, letter()) == [
        "Harbour office",
        "Rents",
        "Paid on the first.",
        "Never later.",
        "oak",
        "Shed | Rent | Tenant",
        "A | 310 | Anna",
        "B | 280",
        "After the table.",
        "Confidential",
    ]


def test_word_text_is_read_wherever_it_stands(tmp_path: Path) -> None:
    """Content controls, tracked changes, fields, text boxes, list items; once each."""
    run = "<w:r><w:t>{}</w:t></w:r>".format
    box = f"<w:txbxContent><w:p>{run('boxed')}</w:p></w:txbxContent>"
    body = (
        f"<w:sdt><w:sdtContent><w:p>{run('controlled')}</w:p></w:sdtContent></w:sdt>"
        f"<w:p>{run('a')}<w:ins>{run('b')}</w:ins><w:del><w:r><w:delText>X</w:delText></w:r></w:del>"
        f"<w:fldSimple>{run('c')}</w:fldSimple><w:r><w:instrText>DATE</w:instrText></w:r></w:p>"
        f'<w:p>{run("before")}<mc:AlternateContent xmlns:mc="m"><mc:Choice>{box}</mc:Choice>'
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>{run(' after')}</w:p>"
        f"<w:p><w:pPr><w:numPr/></w:pPr>{run('item')}</w:p>"
    )
    expected = ["controlled", "abc", "before after", "boxed", "- item"]
    assert lines_of(tmp_path, word(body)) == expected


def test_word_headings_are_told_by_their_styles(tmp_path: Path) -> None:
    """Whatever Word calls them in its language, and through the styles they build on."""
    style = '<w:style w:styleId="{}"><w:name w:val="{}"/>{}</w:style>'.format
    styles = (
        style("berschrift1", "heading 1", ""),
        style("Mein", "Mein Titel", '<w:basedOn w:val="berschrift1"/>'),
        style("Titel", "Title", ""),
        style("Tief", "Tief", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>'),
        style("Kreis", "Kreis", '<w:basedOn w:val="Kreis"/>'),
    )
    named = '<w:p><w:pPr><w:pStyle w:val="{0}"/>{1}</w:pPr><w:r><w:t>{0}</w:t></w:r></w:p>'.format
    level = '<w:outlineLvl w:val="{}"/>'.format
    names = ("Titel", "berschrift1", "Mein", "Tief", "Kreis", "Fehlt")
    body = "".join(named(name, "") for name in names)
    body += named("Selbst", level(1)) + named("berschrift1", level(9))
    sheet = {"word/styles.xml": f"<w:styles {W}>{''.join(styles)}</w:styles>"}
    assert roles_of(tmp_path, word(body, sheet)) == [
        "1# Titel", "1# berschrift1", "1# Mein", "3# Tief", "Kreis", "Fehlt", "2# Selbst",
        "berschrift1",
    ]  # fmt: skip


def test_word_tables_tell_their_header_and_merged_cells(tmp_path: Path) -> None:
    def cell(text: str, merge: str = "") -> str:
        return f"<w:tc><w:tcPr>{merge}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    def table(first: str, look: str = "") -> str:
        start, going = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
        rows = [cell("North", start) + cell("A"), cell("", going) + cell("B")]
        body = "".join(f"<w:tr>{row}</w:tr>" for row in (first, *rows))
        return f"<w:tbl><w:tblPr>{look}</w:tblPr>{body}</w:tbl>"

    repeated = "<w:trPr><w:tblHeader/></w:trPr>" + cell("Region") + cell("2024")
    styled = cell("Region", '<w:gridSpan w:val="2"/>') + cell("Shed")
    body = table(repeated) + "<w:p/>" + table(styled, '<w:tblLook w:firstRow="1"/>')
    assert roles_of(tmp_path, word(body)) == [
        "1+ Region | 2024",
        "1| North | A",
        "1| North | B",
        "2+ Region |  | Shed",
        "2| North | A",
        "2| North | B",
    ]


def test_hidden_and_moved_words_are_not_read(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>shown</w:t></w:r>'
        "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p>"
    )
    assert lines_of(tmp_path, word(body)) == ["shown"]


def test_notes_stand_under_their_paragraph(tmp_path: Path) -> None:
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>See page 9.</w:t></w:r></w:p></w:footnote>'
    relation = (
        '<Relationships><Relationship Id="r1" Type="x/footnotes" Target="footnotes.xml"/>'
        '<Relationship Id="r2" Type="x/header" Target="NULL"/></Relationships>'
    )
    body = '<w:p><w:r><w:t>Rent.</w:t><w:footnoteReference w:id="2"/></w:r></w:p><w:p/>'
    more = {
        "word/footnotes.xml": f"<w:footnotes {W}>{note}</w:footnotes>",
        "word/_rels/document.xml.rels": relation,
    }
    assert lines_of(tmp_path, word(body, more)) == ["Rent.", "Note: See page 9."]


def test_a_slide_is_a_page(tmp_path: Path) -> None:
    assert pages_of(tmp_path, slides()) == [
        ["Harbour plans", "New quay", "Old crane", "Notes: Say hello"],
        [],
        [
            "Figures",
            "Year | Ships | Tons",
            "2024 | 12 | 900",
            "In a group",
            "Berths: North: 3 | South: 4",
        ],
    ]


def test_slides_and_sheets_tell_their_titles_and_tables(tmp_path: Path) -> None:
    assert roles_of(tmp_path, slides())[:2] == ["1# Harbour plans", "New quay"]
    parts = members(slides())
    for name in ("slides/slide1.xml", "slides/slide2.xml"):
        del parts[f"ppt/{name}"]
    third = source_of(tmp_path, zipped(parts)).pages(3, 3)[0].lines
    assert [(line.heading, line.table, line.header) for line in third[:3]] == [
        (1, 0, False), (0, 1, True), (0, 1, False),
    ]  # fmt: skip
    assert roles_of(tmp_path, workbook()) == [
        "1# Rents",
        "Rents of the sheds",
        "1+ Shed | Rent | Since | Share",
        "1| Shed: A | Rent: 310.5 | Since: 2024-05-01 | Share: 12.5%",
        "1| Shed: B | Rent: 280 | Since: 2024-05-01 12:30:00",
    ]


def test_values_of_a_sheet_are_as_they_are_shown(tmp_path: Path) -> None:
    file = openpyxl.Workbook()
    sheet = file.active
    sheet.append(["Region", "Code", "Share", "Hours", "Number"])
    sheet.append(["North", 1234, 5, dt.timedelta(hours=30), 12345678901])
    sheet.append([None, 7, 0.5, dt.time(9, 30), 0.1 + 0.2])
    sheet.merge_cells("A2:A3")
    sheet["B2"].number_format = sheet["B3"].number_format = "00000"
    sheet["C2"].number_format, sheet["C3"].number_format = '0" %"', "0%"
    assert pages_of(tmp_path, saved(file))[0][2:] == [
        "Region: North | Code: 01234 | Share: 5 | Hours: 30:00:00 | Number: 12345678901",
        "Region: North | Code: 00007 | Share: 50% | Hours: 09:30:00 | Number: 0.3",
    ]


def test_years_in_a_row_name_columns_and_numbers_do_not(tmp_path: Path) -> None:
    def header(*cells: object) -> bool:
        file = openpyxl.Workbook()
        file.active.append(cells)
        file.active.append([1] * len(cells))
        return source_of(tmp_path, saved(file)).pages(1, 1)[0].lines[1].header

    assert header("Region", 2022, 2023, 2024)
    assert header("Region", "2024", "2023")
    assert not header("Acme", 1990, 2005)
    assert not header("Acme", "$5", "12%")
    assert not header("Region", 2024)


def test_a_damaged_slide_is_lost_and_the_others_are_read(tmp_path: Path) -> None:
    parts = members(slides())
    parts["ppt/slides/slide1.xml"] = b"<p:sld"
    assert [bool(page) for page in pages_of(tmp_path, zipped(parts))] == [False, False, True]


def test_a_sheet_is_a_page(tmp_path: Path) -> None:
    assert pages_of(tmp_path, workbook()) == [
        [
            "Rents",
            "Rents of the sheds",
            "Shed | Rent | Since | Share",
            "Shed: A | Rent: 310.5 | Since: 2024-05-01 | Share: 12.5%",
            "Shed: B | Rent: 280 | Since: 2024-05-01 12:30:00",
        ],
        ["Empty", "TRUE"],
    ]


def test_a_workbook_of_too_many_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    assert "more than 3 rows" in reason_of(tmp_path, workbook())


def test_an_open_document_text_is_read_in_order(tmp_path: Path) -> None:
    body = """<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes>
        <text:h>Rents</text:h><text:p>Paid<text:s text:c="3"/>on <text:span>the
        first</text:span>.<text:note><text:note-citation>1</text:note-citation><text:note-body>
        <text:p>See page 9.</text:p></text:note-body></text:note><text:line-break/>Never later.
        </text:p><text:list><text:list-item><text:p>oak</text:p></text:list-item></text:list>
        <table:table><table:table-row><table:table-cell><text:p>Shed</text:p></table:table-cell>
        <table:table-cell><text:p>310</text:p></table:table-cell></table:table-row></table:table>
        </office:text>"""
    styles = "<style:header><text:p>Harbour office</text:p></style:header>"
    lines = lines_of(tmp_path, open_document("text", body, styles=styles))
    assert [" ".join(line.split()) for line in lines] == [
        "Harbour office",
        "Rents",
        "Paid on the first.",
        "Never later.",
        "Note: See page 9.",
        "- oak",
        "Shed | 310",
    ]


def test_open_documents_tell_their_headings_and_tables(tmp_path: Path) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>".format
    row = "<table:table-row>{}</table:table-row>".format
    header = (
        f"<table:table-header-rows>{row(cell('Shed') + cell('Rent'))}</table:table-header-rows>"
    )
    body = f"""<office:text><text:p text:style-name="Title">Harbour</text:p>
        <text:h text:outline-level="2">Rents</text:h><text:h>Top</text:h>
        <table:table>{header}{row(cell("A") + cell("310"))}</table:table></office:text>"""
    lines = ["1# Harbour", "2# Rents", "1# Top", "1+ Shed | Rent", "1| A | 310"]
    assert roles_of(tmp_path, open_document("text", body)) == lines
    body = """<office:presentation><draw:page><draw:frame><draw:text-box><text:p>Hello</text:p>
        </draw:text-box></draw:frame><draw:frame presentation:class="title"><draw:text-box>
        <text:p>Plans</text:p></draw:text-box></draw:frame></draw:page></office:presentation>"""
    assert roles_of(tmp_path, open_document("presentation", body)) == ["1# Plans", "Hello"]


def test_open_document_sheets_and_slides_are_pages(tmp_path: Path) -> None:
    cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>".format
    rows = f"""<table:table-row>{cell("", "Shed")}{cell("", "Rent")}</table:table-row>
        <table:table-row table:number-rows-repeated="2">{cell("", "A")}{cell("", "310")}
        <table:table-cell table:number-columns-repeated="16382"/></table:table-row>
        <table:table-row table:number-rows-repeated="1048570"><table:table-cell/>
        </table:table-row>"""
    table = f'<office:spreadsheet><table:table table:name="S">{rows}</table:table>'
    sheets = open_document("spreadsheet", f"{table}</office:spreadsheet>")
    row = "Shed: A | Rent: 310"
    assert pages_of(tmp_path, sheets) == [["S", "Shed | Rent", row, row]]
    body = """<office:presentation><draw:page><draw:frame><draw:text-box><text:p>Hello</text:p>
        </draw:text-box></draw:frame><presentation:notes><text:p>Smile</text:p>
        </presentation:notes></draw:page></office:presentation>"""
    assert pages_of(tmp_path, open_document("presentation", body)) == [["Hello", "Notes: Smile"]]


@pytest.mark.parametrize("make", [letter, slides, workbook])
def test_a_file_cut_short_is_refused(tmp_path: Path, make: Callable[[], bytes]) -> None:
    for cut in cuts(make()):
        assert "damaged or cut short" in reason_of(tmp_path, cut)


@pytest.mark.parametrize("make", [letter, slides, workbook])
def test_a_changed_byte_never_breaks_the_reader(tmp_path: Path, make: Callable[[], bytes]) -> None:
    body = make()
    for at in range(0, len(body), len(body) // 60):
        changed = body[:at] + bytes([body[at] ^ 0x55]) + body[at + 1 :]
        with suppress(UnreadableDocument):
            pages_of(tmp_path, changed)


HOSTILE = {
    "ratio": (zipped({DOCUMENT: b" " * 3_000_000}), "grows more than 200 times"),
    "members": (zipped({f"{number}": b"" for number in range(10_001)}), "10000 at most"),
    "sum": (zipped({f"{n}": b"ab" * 500_000 for n in range(220)}), "larger than 200 MiB"),
    "entities": (
        zipped(
            members(letter())
            | {DOCUMENT: b'<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><d>&b;</d>'}
        ),
        "declares XML entities",
    ),
    "external entity": (
        zipped(
            members(letter())
            | {DOCUMENT: b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hosts">]><d>&a;</d>'}
        ),
        "declares XML entities",
    ),
    "workbook entities": (
        zipped(
            members(workbook())
            | {"xl/workbook.xml": b'<!DOCTYPE d [<!ENTITY a "aa">]><workbook>&a;</workbook>'}
        ),
        "",
    ),
    "depth": (word("<w:sdt>" * 5000 + "</w:sdt>" * 5000), "nested too deeply"),
    "encrypted office": (ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "a password"),
    "old word": (ole({"WordDocument": b"x"}), "saved as .docx"),
    "old excel": (ole({"Workbook": b"x"}), "saved as .xlsx"),
    "old powerpoint": (ole({"PowerPoint Document": b"x"}), "saved as .pptx"),
    "other container": (ole({"Thing": b"x"}), "not supported"),
    "cut container": (ole({"WordDocument": b"x"})[:300], "damaged"),
    "plain zip": (zipped({"a.txt": b"hello"}), "zip archives are not supported"),
    "no text": (word(""), "holds no text"),
    "binary workbook": (
        zipped(
            {
                "_rels/.rels": '<r><x Type="a/officeDocument" Target="xl/workbook.bin"/></r>',
                "xl/workbook.bin": b"x",
            }
        ),
        ".xlsb",
    ),
}


@pytest.mark.parametrize(("body", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_with_a_reason(tmp_path: Path, body: bytes, reason: str) -> None:
    assert reason in reason_of(tmp_path, body)


def test_a_locked_open_document_needs_a_password(tmp_path: Path) -> None:
    body = members(open_document("text", ""))
    body["META-INF/manifest.xml"] = b"<m><file-entry><encryption-data/></file-entry></m>"
    assert "a password" in reason_of(tmp_path, zipped(body))


def test_an_encrypted_zip_member_needs_a_password(tmp_path: Path) -> None:
    body = bytearray(letter())
    at = body.index(b"PK\x01\x02")
    while at >= 0:
        body[at + 8] |= 1  # the flag in the central directory
        at = body.find(b"PK\x01\x02", at + 1)
    assert "a password" in reason_of(tmp_path, bytes(body))


def test_a_presentation_is_indexed_with_its_page_numbers(world: World) -> None:
    """Slides have numbers but no boxes."""
    world.put("plans.pptx", slides())
    world.sync("plans.pptx")
    entry = world.entry("plans.pptx")
    assert (entry.status, entry.reason, entry.pages, entry.ocr_pages) == (Status.READY, None, 3, 0)
    stored = world.payloads("plans.pptx", entry.active)
    assert {(point["page"], bool(point["boxes"])) for point in stored} == {(1, False), (3, False)}
