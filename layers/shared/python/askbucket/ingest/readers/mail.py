"""Mails as lines: subject and other headers, the body, then each attachment by its own reader.

Pages of attachments that need OCR get it; attachments that cannot be read are told of as losses.
Left out: pictures that belong to the body, unless it says nothing without them, and signatures.
"""

from __future__ import annotations

import re
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from functools import partial
from pathlib import Path
from typing import Any

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.room import Room
from askbucket.ingest.readers.scans import PDF_MAGIC, Loss, Scan, is_large
from askbucket.ingest.readers.source import Source
from askbucket.ingest.readers.tables import NO_LINE, one_line
from askbucket.ingest.readers.text import Piece, decoded, plain_lines
from askbucket.ingest.readers.web import html_lines
from askbucket.models import Line

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
ATTACHED_LEVEL = 2  # of the headings over attachments; the subject's is 1
ATTACH_FLAGS, RENDERED_IN_BODY = 0x3714, 4  # PidTagAttachFlags and its attRenderedInBody
MOST_PARTS = 20_000  # lines that may part a mail; each part takes memory

Open = Callable[[Path, str, Room], Source]


def is_mail(head: bytes, ending: str) -> bool:
    """Whether it begins with the headers of a mail, and is not named as something else."""
    headers = re.split(rb"\r?\n\r?\n", head.lstrip(), maxsplit=1)[0]
    found = {name.lower() for name in HEADER_LINE.findall(headers)}
    enough = len(found & MAIL_HEADERS) >= ENOUGH_HEADERS
    return ending in MAIL_ENDINGS and enough and bool(FIRST_LINE.match(headers))


def eml_pieces(data: bytes, room: Room, open_source: Open) -> Iterator[Piece]:
    if data.count(b"\n--") > MOST_PARTS:
        raise UnreadableDocument(f"the mail has more than {MOST_PARTS} parts")
    yield from _message(message_from_bytes(data.lstrip()), room, open_source)


def outlook_pieces(path: Path, room: Room, open_source: Open) -> Iterator[Piece]:
    """An Outlook message (.msg), by python-oxmsg; a mail attached to it has no lines."""
    from oxmsg import Message as OutlookMessage
    from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError

    faults = (UnrecognizedCodePageError, UnsupportedEncodingError, OSError, ValueError, LookupError)
    try:
        mail = OutlookMessage.load(str(path))
        to = ", ".join(f"{each.name} <{each.email_address}>" for each in mail.recipients)
        headers = {"From": mail.sender, "To": to, "Date": mail.sent_date}
        yield Line(mail.subject, heading=1)
        yield from (Line(f"{name}: {value}") for name, value in headers.items() if value)
        body = list(plain_lines(mail.body) if mail.body else html_lines(mail.html_body or ""))
        yield from body
        said = any(line.text.strip() for line in body)
        kept = [each for each in mail.attachments if not (said and _is_in_body(each))]
        files = [(each.file_name or "unnamed", each.file_bytes) for each in kept]
    except (*faults, TypeError, AttributeError, AssertionError, struct.error) as error:
        raise UnreadableDocument("the Outlook message is damaged") from error
    for name, data in files:
        yield from _attachment(name, data or b"", room, open_source)


def _is_in_body(attachment: Any) -> bool:
    """Whether Outlook shows the picture within the text."""
    return bool((attachment.properties.int_prop_value(ATTACH_FLAGS) or 0) & RENDERED_IN_BODY)


def _message(message: Message, room: Room, open_source: Open) -> Iterator[Piece]:
    yield Line(_header(message, "Subject"), heading=1)
    for name in SHOWN:
        value = _header(message, name)
        if value:
            yield Line(f"{name}: {value}")
    pictures: list[Message] = []
    said = False
    for piece in _part(message, room, open_source, pictures):
        said = said or not isinstance(piece, Line) or bool(piece.text.strip())
        yield piece
    for part in () if said else pictures:
        yield from _file(part, room, open_source)


