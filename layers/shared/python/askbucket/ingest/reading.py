"""Which reader a file needs: by its content, the name only where contents look alike."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from askbucket.errors import UnreadableDocument
from askbucket.ingest import text
from askbucket.ingest.source import Source

HEAD_BYTES = 4096
PDF_MAGIC, PDF_MAGIC_WITHIN = b"%PDF-", 1024
IMAGE_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
UNSUPPORTED = {
    b"PK\x03\x04": "Office documents and zip archives",
    b"PK\x05\x06": "zip archives",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old or encrypted Office documents",
    b"{\\rtf": "RTF files",
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
MARKUP = b"{\\rtf"  # a format that is text itself
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))  # bytes that no text holds
SUPPORTED = "PDF, PNG, JPEG, TIFF, HTML, CSV, Markdown and text are read"
TABLE_ENDINGS = (".csv", ".tsv")
HTML_ENDINGS = (".html", ".htm", ".xhtml")
HTML_STARTS = ("<!doctype html", "<html", "<?xml")


def open_source(path: Path, key: str) -> Source:
    """The file as pages. Raises UnreadableDocument with a reason a person understands."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise UnreadableDocument("the file is empty (0 bytes)")
    if PDF_MAGIC in head[:PDF_MAGIC_WITHIN]:
        return _pdf_source(path, key, head)
    if head.startswith(IMAGE_MAGIC):
        from askbucket.ingest.image import ImageSource

        return ImageSource(path)
    for magic, kind in UNSUPPORTED.items():
        if head.startswith(magic) and (magic == MARKUP or not _all_text(head)):
            raise UnreadableDocument(f"{kind} are not supported; {SUPPORTED}")
    return _text_source(path, key, head)


def _pdf_source(path: Path, key: str, head: bytes) -> Source:
    """A PDF may begin with other bytes; a text that speaks of PDFs cannot be opened as one."""
    from askbucket.ingest.pdf import PdfSource

    try:
        return PdfSource(path)
    except UnreadableDocument:
        if head.startswith(PDF_MAGIC) or not _all_text(head):
            raise
        return _text_source(path, key, head)


def _all_text(head: bytes) -> bool:
    """Magic numbers of letters also begin texts: "MZ is a file format ..."."""
    return not any(control in head for control in CONTROLS)


def _text_source(path: Path, key: str, head: bytes) -> Source:
    ending = PurePosixPath(key).suffix.lower()
    if ending == ".pdf":
        raise UnreadableDocument("the file is named .pdf but holds no PDF")
    wide = head.startswith(tuple(bom for bom, _ in text.BOMS))
    if b"\x00" in head and not wide:
        raise UnreadableDocument(f"the file is binary and of an unknown kind; {SUPPORTED}")
    content = text.decoded(path)
    start = content[:1024].lstrip("\ufeff \t\r\n").lower()
    if ending in HTML_ENDINGS or start.startswith(HTML_STARTS[:2]):
        return text.TextSource(text.html_lines(content))
    if ending in TABLE_ENDINGS:
        return text.TextSource(text.csv_lines(content))
    return text.TextSource(text.plain_lines(content))
