"""Chunks of a page by LangChain's splitter, each knowing its lines' boxes."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import replace

from langchain_text_splitters import RecursiveCharacterTextSplitter

from askbucket.models import Chunk, Page

SEPARATORS = ["\n\n", "\n", ". ", " ", ""]
# U+000A only: a page's lines are joined by it, so a chunk's lines are found by it.
SECTION_LINES = 2000  # what is cut at once: cutting takes time by the square of the lines
UNIQUE, UNIQUES = 0x10000, 0x100000  # the code points above the basic plane


class Chunker:
    """Cuts pages into chunks of about `size` characters that share `overlap` with their neighbour.

    Raises ValueError where the overlap is not smaller than the size.
    """

    def __init__(self, size: int, overlap: int) -> None:
        self.size, self.overlap = size, overlap
        self._splitter = RecursiveCharacterTextSplitter(
            chunk_size=size,
            chunk_overlap=overlap,
            separators=SEPARATORS,
            keep_separator="end",
            add_start_index=True,
        )

    def chunks(self, pages: Iterable[Page], *, paged: bool) -> Iterator[Chunk]:
        """Every chunk of the pages in order, numbered from 0; none crosses a page."""
        cut = (piece for page in pages for piece in self._page_chunks(page, paged))
        return (replace(chunk, number=number) for number, chunk in enumerate(cut))

    def _page_chunks(self, page: Page, paged: bool) -> Iterator[Chunk]:
        for offset, section in _sections(page):
            for piece in self._splitter.create_documents([_traceable(section.text)]):
                start = piece.metadata["start_index"]
                chunk = Chunk(0, page.number if paged else None, start, start, "")
                cut = slice_of(chunk, section, start, start + len(piece.page_content))
                yield replace(cut, start=cut.start + offset, end=cut.end + offset)


def _sections(page: Page) -> Iterator[tuple[int, Page]]:
    """A page of very many lines, such as a sheet, in parts: where each begins, and its lines."""
    offset = 0
    for first in range(0, len(page.lines), SECTION_LINES):
        section = replace(page, lines=page.lines[first : first + SECTION_LINES])
        yield offset, section
        offset += len(section.text) + 1


def slice_of(chunk: Chunk, page: Page, start: int, end: int) -> Chunk:
    """The chunk that is page.text[start:end], with the boxes of the lines it touches."""
    text = page.text[start:end]
    starts = _line_starts(page)
    first = bisect.bisect_right(starts, start) - 1
    last = first + text.count("\n")
    boxes = tuple(line.box for line in page.lines[first : last + 1] if line.box is not None)
    return replace(chunk, start=start, end=end, text=text, boxes=boxes)


def halves_of(chunk: Chunk) -> tuple[Chunk, Chunk]:
    """The chunk cut in two at the white space nearest to its middle, for an embedder's limit.

    Neither half begins or ends in white space, as the chunk must not either. Raises ValueError for
    a chunk of fewer than two characters.
    """
    text = chunk.text
    if len(text) < 2:
        raise ValueError("a chunk of one character cannot be cut")
    middle = len(text) // 2
    spaces = [at for at, letter in enumerate(text) if letter.isspace() and 0 < at < len(text) - 1]
    at = min(spaces, key=lambda place: abs(place - middle), default=middle)
    left, right = text[:at].rstrip(), text[at:].lstrip()
    skipped = len(text) - len(right)
    left_boxes = chunk.boxes[: left.count("\n") + 1]
    right_boxes = chunk.boxes[text.count("\n", 0, skipped) :]
    return (
        replace(chunk, end=chunk.start + len(left), text=left, boxes=left_boxes),
        replace(chunk, start=chunk.start + skipped, text=right, boxes=right_boxes),
    )


def _traceable(text: str) -> str:
    """The text with every letter made another one, but for what is cut at: the splitter finds a
    piece by its text, so where a text repeats itself it would name the wrong place."""
    return "".join(
        letter if letter.isspace() or text.startswith(". ", at) else chr(UNIQUE + at % UNIQUES)
        for at, letter in enumerate(text)
    )


def _line_starts(page: Page) -> list[int]:
    """Where each line begins in page.text."""
    starts, at = [], 0
    for line in page.lines:
        starts.append(at)
        at += len(line.text) + 1
    return starts
