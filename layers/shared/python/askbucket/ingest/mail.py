"""Mails as lines: subject and other headers, the body, then each attachment by its own reader.

Attachments that cannot be read, and pages of theirs that need OCR, are named with the reason.
Left out: pictures in the body, and signatures.
"""

from __future__ import annotations

import re
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from askbucket.errors import UnreadableDocument
from askbucket.ingest.room import Room
from askbucket.ingest.source import Source
from askbucket.ingest.tables import one_line
from askbucket.ingest.text import decoded, html_lines, plain_lines

MAIL_ENDINGS = ("", ".eml")
HEADER_LINE = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*):[ \t]?\S", re.MULTILINE)
FIRST_LINE = re.compile(rb"^(From |[A-Za-z][A-Za-z0-9-]*:)")
MAIL_HEADERS = {
    b"from", b"to", b"subject", b"date", b"message-id", b"received", b"return-path",
    b"mime-version", b"delivered-to", b"content-type",
}  # fmt: skip
ENOUGH_HEADERS = 3
SHOWN = ("From", "To", "Cc", "Date")
SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature")
MOST_PARTS = 20_000  # lines that may part a mail; each part takes memory

Open = Callable[[Path, str, Room], Source]


def is_mail(head: bytes, ending: str) -> bool:
    """Whether it begins with the headers of a mail, and is not named as something else."""
    headers = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    found = {name.lower() for name in HEADER_LINE.findall(headers)}
    enough = len(found & MAIL_HEADERS) >= ENOUGH_HEADERS
    return ending in MAIL_ENDINGS and enough and bool(FIRST_LINE.match(headers))


def eml_lines(data: bytes, room: Room, open_source: Open) -> Iterator[str]:
    if data.count(b"\n--") > MOST_PARTS:
        raise UnreadableDocument(f"the mail has more than {MOST_PARTS} parts")
    yield from _message_lines(message_from_bytes(data.lstrip()), room, open_source)


def outlook_lines(path: Path, room: Room, open_source: Open) -> Iterator[str]:
    """The lines of an Outlook message (.msg), by python-oxmsg; a mail attached to it has none."""
    from oxmsg import Message as OutlookMessage
    from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError

    faults = (UnrecognizedCodePageError, UnsupportedEncodingError, OSError, ValueError, LookupError)
    try:
        mail = OutlookMessage.load(str(path))
        to = ", ".join(f"{each.name} <{each.email_address}>" for each in mail.recipients)
        headers = {"From": mail.sender, "To": to, "Date": mail.sent_date}
        yield mail.subject
        yield from (f"{name}: {value}" for name, value in headers.items() if value)
        yield from plain_lines(mail.body) if mail.body else html_lines(mail.html_body or "")
        files = [(each.file_name or "unnamed", each.file_bytes) for each in mail.attachments]
    except (*faults, TypeError, AttributeError, AssertionError, struct.error) as error:
        raise UnreadableDocument("the Outlook message is damaged") from error
    for name, data in files:
        yield from _attachment_lines(name, data or b"", room, open_source)


def _message_lines(message: Message, room: Room, open_source: Open) -> Iterator[str]:
    yield _header(message, "Subject")
    for name in SHOWN:
        value = _header(message, name)
        if value:
            yield f"{name}: {value}"
    yield from _part_lines(message, room, open_source)


def _part_lines(part: Message, room: Room, open_source: Open) -> Iterator[str]:
    kind = part.get_content_type()
    payload = part.get_payload()
    inner = [each for each in payload if isinstance(each, Message)] if part.is_multipart() else None
    if kind == "message/rfc822" and inner:
        yield from _forwarded_lines(inner, room, open_source)
    elif kind == "multipart/alternative" and inner:
        yield from _part_lines(_best(inner), room, open_source)
    elif inner is not None:
        for each in inner:
            yield from _part_lines(each, room, open_source)
    elif _is_file(part):
        name = _decoded_header(part.get_filename() or "unnamed")
        if not _is_decoration(part):
            yield from _attachment_lines(name, _payload(part), room, open_source)
    else:
        yield from _body_lines(part)


def _forwarded_lines(inner: Iterable[Message], room: Room, open_source: Open) -> Iterator[str]:
    for message in inner:
        yield "Attached mail:"
        try:
            with room.attachment(0):
                yield from _message_lines(message, room, open_source)
        except UnreadableDocument as fault:
            yield f"[it was not read: {fault}]"


def _attachment_lines(name: str, data: bytes, room: Room, open_source: Open) -> Iterator[str]:
    yield f"Attachment: {name}"
    try:
        with room.attachment(len(data)), tempfile.TemporaryDirectory(prefix="askbucket-") as folder:
            path = Path(folder) / "object"
            path.write_bytes(data)
            source = open_source(path, name, room)
            try:
                yield from _source_lines(source, room)
            finally:
                source.close()
    except UnreadableDocument as fault:
        yield f"[{name} was not read: {fault}]"


def _source_lines(source: Source, room: Room) -> Iterator[str]:
    room.take_pages(source.page_count if source.paged else 0)
    unread = 0
    for number in range(1, source.page_count + 1):
        for page in source.pages(number, number):
            unread += page.source != "text"
            yield from (line.text for line in page.lines)
    if unread:
        yield f"[pages that need OCR, which attachments do not get: {unread}]"


def _best(alternatives: list[Message]) -> Message:
    """Plain text where it says anything, else the richest, which stands last."""
    plain = (each for each in alternatives if each.get_content_type() == "text/plain")
    return next((each for each in plain if _payload(each).strip()), alternatives[-1])


def _is_file(part: Message) -> bool:
    attached = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    return attached or part.get_content_maintype() != "text"


def _is_decoration(part: Message) -> bool:
    inline = part.get_content_disposition() != "attachment"
    picture = part.get_content_maintype() == "image" and inline
    return picture or part.get_content_type() in SIGNATURES


def _body_lines(part: Message) -> Iterator[str]:
    data = _payload(part)
    try:
        text = data.decode(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        text = decoded(data)
    return html_lines(text) if part.get_content_subtype() == "html" else plain_lines(text)


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _header(message: Message, name: str) -> str:
    return _decoded_header(str(message.get(name) or ""))


def _decoded_header(raw: str) -> str:
    try:
        return one_line(str(make_header(decode_header(raw))))
    except (HeaderParseError, LookupError, ValueError):
        return one_line(raw)