def _part(part: Message, room: Room, open_source: Open, pictures: list[Message]) -> Iterator[Piece]:
    """What it says, and in `pictures` those that belong to the body."""
    kind = part.get_content_type()
    payload = part.get_payload()
    inner = [each for each in payload if isinstance(each, Message)] if part.is_multipart() else None
    if kind == "message/rfc822" and inner:
        yield from _forwarded(inner, room, open_source)
    elif kind == "multipart/alternative" and inner:
        yield from _part(_best(inner), room, open_source, pictures)
    elif inner is not None:
        for each in inner:
            yield from _part(each, room, open_source, pictures)
    elif not _is_file(part):
        yield from _body_lines(part)
    elif _is_of_body(part):
        pictures.append(part)
    elif kind not in SIGNATURES:
        yield from _file(part, room, open_source)


def _forwarded(inner: Iterable[Message], room: Room, open_source: Open) -> Iterator[Piece]:
    for message in inner:
        yield Line("Attached mail:", heading=ATTACHED_LEVEL)
        try:
            with room.attachment(0):
                yield from map(_below, _message(message, room, open_source))
        except UnreadableDocument as fault:
            yield Loss(f"an attached mail was not read: {fault}")


def _file(part: Message, room: Room, open_source: Open) -> Iterator[Piece]:
    name = _decoded_header(part.get_filename() or "unnamed")
    yield from _attachment(name, _payload(part), room, open_source)


def _attachment(name: str, data: bytes, room: Room, open_source: Open) -> Iterator[Piece]:
    """Its name, then its pieces, all of them read before its copy on disk goes."""
    yield Line(f"Attachment: {name}", heading=ATTACHED_LEVEL)
    try:
        with room.attachment(len(data)), tempfile.TemporaryDirectory(prefix="askbucket-") as folder:
            path = Path(folder) / "object"
            path.write_bytes(data)
            source = open_source(path, name, room)
            try:
                yield from map(_below, list(_source_pieces(name, source, room)))
            finally:
                source.close()
    except UnreadableDocument as fault:
        yield Loss(f"the attachment {name} was not read: {fault}")


def _source_pieces(name: str, source: Source, room: Room) -> Iterator[Piece]:
    room.take_pages(source.page_count if source.paged else 0)
    pages = source.pages(1, source.page_count)
    waiting = [page.number for page in pages if page.source == "waiting"]
    data = source.ocr_input(waiting) if waiting else b""
    if data and not data.startswith(PDF_MAGIC) and not is_large(data):
        return  # a logo
    file = partial(bytes, data)
    for page in pages:
        yield from (replace(line, box=None) for line in page.lines)
        yield NO_LINE  # tables of two pages are two
        if page.source == "waiting":
            yield Scan((file,), waiting.index(page.number))
        elif page.source == "lost":
            yield Loss(f"page {page.number} of the attachment {name} could not be read")
    yield from (Loss(f"{name}: {warning}") for warning in source.warnings)


def _below(piece: Piece) -> Piece:
    """With its headings under that of the attachment."""
    if isinstance(piece, Line) and piece.heading:
        return replace(piece, heading=piece.heading + ATTACHED_LEVEL)
    return piece


def _best(alternatives: list[Message]) -> Message:
    """Plain text where it says anything, else the richest, which stands last."""
    plain = (each for each in alternatives if each.get_content_type() == "text/plain")
    return next((each for each in plain if _payload(each).strip()), alternatives[-1])


def _is_file(part: Message) -> bool:
    attached = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    return attached or part.get_content_maintype() != "text"


def _is_of_body(part: Message) -> bool:
    """Whether it is a picture that HTML shows in its text, such as a logo."""
    named = part.get_content_disposition() != "attachment" and bool(part.get("Content-ID"))
    return part.get_content_maintype() == "image" and named


def _body_lines(part: Message) -> Iterator[Line]:
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
