"""The pages of one content of a document, read once and kept as artifacts, 100 to a block."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from askbucket.artifacts import Artifacts, Cleared, pages_from_bytes, pages_to_bytes
from askbucket.clock import Deadline
from askbucket.errors import OutOfTime
from askbucket.ingest.features import TEXT_ALONE
from askbucket.ingest.ocr_artifacts import BLOCK_PAGES, OcrArtifacts, stored_pages
from askbucket.ingest.readers.source import READER_RECIPE, Source
from askbucket.models import Page

RECENT_BLOCKS = 2  # of the document's own pages, as bytes


class PageArtifacts:
    """Where the pages of `{document id}/{content}` lie; those from OCR by what it looked for."""

    def __init__(
        self, artifacts: Artifacts, document_id: str, content: str, ocr: str = TEXT_ALONE
    ) -> None:
        self._artifacts = artifacts
        self._prefix = f"{document_id}/{content}/{READER_RECIPE}/"
        self._page_count = 0  # once read
        self.warnings: tuple[str, ...] = ()  # of the source, once read
        self._fetched = lru_cache(RECENT_BLOCKS)(artifacts.get)
        self.ocr = OcrArtifacts(artifacts, f"{self._prefix}{ocr}/")
        self.reading = f"{content}/{READER_RECIPE}/{ocr}"  # the bytes and how they are read
        self.content = content
        self._grew = False

    @property
    def grew(self) -> bool:
        """Whether this attempt has kept pages."""
        return self._grew or self.ocr.grew

    def read(
        self,
        source: Source,
        deadline: Deadline,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Reads what is not there yet. Raises OutOfTime between two blocks; `progress` hears after
        each how many pages have been read."""
        self._page_count = source.page_count
        there = set(self._artifacts.keys(self._prefix))
        for block, first in enumerate(range(1, source.page_count + 1, BLOCK_PAGES)):
            if self._block(block) in there:
                continue
            if deadline.near:
                raise OutOfTime(
                    f"read up to page {first - 1} of {source.page_count}", grew=self.grew
                )
            last = min(first + BLOCK_PAGES - 1, source.page_count)
            self._artifacts.put(self._block(block), pages_to_bytes(source.pages(first, last)))
            self._grew = True
            progress(last)
        self.ocr.boxed, self.warnings = source.boxed, source.warnings

    def waiting(self) -> list[int]:
        """The numbers of the pages whose text must come from OCR."""
        return [page.number for page in self._own_pages() if page.source == "waiting"]

    def pages(self) -> Iterator[Page]:
        """Every page in order, with OCR's lines where they were waited for; "lost" where OCR has
        none. Raises Cleared where pages were cleared away meanwhile."""
        parts = self.ocr.parts()
        read = {number for part in parts for number in part.read}
        from_ocr = self.ocr.pages()
        ocr_page = next(from_ocr, None)
        for page in self._own_pages():
            if page.source != "waiting":
                yield page
            elif ocr_page is not None and ocr_page.number == page.number:
                yield ocr_page
                ocr_page = next(from_ocr, None)
            elif not parts or page.number in read:
                raise Cleared("pages")
            else:
                yield replace(page, source="lost")

    def page(self, number: int) -> Page | None:
        """One page, without reading the others' blocks."""
        block = self._artifacts.get(self._block((number - 1) // BLOCK_PAGES))
        pages = pages_from_bytes(block) if block else iter(())
        found = next((page for page in pages if page.number == number), None)
        if found is None or found.source != "waiting":
            return found
        return next((page for page in self.ocr.pages() if page.number == number), found)

    def _own_pages(self) -> Iterator[Page]:
        """The pages as read, every one of them."""
        blocks = math.ceil(self._page_count / BLOCK_PAGES)
        return stored_pages(self._fetched, map(self._block, range(blocks)))

    def _block(self, block: int) -> str:
        return f"{self._prefix}pages-{block:05d}"
