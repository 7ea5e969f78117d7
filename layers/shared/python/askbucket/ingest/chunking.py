"""Chunks of pages by LangChain's splitter: cut by structure, each knowing its lines' boxes and what
it stands under."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import accumulate

from langchain_text_splitters import RecursiveCharacterTextSplitter

from askbucket.ingest.borders import RANKS, marked, position, weight
from askbucket.ingest.trail import Trail, under
from askbucket.models import Chunk, Page

SHORT, LARGER = 0.25, 1.2  # shares of the size: a piece to be joined, and the most it may make


class Chunker:
    """Cuts pages into chunks of about `size` characters that share at most `overlap` characters
    with their neighbour. Figures, signs and letters that are not Latin count three times.

    Cuts are made before headings, then between paragraphs, sentences, lines and words. Only a row
    of a table is ever larger than 1.2 times the size. Raises ValueError where the overlap is not
    smaller than the size.
    """

    def __init__(self, size: int, overlap: int) -> None:
        self.size, self.overlap = size, overlap
        self._splitter = RecursiveCharacterTextSplitter(
            chunk_size=size,
            chunk_overlap=overlap,
            length_function=weight,
            separators=RANKS,
            keep_separator="end",
            strip_whitespace=False,
        )

    def chunks(self, pages: Iterable[Page], *, paged: bool, title: str = "") -> Iterator[Chunk]:
        """Every chunk of the pages in order, numbered from 0; a page is taken when its turn comes.

        None crosses a page, nor a part where the format has no pages: a part has 400 lines, so
        little is lost, and every chunk is a slice of one text.
        """
        cut = (piece for page, trail in under(title, pages) for piece in self._cut(page, trail))
        for number, chunk in enumerate(cut):
            yield replace(chunk, number=number, page=chunk.page if paged else None)

    def _cut(self, page: Page, trail: Trail) -> Iterator[Chunk]:
        text = page.text
        starts = list(accumulate((len(line.text) + 1 for line in page.lines), initial=0))
        for start, end in self._spans(page, text):
            first = bisect.bisect_right(starts, start) - 1
            last = bisect.bisect_left(starts, end)
            boxes = tuple(line.box for line in page.lines[first:last] if line.box is not None)
            context = trail.context(first)
            yield Chunk(0, page.number, start, end, text[start:end], boxes, context)

    def _spans(self, page: Page, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of every chunk; a short piece finds little, so it joins its neighbour."""
        letters = marked(page, max(2, self.size // 4))
        held: tuple[int, int] | None = None
        for start, end in self._pieces(letters, text):
            if held is None:
                held = start, end
            elif self._belong(letters, held, (start, end)):
                held = held[0], end
            else:
                yield held
                held = start, end
        if held:
            yield held

    def _belong(self, letters: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
        shorter = min(weight(letters[slice(*left)]), weight(letters[slice(*right)]))
        together = weight(letters[left[0] : right[1]])
        return shorter < SHORT * self.size and together <= LARGER * self.size

    def _pieces(self, letters: str, text: str) -> Iterator[tuple[int, int]]:
        """What the splitter cuts, without white space around it."""
        start = 0
        for piece in self._splitter.split_text(letters):
            start = position(piece[0], start)
            cut = text[start : start + len(piece)]
            if kept := cut.strip():
                at = start + len(cut) - len(cut.lstrip())
                yield at, at + len(kept)


def halves_of(chunk: Chunk) -> tuple[Chunk, ...]:
    """The chunk in two, cut at the end of a line or else at the white space nearest to its middle,
    for an embedder's limit; one, without its context, where the context is the longer part.

    Neither half begins or ends in white space, as the chunk must not either. Raises ValueError for
    a chunk of fewer than two characters and no context.
    """
    text = chunk.text
    if len(chunk.context) > len(text):
        return (replace(chunk, context=""),)
    if len(text) < 2:
        raise ValueError("a chunk of one character cannot be cut")
    at = _nearest_to_middle(text)
    left, right = text[:at].rstrip(), text[at:].lstrip()
    skipped = len(text) - len(right)
    left_boxes = chunk.boxes[: left.count("\n") + 1]
    right_boxes = chunk.boxes[text.count("\n", 0, skipped) :]
    return (
        replace(chunk, end=chunk.start + len(left), text=left, boxes=left_boxes),
        replace(chunk, start=chunk.start + skipped, text=right, boxes=right_boxes),
    )


def _nearest_to_middle(text: str) -> int:
    """Where to cut: at a newline, so that rows stay whole, or at white space, or in the middle."""
    middle = len(text) // 2
    spaces = [at for at, letter in enumerate(text) if letter.isspace() and 0 < at < len(text) - 1]
    newlines = [at for at in spaces if text[at] == "\n"]
    return min(newlines or spaces, key=lambda place: abs(place - middle), default=middle)
