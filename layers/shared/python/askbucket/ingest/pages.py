"""The pages of one content of a document, read once and kept as artifacts, 100 to a block."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from askbucket.artifacts import Artifacts, pages_from_bytes, pages_to_bytes
from askbucket.clock import Deadline
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.source import READER_RECIPE, Source
from askbucket.models import Line, Page

BLOCK_PAGES = 100
CLEARED = "pages were cleared away by another attempt"


@dataclass(frozen=True, slots=True)
class OcrResult:
    """How OCR ended: the numbers of the pages it read, and a warning where some were lost."""

    read: tuple[int, ...]
    warning: str | None


class PageArtifacts:
    """Where the pages of `{document id}/{content}` lie."""

    def __init__(self, artifacts: Artifacts, document_id: str, content: str) -> None:
        self._artifacts = artifacts
        self._prefix = f"{document_id}/{content}/{READER_RECIPE}/"
        self._page_count: int | None = None  # once read
        self._boxed = True
        self.warnings: tuple[str, ...] = ()  # of the source, once read
        self.content = content
        self.grew = False  # whether this attempt has kept pages

    def read(self, source: Source, deadline: Deadline) -> None:
        """Reads what is not there yet. Raises OutOfTime between two blocks."""
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
            self.grew = True
        self._boxed, self.warnings = source.boxed, source.warnings

    def waiting(self) -> list[int]:
        """The numbers of the pages whose text must come from OCR."""
        return [page.number for page in self._own_pages() if page.source == "waiting"]

    def put_ocr_input(self, source: Source, numbers: Sequence[int]) -> str:
        """The key of a file with just these pages, for Textract."""
        key = f"{self._prefix}ocr{source.ocr_suffix}"
        self._artifacts.put(key, source.ocr_input(numbers))
        return key

    def put_ocr_pages(
        self, pages: Iterator[Page], numbers: Sequence[int], warning: str | None
    ) -> None:
        """Keeps OCR's pages under the numbers they have in the document."""
        read: list[int] = []
        block: list[Page] = []
        for page in pages:
            lines = page.lines if self._boxed else tuple(map(_boxless, page.lines))
            numbered = replace(page, number=numbers[page.number - 1], lines=lines)
            read.append(numbered.number)
            block.append(numbered)
            if len(block) == BLOCK_PAGES:
                self._put_ocr_block(len(read) // BLOCK_PAGES, block)
                block = []
        if block:
            self._put_ocr_block(len(read) // BLOCK_PAGES + 1, block)
        done = json.dumps({"read": read, "warning": warning}).encode()
        self._artifacts.put(f"{self._prefix}done", done)
        self.grew = True

    def ocr_result(self) -> OcrResult | None:
        """None while OCR has not ended."""
        data = self._artifacts.get(f"{self._prefix}done")
        if data is None:
            return None
        done = json.loads(data)
        return OcrResult(tuple(done["read"]), done["warning"])

    def pages(self) -> Iterator[Page]:
        """Every page in order, with OCR's lines where they were waited for; "lost" where OCR has
        none. Raises TryAgain where pages were cleared away meanwhile."""
        result = self.ocr_result()
        read = set(result.read) if result else set()
        from_ocr = self._pages("ocrpages")
        ocr_page = next(from_ocr, None)
        for page in self._own_pages():
            if page.source != "waiting":
                yield page
            elif ocr_page is not None and ocr_page.number == page.number:
                yield ocr_page
                ocr_page = next(from_ocr, None)
            elif result is None or page.number in read:
                raise TryAgain(CLEARED)
            else:
                yield replace(page, source="lost")

    def page(self, number: int) -> Page | None:
        """One page, without reading the others' blocks."""
        block = self._artifacts.get(self._block((number - 1) // BLOCK_PAGES))
        pages = pages_from_bytes(block) if block else iter(())
        found = next((page for page in pages if page.number == number), None)
        if found is None or found.source != "waiting":
            return found
        return next((page for page in self._pages("ocrpages") if page.number == number), found)

    def _own_pages(self) -> Iterator[Page]:
        """The pages as read, every one of them."""
        count = 0
        for page in self._pages("pages"):
            count += 1
            yield page
        if self._page_count not in (None, count):
            raise TryAgain(CLEARED)

    def _pages(self, kind: str) -> Iterator[Page]:
        for key in self._artifacts.keys(f"{self._prefix}{kind}-"):
            data = self._artifacts.get(key)
            if data is None:
                raise TryAgain(CLEARED)
            yield from pages_from_bytes(data)

    def _block(self, block: int) -> str:
        return f"{self._prefix}pages-{block:05d}"

    def _put_ocr_block(self, block: int, pages: Sequence[Page]) -> None:
        self._artifacts.put(f"{self._prefix}ocrpages-{block:05d}", pages_to_bytes(pages))


def _boxless(line: Line) -> Line:
    return replace(line, box=None)
