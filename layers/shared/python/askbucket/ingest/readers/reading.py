"""Which reader a file needs: by its content, the name only where contents look alike.

Every reader is imported where its kind is found: a process that reads a PDF needs no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.room import Room
from askbucket.ingest.readers.source import Source
from askbucket.models import Line

HEAD_BYTES = 4096
PDF_MAGIC, PDF_MAGIC_WITHIN = b"%PDF-", 1024
IMAGE_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RTF_MAGIC = b"{\\rtf"
UNSUPPORTED = {
    b"PK\x03\x04": "zip archives",
    b"PK\x05\x06": "zip archives",
    b"\x1f\x8b": "gzip archives",
    b"BZh": "bzip2 archives",
    b"\xfd7zXZ\x00": "xz archives",
    b"7z\xbc\xaf\x27\x1c": "7z archives",
    b"Rar!": "RAR archives",
    b"GIF8": "GIF images",
    b"RIFF": "RIFF media (WebP, WAV, AVI)",
    b"\x7fELF": "programs",
    b"MZ": "programs",
}
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))  # bytes that no text holds
SUPPORTED = (
    "PDF, PNG, JPEG, TIFF, Word (docx), PowerPoint (pptx), Excel (xlsx), OpenDocument, RTF, EPUB, "
    "mail (eml, msg), HTML, CSV, JSON, Markdown and text are read"
)
HTML_ENDINGS = (".html", ".htm", ".xhtml")
HTML_STARTS = ("<!doctype html", "<html")


def open_source(path: Path, key: str, room: Room | None = None) -> Source:
    """The file as pages. Raises UnreadableDocument with a reason a person understands.

    `room` is what is left to unpack where the file is an attachment.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise UnreadableDocument("the file is empty (0 bytes)")
    room = room or Room()
    try:
        return _binary_source(path, head, room) or _text_source(path, key, head, room)
    except RecursionError as error:
        raise UnreadableDocument("what is in the file is nested too deeply") from error


def _binary_source(path: Path, head: bytes, room: Room) -> Source | None:
    """None where the file is, or may be, text."""
    if PDF_MAGIC in head[:PDF_MAGIC_WITHIN]:
        return _pdf_source(path, head)
    if head.startswith(IMAGE_MAGIC):
        from askbucket.ingest.readers.image import ImageSource

        return ImageSource(path)
    if head.startswith(RTF_MAGIC):
        from askbucket.ingest.readers.rtf import rtf_lines
        from askbucket.ingest.readers.text import TextSource

        return TextSource(rtf_lines(path.read_bytes()))
    found = _container_source(path, head, room)
    for magic, kind in UNSUPPORTED.items():
        if found is None and head.startswith(magic) and not _all_text(head):
            raise UnreadableDocument(f"{kind} are not supported; {SUPPORTED}")
    return found


def _pdf_source(path: Path, head: bytes) -> Source | None:
    """A PDF may begin with other bytes; a text that speaks of PDFs cannot be opened as one."""
    from askbucket.ingest.pdf.pdf_source import PdfSource

    try:
        return PdfSource(path)
    except UnreadableDocument:
        if head.startswith(PDF_MAGIC) or not _all_text(head):
            raise
        return None


def _all_text(head: bytes) -> bool:
    """Magic numbers of letters also begin texts: "MZ is a file format ..."."""
    return not any(control in head for control in CONTROLS)


def _container_source(path: Path, head: bytes, room: Room) -> Source | None:
    if head.startswith(ZIP_MAGIC):
        from askbucket.ingest.readers.office import open_zip

        return open_zip(path, room)
    if head.startswith(OLE_MAGIC):
        from askbucket.ingest.readers.mail import outlook_pieces
        from askbucket.ingest.readers.office import check_outlook
        from askbucket.ingest.readers.text import TextSource

        check_outlook(path, room)
        return TextSource(outlook_pieces(path, room, open_source))
    return None


def _text_source(path: Path, key: str, head: bytes, room: Room) -> Source:
    from askbucket.ingest.readers import text
    from askbucket.ingest.readers.mail import eml_pieces, is_mail

    ending = PurePosixPath(key).suffix.lower()
    if ending == ".pdf":
        raise UnreadableDocument("the file is named .pdf but holds no PDF")
    if is_mail(head, ending):
        return text.TextSource(eml_pieces(path.read_bytes(), room, open_source))
    wide = head.startswith(tuple(bom for bom, _ in text.BOMS))
    if b"\x00" in head and not wide:
        raise UnreadableDocument(f"the file is binary and of an unknown kind; {SUPPORTED}")
    return text.TextSource(_lines(text.decoded(path.read_bytes()), ending))


def _lines(content: str, ending: str) -> Iterable[Line]:
    from askbucket.ingest.readers import text
    from askbucket.ingest.readers.markdown import MARKDOWN_ENDINGS, markdown_lines
    from askbucket.ingest.readers.records import CSV_ENDINGS, JSON_ENDINGS, csv_lines, json_lines

    start = content[:1024].lstrip("\ufeff \t\r\n").lower()
    if ending in HTML_ENDINGS or start.startswith(HTML_STARTS):
        from askbucket.ingest.readers.web import html_lines

        return html_lines(content, titled=True)
    if ending in CSV_ENDINGS:
        return csv_lines(content)
    if ending in MARKDOWN_ENDINGS:
        return markdown_lines(content)
    records = json_lines(content) if ending in JSON_ENDINGS else None
    return text.plain_lines(content) if records is None else records
