"""Files read in processes of their own, so that one that hangs, crashes or eats memory harms only
itself: a page that ends its process is lost alone.

A PDF's pages are read by as many processes as there are cores, every n-th page by the n-th. They
read ahead of what is asked for, as far as their pipes hold, and the pages come back in order.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.reader_lane import Lane, Mercy
from askbucket.ingest.readers.reader_process import CHILD, Launch, ReaderLimits
from askbucket.ingest.readers.room import MIB
from askbucket.models import Page

MOST_TEXT_BYTES = 256 * MIB  # of all pages, as JSON
PARALLEL_FROM = 20  # pages; another process costs as much as reading about eight
MOST_LANES = 4  # each may take the memory limit
PAGE_BY_PAGE = ".pdf"  # what other formats take is spent as they are opened, by every process
SEEN = ("PATH", "LANG", "LD_LIBRARY_PATH")  # of our environment, which holds credentials


def seen_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What processes that read files may see of this environment."""
    return {name: environment[name] for name in SEEN if name in environment}


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Reader:
    """Opens files; `environment` is all that their processes see of ours."""

    limits: ReaderLimits
    environment: Mapping[str, str]
    cores: int
    child: str = CHILD

    def __call__(self, path: Path, key: str) -> ReaderSource:
        """The file as pages. Raises UnreadableDocument with a reason a person understands, and
        TryAgain where no process can be started."""
        folder = tempfile.TemporaryDirectory(prefix="askbucket-reader-")
        environment = {**self.environment, "TMPDIR": folder.name}
        launch = Launch(path, key, self.limits, environment, self.child)
        try:
            return ReaderSource(launch, min(self.cores, MOST_LANES), folder)
        except BaseException:
            folder.cleanup()
            raise


class ReaderSource:
    """A `Source` whose work is done elsewhere; `folder` is where it may write."""

    def __init__(
        self, launch: Launch, most_lanes: int, folder: tempfile.TemporaryDirectory[str]
    ) -> None:
        self._launch, self._most_lanes, self._folder = launch, most_lanes, folder
        self._mercy = Mercy(launch.limits)
        self._lanes = [Lane(launch, self._mercy)]
        self._first = self._next = 0  # none is asked for yet
        self._text_bytes = 0
        opened = self._lanes[0].opened()
        self.paged, self.page_count = opened.paged, opened.page_count
        self.boxed, self.ocr_suffix = opened.boxed, opened.ocr_suffix
        self.warnings = opened.warnings

    def pages(self, first: int, last: int) -> list[Page]:
        """A page that ended its process has no lines and the source "lost"."""
        if first != self._next:
            self._begin(first)
        self._next = last + 1
        return [self._page(number) for number in range(first, last + 1)]

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        self._end_lanes()
        lane = Lane(self._launch, self._mercy)
        try:
            return lane.ocr_input(numbers)
        finally:
            lane.end()

    def close(self) -> None:
        self._end_lanes()
        self._folder.cleanup()

    def _begin(self, first: int) -> None:
        """From `first` on the pages are read, each lane's a step apart."""
        if self._next:
            self._end_lanes()
        self._first = first
        several = self.ocr_suffix == PAGE_BY_PAGE and self.page_count - first >= PARALLEL_FROM
        count = self._most_lanes if several else 1
        self._lanes += [Lane(self._launch, self._mercy) for _ in range(count - len(self._lanes))]
        for offset, lane in enumerate(self._lanes):
            lane.begin(range(first + offset, self.page_count + 1, count))

    def _page(self, number: int) -> Page:
        page, size = self._lanes[(number - self._first) % len(self._lanes)].page(number)
        self._text_bytes += size
        if self._text_bytes > MOST_TEXT_BYTES:
            raise UnreadableDocument(
                f"the text in it is larger than {MOST_TEXT_BYTES // MIB} MiB, too much"
            )
        return page

    def _end_lanes(self) -> None:
        """The next pages that are asked for begin anew."""
        for lane in self._lanes:
            lane.end()
        self._lanes, self._next = [], 0
