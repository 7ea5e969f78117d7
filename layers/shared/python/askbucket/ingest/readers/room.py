"""What reading one file may take, all that is packed in it included: the bound against bombs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from askbucket.errors import UnreadableDocument

MIB = 2**20
MOST_UNPACKED = 200 * MIB  # bytes, of a file and all its attachments
MOST_ATTACHMENTS = 100  # of a mail, and of the mails in it
MOST_DEPTH = 3  # attachments of attachments
MOST_ATTACHED_PAGES = 1000


@dataclass
class Room:
    """What is left for a file; a mail's attachments draw on the same."""

    unpacked: int = MOST_UNPACKED
    attachments: int = MOST_ATTACHMENTS
    pages: int = MOST_ATTACHED_PAGES
    depth: int = 0

    def take_unpacked(self, size: int) -> None:
        self.unpacked -= size
        if self.unpacked < 0:
            raise UnreadableDocument(
                f"what is packed in the file is larger than {MOST_UNPACKED // MIB} MiB, too much"
            )

    @contextmanager
    def attachment(self, size: int) -> Iterator[None]:
        """While an attachment of so many bytes is read."""
        if self.depth >= MOST_DEPTH:
            raise UnreadableDocument(f"attachments are nested deeper than {MOST_DEPTH}")
        self.attachments -= 1
        if self.attachments < 0:
            raise UnreadableDocument(f"there are more than {MOST_ATTACHMENTS} attachments")
        self.take_unpacked(size)
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    def take_pages(self, count: int) -> None:
        self.pages -= count
        if self.pages < 0:
            raise UnreadableDocument(
                f"attachments have more than {MOST_ATTACHED_PAGES} pages together"
            )
