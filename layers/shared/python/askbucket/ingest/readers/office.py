"""Zip and OLE containers: which document they hold, told by what is in them."""

from __future__ import annotations

from pathlib import Path

import olefile

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.docx import docx_lines
from askbucket.ingest.readers.epub import epub_lines
from askbucket.ingest.readers.odf import odf_body, odf_lines, odf_pages
from askbucket.ingest.readers.package import DAMAGED, PASSWORD, Package, local
from askbucket.ingest.readers.pptx import pptx_pages
from askbucket.ingest.readers.room import Room
from askbucket.ingest.readers.source import Source
from askbucket.ingest.readers.text import PagedText, TextSource

EPUB_TYPE = b"application/epub+zip"
ODF_TYPE = b"application/vnd.oasis.opendocument."
OLD = {
    "WordDocument": "Word documents (.doc) are not supported; saved as .docx they are",
    "Workbook": "Excel workbooks (.xls) are not supported; saved as .xlsx they are",
    "Book": "Excel workbooks (.xls) are not supported; saved as .xlsx they are",
    "PowerPoint Document": "PowerPoint files (.ppt) are not supported; saved as .pptx they are",
}
ENCRYPTED = ("EncryptedPackage", "EncryptionInfo")
MAIL = "__properties_version1.0"


def open_zip(path: Path, room: Room) -> Source | None:
    """None where the zip holds no document of a known kind."""
    package = Package(path, room)
    try:
        mimetype = package.read("mimetype").strip() if "mimetype" in package else b""
        if mimetype == EPUB_TYPE:
            return TextSource(epub_lines(package))
        if mimetype.startswith(ODF_TYPE):
            return _open_document(package)
        main = [r.target for r in package.relations("") if r.kind == "officeDocument"]
        return _office(package, main[0], path) if main else None
    finally:
        package.close()


def _office(package: Package, main: str, path: Path) -> Source | None:
    match main.partition("/")[0]:
        case "word":
            return TextSource(docx_lines(package, main))
        case "ppt":
            return PagedText(pptx_pages(package, main))
        case "xl" if main.endswith(".bin"):
            raise UnreadableDocument("binary workbooks (.xlsb) are not supported; .xlsx ones are")
        case "xl":
            from askbucket.ingest.readers.xlsx import xlsx_pages  # brings openpyxl, and that numpy

            return PagedText(xlsx_pages(path, package))
    return None


def _open_document(package: Package) -> Source:
    body = odf_body(package)
    if local(body) == "text":
        return TextSource(odf_lines(package, body))
    return PagedText(odf_pages(package, body))


def check_outlook(path: Path, room: Room) -> None:
    """Raises UnreadableDocument where the OLE container is no Outlook message, or too large a one:
    its streams may lie in the same place, and so be more than the file."""
    try:
        with olefile.OleFileIO(path) as ole:
            streams = {stream[0] for stream in ole.listdir()}
            size = sum(max(0, ole.get_size(stream)) for stream in ole.listdir())
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableDocument(DAMAGED) from error
    if streams.intersection(ENCRYPTED):
        raise UnreadableDocument(PASSWORD)
    if MAIL in streams:
        room.take_unpacked(size)
        return
    for stream, reason in OLD.items():
        if stream in streams:
            raise UnreadableDocument(f"old {reason}")
    raise UnreadableDocument("this kind of OLE container is not supported")
