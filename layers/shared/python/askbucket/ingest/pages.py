"""The pages of one content of a document, read once and kept as artifacts, 100 to a block."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from askbucket.artifacts import (
    Artifacts,
    Cleared,
    pages_from_bytes,
    pages_to_bytes,
    text_hash,
)
from askbucket.clock import Deadline
from askbucket.errors import OutOfTime
from askbucket.ingest.bookmark import Bookmark
from askbucket.ingest.source import READER_RECIPE, Source
from askbucket.models import Page

BLOCK_PAGES = 100
RECENT_BLOCKS = 2  # of the document's own pages and of OCR's, as bytes


@dataclass(frozen=True, slots=True)
class OcrResult:
    """How OCR ended: the job, in how many blocks its pages lie, their numbers, and a warning where
    some were lost."""

    job: str
    blocks: int
    read: tuple[int, ...]
    warning: str | None


@dataclass(slots=True)
class _Reached:
    """How far the result of a job has been kept."""

    blocks: int
    read: list[int]
    bookmark: Bookmark


class PageArtifacts:
    """Where the pages of `{document id}/{content}` lie."""

    def __init__(self, artifacts: Artifacts, document_id: str, content: str) -> None:
        self._artifacts = artifacts
        self._prefix = f"{document_id}/{content}/{READER_RECIPE}/"
        self._page_count = 0  # once read
        self._fetched = lru_cache(RECENT_BLOCKS)(artifacts.get)
        self._ocr_result: OcrResult | None = None
        self._ocr_asked = False  # whether the artifacts have been asked for it
        self.content = content
        self.grew = False  # whether this attempt has kept pages

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
            self.grew = True
            progress(last)

    def waiting(self) -> list[int]:
        """The numbers of the pages whose text must come from OCR."""
        return [page.number for page in self._own_pages() if page.source == "waiting"]

    def put_ocr_input(self, source: Source, numbers: Sequence[int]) -> str:
        """The key of a file with just these pages, for Textract."""
        key = f"{self._prefix}ocr{source.ocr_suffix}"
        self._artifacts.put(key, source.ocr_input(numbers))
        return key

    def put_ocr_pages(
        self,
        job_id: str,
        read: Callable[[Bookmark], Iterator[Page]],
        numbers: Sequence[int],
        warning: str | None,
        deadline: Deadline,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Keeps OCR's pages under the numbers they have in the document.

        Goes on where an earlier attempt at the same job's result broke off. Raises OutOfTime after
        a block that was kept; `progress` hears after each how many pages OCR has read.
        """
        job = text_hash(job_id)
        reached = self._reached(job)
        pages = read(reached.bookmark)
        while block := list(itertools.islice(pages, BLOCK_PAGES)):
            numbered = [replace(page, number=numbers[page.number - 1]) for page in block]
            self._artifacts.put(self._ocr_block(job, reached.blocks), pages_to_bytes(numbered))
            reached.blocks += 1
            reached.read += [page.number for page in numbered]
            self.grew = True
            progress(len(reached.read))
            if len(block) == BLOCK_PAGES:  # there may be more
                self._artifacts.put(self._reached_key(job), json.dumps(asdict(reached)).encode())
                if deadline.near:
                    done = f"{len(reached.read)} of {len(numbers)}"
                    raise OutOfTime(f"read the OCR of {done} pages", grew=True)
        self._end_ocr(OcrResult(job, reached.blocks, tuple(reached.read), warning))

    def ocr_result(self) -> OcrResult | None:
        """None where OCR had not ended when this was first asked, nor did by this attempt."""
        if not self._ocr_asked:
            self._ocr_asked = True
            data = self._artifacts.get(f"{self._prefix}done")
            done = json.loads(data) if data else None
            self._ocr_result = OcrResult(**done | {"read": tuple(done["read"])}) if done else None
        return self._ocr_result

    def pages(self) -> Iterator[Page]:
        """Every page in order, with OCR's lines where they were waited for; "lost" where OCR has
        none. Raises Cleared where pages were cleared away meanwhile."""
        result = self.ocr_result()
        read = set(result.read) if result else set()
        from_ocr = self._ocr_pages(result)
        ocr_page = next(from_ocr, None)
        for page in self._own_pages():
            if page.source != "waiting":
                yield page
            elif ocr_page is not None and ocr_page.number == page.number:
                yield ocr_page
                ocr_page = next(from_ocr, None)
            elif result is None or page.number in read:
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
        from_ocr = self._ocr_pages(self.ocr_result())
        return next((page for page in from_ocr if page.number == number), found)

    def _own_pages(self) -> Iterator[Page]:
        """The pages as read, every one of them."""
        blocks = math.ceil(self._page_count / BLOCK_PAGES)
        return self._pages(self._block(block) for block in range(blocks))

    def _ocr_pages(self, result: OcrResult | None) -> Iterator[Page]:
        """The pages OCR read, in order."""
        blocks = range(result.blocks) if result else ()
        return self._pages(self._ocr_block(result.job, block) for block in blocks if result)

    def _pages(self, keys: Iterable[str]) -> Iterator[Page]:
        for key in keys:
            data = self._fetched(key)
            if data is None:
                raise Cleared("pages")
            yield from pages_from_bytes(data)

    def _reached(self, job: str) -> _Reached:
        """How far an earlier attempt came with the job's result."""
        data = self._artifacts.get(self._reached_key(job))
        if data is None:
            return _Reached(0, [], Bookmark())
        kept = json.loads(data)
        return _Reached(kept["blocks"], kept["read"], Bookmark(**kept["bookmark"]))

    def _end_ocr(self, result: OcrResult) -> None:
        self._artifacts.put(f"{self._prefix}done", json.dumps(asdict(result)).encode())
        self._ocr_result, self._ocr_asked = result, True
        self.grew = True

    def _block(self, block: int) -> str:
        return f"{self._prefix}pages-{block:05d}"

    def _ocr_block(self, job: str, block: int) -> str:
        return f"{self._prefix}ocrpages-{job}-{block:05d}"

    def _reached_key(self, job: str) -> str:
        return f"{self._prefix}ocrreached-{job}"
