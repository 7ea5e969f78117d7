"""A row of pages read by one process after another: whoever dies at a page loses that page."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from askbucket.artifacts import pages_from_bytes
from askbucket.errors import UnreadableDocument
from askbucket.ingest.readers.frames import Frame
from askbucket.ingest.readers.reader_process import Cause, Died, Launch, ReaderLimits, ReaderProcess
from askbucket.ingest.readers.room import MIB
from askbucket.log import event as log
from askbucket.models import Page

MOST_DEATHS = 5  # pages of one document that may end their process
MOST_PAGE_BYTES = 64 * MIB  # of one page as JSON; a sheet of a workbook is a page, too
MOST_OCR_BYTES = 256 * MIB
SOURCES = ("text", "waiting", "lost")


class Opened(NamedTuple):
    """What a Source tells of itself."""

    paged: bool
    page_count: int
    boxed: bool
    warnings: tuple[str, ...]
    ocr_suffix: str


class Mercy:
    """How many deaths a document's reading may still cost; shared by its lanes."""

    def __init__(self, limits: ReaderLimits) -> None:
        self.limits = limits
        self._deaths = 0
        self._retried = False

    def again(self, death: Died) -> bool:
        """Whether to try the same once more: the machine's want of memory may have passed."""
        again = death.cause is Cause.KILLED and not self._retried
        self._retried = self._retried or again
        return again

    def lose(self, death: Died, number: int) -> None:
        """Counts a page. Raises UnreadableDocument where there were too many."""
        log("page_lost", level="warning", page=number, cause=death.cause.name)
        self._deaths += 1
        if self._deaths > MOST_DEATHS:
            why = self.reason(death, f"page {number}", self.limits.page_seconds)
            raise UnreadableDocument(f"{self._deaths} of its pages could not be read: {why}")

    def reason(self, death: Died, what: str, seconds: int) -> str:
        """In a person's words."""
        match death.cause:
            case Cause.TIME:
                return f"reading {what} took longer than {seconds} s"
            case Cause.MEMORY:
                return f"reading {what} took more than {self.limits.memory_mib} MiB of memory"
            case Cause.KILLED:
                return f"reading {what} took more memory than the machine has"
        return f"the reader crashed on {what}"


class Lane:
    """Owns a process while it has one; `end` gives it back."""

    def __init__(self, launch: Launch, mercy: Mercy) -> None:
        self._launch, self._limits, self._mercy = launch, launch.limits, mercy
        self._process: ReaderProcess | None = None
        self._rest = range(0)
        self._asked = False  # whether the process has been asked for `_rest`

    def opened(self) -> Opened:
        """Raises UnreadableDocument where the file cannot be opened or ends its process."""
        try:
            return self._open()[1]
        except Died as death:
            if self._mercy.again(death):
                return self.opened()
            why = self._mercy.reason(death, "it", self._limits.open_seconds)
            raise UnreadableDocument(why) from death

    def begin(self, numbers: range) -> None:
        """The pages that will be asked for, in this order."""
        self._rest = numbers

    def page(self, number: int) -> tuple[Page, int]:
        """The page and its size in bytes; "lost" where it ended its process."""
        try:
            found = self._read(number)
        except Died as death:
            self.end()
            if self._mercy.again(death):
                return self.page(number)
            self._mercy.lose(death, number)
            found = Page(number, (), "lost"), 0
        self._rest = self._rest[1:]
        return found

    def ocr_input(self, numbers: Sequence[int]) -> bytes:
        """Raises UnreadableDocument where these pages cannot be taken out."""
        seconds = self._limits.open_seconds
        try:
            process, _ = self._open()
            process.ask({"ocr": True}, json.dumps(list(numbers)).encode())
            return process.answer(seconds, MOST_OCR_BYTES, "ocr").body
        except Died as death:
            self.end()
            if self._mercy.again(death):
                return self.ocr_input(numbers)
            why = self._mercy.reason(death, "them", seconds)
            raise UnreadableDocument(f"its pages cannot be taken out for OCR: {why}") from death

    def end(self) -> None:
        """Ends the process, whatever it is at."""
        if self._process is not None:
            self._process.end()
        self._process, self._asked = None, False

    def _open(self) -> tuple[ReaderProcess, Opened]:
        """A new process that has the file open."""
        process = self._process = self._launch()
        try:
            about = process.answer(self._limits.open_seconds, 0, "opened").header["source"]
            opened = Opened(**about | {"warnings": tuple(about["warnings"])})
        except BaseException:
            self.end()
            raise
        return process, opened

    def _read(self, number: int) -> tuple[Page, int]:
        process = self._process or self._open()[0]
        if not self._asked:
            row = (self._rest.start, self._rest.stop - 1, self._rest.step)
            process.ask({"pages": row})
            self._asked = True
        frame = process.answer(self._limits.page_seconds, MOST_PAGE_BYTES, "page", "lost")
        if frame.header["kind"] == "lost":
            log(
                "page_lost",
                level="warning",
                page=number,
                error=frame.header["error"],
                at=frame.header["where"],
            )
            return Page(number, (), "lost"), 0
        try:
            return _page_of(frame, number)
        except (ValueError, TypeError, zlib.error, RecursionError) as error:
            raise Died(Cause.CRASH) from error


def _page_of(frame: Frame, number: int) -> tuple[Page, int]:
    """Raises ValueError or the like where it is not that page, or too large a one."""
    unpacker = zlib.decompressobj()
    size = len(unpacker.decompress(frame.body, MOST_PAGE_BYTES))
    if unpacker.unconsumed_tail:
        raise ValueError(f"a page of more than {MOST_PAGE_BYTES} bytes")
    [page] = pages_from_bytes(frame.body)
    if page.number != number or page.source not in SOURCES:
        raise ValueError(f"page {page.number}, {page.source}, instead of page {number}")
    return page, size
