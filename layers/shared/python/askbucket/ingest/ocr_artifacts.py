"""What OCR was given of one content and what it read, kept under the way it looked at the pages.

The pages that wait for OCR are read in one or more parts, each kept whole before the next begins.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from askbucket.artifacts import Artifacts, Cleared, pages_from_bytes, pages_to_bytes, text_hash
from askbucket.clock import Deadline
from askbucket.errors import OutOfTime
from askbucket.ingest.bookmark import Bookmark
from askbucket.ingest.readers.source import Source
from askbucket.models import Page

BLOCK_PAGES = 100  # of the document's own pages, too


@dataclass(frozen=True, slots=True)
class OcrInput:
    """A file kept for Textract: its key, the number of its first page, and how many it has."""

    key: str
    part: int
    pages: int


@dataclass(frozen=True, slots=True)
class OcrPart:
    """How a part ended: its job, in how many blocks its pages lie, their numbers, how many pages
    were left to be read after it, and a warning where some were lost."""

    job: str
    blocks: int
    read: tuple[int, ...]
    left: int
    warning: str | None


@dataclass(slots=True)
class _Reached:
    """How far the result of a job has been kept."""

    blocks: int
    read: list[int]
    bookmark: Bookmark


def stored_pages(get: Callable[[str], bytes | None], keys: Iterable[str]) -> Iterator[Page]:
    """The pages of the blocks with these keys, in order. Raises Cleared where one is gone."""
    for key in keys:
        data = get(key)
        if data is None:
            raise Cleared("pages")
        yield from pages_from_bytes(data)


class OcrArtifacts:
    """Everything below one prefix."""

    def __init__(self, artifacts: Artifacts, prefix: str) -> None:
        self._artifacts = artifacts
        self._prefix = prefix
        self._ended: tuple[OcrPart, ...] | None = None  # not looked for yet
        self.boxed = True  # whether OCR's boxes hold on the document's pages
        self.grew = False  # whether this attempt has kept pages

    def left(self, waiting: Sequence[int]) -> list[int]:
        """Those of the waiting pages that no part has read yet."""
        self._ended, ended = None, self._parts()
        return list(waiting[len(waiting) - ended[-1].left :] if ended else waiting)

    def put_input(self, source: Source, numbers: Sequence[int], most_bytes: int) -> OcrInput:
        """A file for Textract with the first of these pages: as many as are not too large.

        A single page is taken however large it is: Textract then says what is wrong with it.
        """
        fitting = list(numbers)
        while len(body := source.ocr_input(fitting)) > most_bytes and len(fitting) > 1:
            fitting = fitting[: len(fitting) // 2]
        name = f"{fitting[0]:07d}-{len(fitting)}"  # another file never takes its place
        key = f"{self._prefix}input-{name}{source.ocr_suffix}"
        self._artifacts.put(key, body)
        return OcrInput(key, fitting[0], len(fitting))

    def put_pages(
        self,
        job_id: str,
        read: Callable[[Bookmark], Iterator[Page]],
        numbers: Sequence[int],
        *,
        left: int,
        warning: str | None,
        deadline: Deadline,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Keeps a part's pages under the numbers they have in the document; `left` are still to be
        read after it.

        Goes on where an earlier attempt at the same job's result broke off. Raises OutOfTime after
        a block that was kept; `progress` hears after each how many pages OCR has read.
        """
        before = sum(len(part.read) for part in self._parts())
        job = text_hash(job_id)
        reached = self._reached(job)
        pages = read(reached.bookmark)
        while block := list(itertools.islice(pages, BLOCK_PAGES)):
            numbered = [self._own(page, numbers[page.number - 1]) for page in block]
            self._artifacts.put(self._block(job, reached.blocks), pages_to_bytes(numbered))
            reached.blocks += 1
            reached.read += [page.number for page in numbered]
            self.grew = True
            progress(before + len(reached.read))
            if len(block) == BLOCK_PAGES:  # there may be more
                self._keep(f"reached-{job}", reached)
                if deadline.near:
                    done = f"{len(reached.read)} of {len(numbers)}"
                    raise OutOfTime(f"read the OCR of {done} pages", grew=True)
        part = OcrPart(job, reached.blocks, tuple(reached.read), left, warning)
        self._keep(f"done-{numbers[0]:07d}", part)
        self._ended = None
        self.grew = True

    def parts(self) -> tuple[OcrPart, ...]:
        """Every part in order, once the last one has ended; none before."""
        if self._ended is None:
            ended = self._parts()
            self._ended = () if not ended or ended[-1].left else ended
        return self._ended

    def pages(self) -> Iterator[Page]:
        """What the parts that ended have read, in order. Raises Cleared where it is gone."""
        keys = (self._block(part.job, n) for part in self.parts() for n in range(part.blocks))
        return stored_pages(self._artifacts.get, keys)

    def _own(self, page: Page, number: int) -> Page:
        """OCR's page as one of the document's."""
        lines = page.lines if self.boxed else (replace(line, box=None) for line in page.lines)
        return replace(page, number=number, lines=tuple(lines))

    def _parts(self) -> tuple[OcrPart, ...]:
        """Those that have ended so far, in order."""
        return tuple(self._part(key) for key in self._artifacts.keys(f"{self._prefix}done-"))

    def _part(self, key: str) -> OcrPart:
        data = self._artifacts.get(key)
        if data is None:
            raise Cleared("pages")
        note = json.loads(data)
        return OcrPart(**note | {"read": tuple(note["read"])})

    def _reached(self, job: str) -> _Reached:
        """How far an earlier attempt came with the job's result."""
        data = self._artifacts.get(f"{self._prefix}reached-{job}")
        if data is None:
            return _Reached(0, [], Bookmark())
        kept = json.loads(data)
        return _Reached(kept["blocks"], kept["read"], Bookmark(**kept["bookmark"]))

    def _keep(self, name: str, note: OcrPart | _Reached) -> None:
        self._artifacts.put(f"{self._prefix}{name}", json.dumps(asdict(note)).encode())

    def _block(self, job: str, block: int) -> str:
        return f"{self._prefix}pages-{job}-{block:05d}"
