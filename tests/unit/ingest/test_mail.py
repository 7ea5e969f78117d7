"""Mails with everything in them that can be read, and a word on what cannot."""

from __future__ import annotations

import io
import struct
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from PIL import Image

from askbucket.ingest.readers import room
from tests.unit.ingest.files import image, pdf
from tests.unit.ingest.ole import ole
from tests.unit.ingest.readers import cuts, lines_of, reason_of, roles_of, source_of, zipped

HEADERS = ["Rent für Shed A", "From: Anna <anna@example.com>", "To: bo@example.com"]


def mail(text: str = "Please pay.\n") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = HEADERS[0]
    message["From"] = "Anna <anna@example.com>"
    message["To"] = "bo@example.com"
    message["Message-ID"] = "<1@example.com>"
    message.set_content(text)
    return message


def attached(*files: tuple[str, bytes]) -> bytes:
    message = mail()
    for name, data in files:
        message.add_attachment(data, "application", "octet-stream", filename=name)
    return message.as_bytes()


def word() -> bytes:
    file = docx.Document()
    file.add_paragraph("A contract.")
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("key", ["mail.eml", "folder/mail"])
def test_a_mail_is_its_headers_and_its_body(tmp_path: Path, key: str) -> None:
    assert lines_of(tmp_path, mail().as_bytes(), key) == [*HEADERS, "Please pay."]


def test_a_text_that_looks_like_a_mail_stays_as_it_stands(tmp_path: Path) -> None:
    body = mail().as_bytes()
    assert "Message-ID: <1@example.com>" in lines_of(tmp_path, body, "notes.txt")


def test_the_plain_text_is_read_where_there_is_one(tmp_path: Path) -> None:
    message = mail()
    message.add_alternative("<p>Please <b>pay</b> in HTML.</p>", subtype="html")
    assert lines_of(tmp_path, message.as_bytes(), "a.eml")[3:] == ["Please pay."]
    only = mail("\n")
    only.add_alternative("<p>Please <b>pay</b> in HTML.</p>", subtype="html")
    assert lines_of(tmp_path, only.as_bytes(), "a.eml")[3:] == ["Please pay in HTML."]


def test_a_wrong_charset_is_guessed(tmp_path: Path) -> None:
    body = mail("Größe\n").as_bytes().replace(b'charset="utf-8"', b'charset="klingon"')
    assert b"klingon" in body
    assert lines_of(tmp_path, body, "a.eml")[3:] == ["Größe"]


def test_attachments_are_read_by_their_own_readers(tmp_path: Path) -> None:
    body = attached(("contract.docx", word()), ("plan.pdf", pdf([["A plan."]])), ("b.csv", b"1,2"))
    assert lines_of(tmp_path, body, "a.eml")[3:] == [
        "Please pay.",
        "Attachment: contract.docx",
        "A contract.",
        "Attachment: plan.pdf",
        "A plan.",
        "Attachment: b.csv",
        "1 | 2",
    ]


def test_attachments_stand_under_the_subject(tmp_path: Path) -> None:
    file = docx.Document()
    file.add_heading("Terms", 1)
    buffer = io.BytesIO()
    file.save(buffer)
    inner = mail("inside")
    message = mail()
    message.add_attachment(buffer.getvalue(), "application", "octet-stream", filename="a.docx")
    message.add_attachment(inner)
    headings = [role for role in roles_of(tmp_path, message.as_bytes(), "a.eml") if "# " in role]
    assert headings == [
        f"1# {HEADERS[0]}",
        "2# Attachment: a.docx",
        "3# Terms",
        "2# Attached mail:",
        f"3# {HEADERS[0]}",
    ]


def test_what_cannot_be_read_is_told_with_its_reason(tmp_path: Path) -> None:
    body = attached(
        ("x.zip", zipped({"a": b"a"})), ("y.docx", word()[:99]), ("z.png", b"\x89PNG\r\n\x1a\n")
    )
    source = source_of(tmp_path, body, "a.eml")
    assert [line.text for line in source.pages(1, 1)[0].lines[4:]] == [
        "Attachment: x.zip",
        "Attachment: y.docx",
        "Attachment: z.png",
    ]
    assert source.warnings[0].startswith(
        "the attachment x.zip was not read: zip archives are not supported"
    )
    assert source.warnings[1:] == (
        "the attachment y.docx was not read: the file is damaged or cut short",
        "the attachment z.png was not read: the image is damaged or cut short",
    )


def test_pictures_in_the_body_are_left_out(tmp_path: Path) -> None:
    message = mail()
    message.add_related(image(), "image", "png", cid="<logo>", disposition="inline")
    assert lines_of(tmp_path, message.as_bytes(), "a.eml")[3:] == ["Please pay."]


def test_many_losses_make_few_warnings(tmp_path: Path) -> None:
    body = attached(*[(f"{number}.zip", zipped({})) for number in range(20)])
    warnings = source_of(tmp_path, body, "a.eml").warnings
    assert (len(warnings), warnings[-1]) == (9, "12 more losses like these")
    assert max(map(len, warnings)) <= 150


