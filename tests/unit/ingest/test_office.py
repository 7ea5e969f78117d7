"""Office and OpenDocument files: all their text in order, under plain limits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from askbucket.errors import UnreadableDocument
from askbucket.ingest import tables
from askbucket.models import Status
from tests.unit.ingest.office_files import (
    DOCUMENT,
    W,
    letter,
    open_document,
    slides,
    word,
    workbook,
)
from tests.unit.ingest.ole import ole
from tests.unit.ingest.parts import World
from tests.unit.ingest.readers import cuts, lines_of, members, pages_of, reason_of, zipped


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
