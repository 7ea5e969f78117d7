"""E-books (EPUB) as lines, chapter by chapter in reading order.

By own code: EbookLib is under the AGPL, and a book is a zip of HTML pages and a list of them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from askbucket.errors import UnreadableDocument
from askbucket.ingest.package import Package, descendants
from askbucket.ingest.text import decoded, html_lines

MOST_CHAPTERS = 5000
PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
LOCKED = "the e-book is copy-protected (DRM) and cannot be read"
XML_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


def epub_lines(package: Package) -> Iterator[str]:
    """The title, then what a reader of each chapter sees."""
    containers = package.xml("META-INF/container.xml")
    book = next((each.get("full-path", "") for each in descendants(containers, "rootfile")), "")
    listing = package.xml(book)
    for title in descendants(listing, "title"):
        yield title.text or ""
    folder = posixpath.dirname(book)
    items = {each.get("id"): each for each in descendants(listing, "item")}
    spine = [items.get(each.get("idref")) for each in descendants(listing, "itemref")]
    chapters = [each for each in spine if each is not None and each.get("media-type") in PAGES]
    if len(chapters) > MOST_CHAPTERS:
        raise UnreadableDocument(f"{len(chapters)} chapters; {MOST_CHAPTERS} at most are read")
    locked = _locked(package)
    names = (unquote(each.get("href", "")) for each in chapters)
    for name in dict.fromkeys(posixpath.normpath(posixpath.join(folder, n)) for n in names):
        if name in locked:
            raise UnreadableDocument(LOCKED)
        yield from html_lines(XML_DECLARATION.sub("", decoded(package.read(name))))


def _locked(package: Package) -> set[str]:
    """What is encrypted; in books without protection these are at most fonts."""
    name = "META-INF/encryption.xml"
    found = descendants(package.xml(name), "CipherReference") if name in package else ()
    return {unquote(each.get("URI", "")) for each in found}