def test_mails_in_mails_are_read_three_deep(tmp_path: Path) -> None:
    message = mail("depth 0")
    for depth in range(1, 7):
        outer = mail(f"outside {depth}")
        outer.add_attachment(message)
        message = outer
    lines = lines_of(tmp_path, message.as_bytes(), "a.eml")
    assert [line for line in lines if line.startswith("outside")] == [
        "outside 6",
        "outside 5",
        "outside 4",
        "outside 3",
    ]
    source = source_of(tmp_path, message.as_bytes(), "a.eml")
    assert source.warnings == (
        "an attached mail was not read: attachments are nested deeper than 3",
    )


def test_attachments_share_one_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is small enough; a hundred of them are not."""
    monkeypatch.setattr(room.Room.__init__, "__defaults__", (50_000, 3, 1000, 0))
    big = zipped({f"{n}": b"ab" * 5000 for n in range(3)})
    body = attached(*[(f"{n}.zip", big) for n in range(4)])
    warnings = source_of(tmp_path, body, "a.eml").warnings
    reasons = [warning.partition(": ")[2] for warning in warnings]
    assert reasons[0].startswith("zip archives are not supported")
    assert "too much" in reasons[1]
    assert "more than" in reasons[3]


def test_a_mail_of_endlessly_many_parts_is_refused(tmp_path: Path) -> None:
    head = b"From: a\nTo: b\nSubject: c\nContent-Type: multipart/mixed; boundary=x\n\n"
    assert "more than 20000 parts" in reason_of(tmp_path, head + b"--x\n\n" * 20_002, "a.eml")


def test_a_mail_nested_without_end_is_refused(tmp_path: Path) -> None:
    part = "Content-Type: multipart/mixed; boundary=x{0}\n\n--x{0}\n"
    body = "From: a\nTo: b\nSubject: c\n" + "".join(map(part.format, range(3000)))
    assert "nested too deeply" in reason_of(tmp_path, body.encode(), "a.eml")


def test_a_mail_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    for cut in cuts(attached(("contract.docx", word())))[2:]:
        assert lines_of(tmp_path, cut, "a.eml")[3] == "Please pay."


def outlook(properties: dict[int, str], *files: tuple[str, bytes]) -> bytes:
    """An Outlook message with these strings, by property number, and these files."""
    tree = {
        **_storage({number: text.encode("utf-16-le") for number, text in properties.items()}, 32),
        **{
            f"__attach_version1.0_#{at:08X}": _storage(
                {0x3707: name.encode("utf-16-le"), 0x3701: data}, 8, 4 * name.startswith("inline")
            )
            for at, (name, data) in enumerate(files)
        },
    }
    return ole(tree)


def _storage(values: dict[int, bytes], header: int, flags: int = 0) -> dict[str, bytes]:
    kinds = {number: 0x0102 if number == 0x3701 else 0x001F for number in values}
    entries = b"".join(
        struct.pack("<HHIQ", kinds[number], number, 6, len(value))
        for number, value in values.items()
    )
    streams = {f"__substg1.0_{n:04X}{kinds[n]:04X}": value for n, value in values.items()}
    entries += struct.pack("<HHIII", 0x0003, 0x3714, 6, flags, 0)  # PidTagAttachFlags
    return {"__properties_version1.0": bytes(header) + entries, **streams}


def test_an_outlook_message_is_read_like_a_mail(tmp_path: Path) -> None:
    headers = "From: Anna <anna@example.com>\r\nTo: bo@example.com\r\n"
    properties = {0x0037: "Rent", 0x1000: "Please pay.\r\nBy Friday.", 0x007D: headers}
    body = outlook(properties, ("note.txt", b"plain words"))
    lines = lines_of(tmp_path, body, "a.msg")
    assert lines[:2] == ["Rent", "From: Anna <anna@example.com>"]
    assert lines[-4:] == ["Please pay.", "By Friday.", "Attachment: note.txt", "plain words"]


def test_pictures_in_the_body_of_an_outlook_message_are_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("L", (200, 200)).save(buffer, "PNG")
    files = ("inline.png", buffer.getvalue()), ("photo.png", buffer.getvalue())

    def waiting(text: str) -> int:
        source = source_of(tmp_path, outlook({0x0037: "Rent", 0x1000: text}, *files), "a.msg")
        return sum(page.source == "waiting" for page in source.pages(1, source.page_count))

    assert (waiting("Please pay."), waiting("")) == (1, 2)


def test_a_damaged_outlook_message_is_refused(tmp_path: Path) -> None:
    body = outlook({0x0037: "Rent", 0x1000: "Please pay."})
    for damaged in (*cuts(body)[:5], ole({"__properties_version1.0": b"short"})):
        assert reason_of(tmp_path, damaged, "a.msg")
