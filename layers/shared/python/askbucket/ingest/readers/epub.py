"""E-books (EPUB) as lines, chapter by chapter in reading order.

By own code: EbookLib is under the AGPL, and a book is a zip of HTML pages and a list of them. Left
out: pictures, except of a book without text: then they are scans.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.package import Package, descendants
from askbucket.ingest.readers.scans import picture_scans
from askbucket.ingest.readers.tables import one_line
from askbucket.ingest.readers.text import Piece, decoded
from askbucket.ingest.readers.web import html_lines, picture_links
from askbucket.models import Line

MOST_CHAPTERS = 5000
PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
LOCKED = "the e-book is copy-protected (DRM) and cannot be read"
XML_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


def epub_lines(package: Package) -> Iterator[Piece]:
    """The title, then what a reader of each chapter sees."""
    containers = package.xml("META-INF/container.xml")
    book = next((each.get("full-path", "") for each in descendants(containers, "rootfile")), "")
    listing = package.xml(book)
    for title in descendants(listing, "title"):
        yield Line(one_line(title.text or ""), heading=1)
    folder = posixpath.dirname(book)
    items = {each.get("id"): each for each in descendants(listing, "item")}
    spine = [items.get(each.get("idref")) for each in descendants(listing, "itemref")]
    chapters = [each for each in spine if each is not None and each.get("media-type") in PAGES]
    if len(chapters) > MOST_CHAPTERS:
        raise UnreadableDocument(f"{len(chapters)} chapters; {MOST_CHAPTERS} at most are read")
    links = (unquote(each.get("href", "")) for each in chapters)
    names = list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, n)) for n in links))
    if _locked(package).intersection(names):
        raise UnreadableDocument(LOCKED)
    lines = [line for name in names for line in html_lines(_chapter(package, name))]
    yield from lines
    if not any(line.text for line in lines):
        yield from picture_scans(_pictures(package, names))


def _chapter(package: Package, name: str) -> str:
    return XML_DECLARATION.sub("", decoded(package.read(name)))


def _pictures(
    package: Package, chapters: Iterable[str]
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    links = (
        posixpath.join(posixpath.dirname(name), unquote(link))
        for name in chapters
        for link in picture_links(_chapter(package, name))
    )
    for name in dict.fromkeys(map(posixpath.normpath, links)):
        if name in package:
            yield posixpath.basename(name), package.later(name)


def _locked(package: Package) -> set[str]:
    """What is encrypted; in books without protection these are at most fonts."""
    name = "META-INF/encryption.xml"
    found = descendants(package.xml(name), "CipherReference") if name in package else ()
    return {unquote(each.get("URI", "")) for each in found}
