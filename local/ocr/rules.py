"""Lines drawn across and down a page: long, thin runs of ink in its picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from local.ocr.page_text import Box

SHORTEST_ACROSS, SHORTEST_DOWN = 0.03, 0.022
"""Of the page's width and height; strokes of letters are shorter."""
THICKEST, THICKEST_PX = 0.006, 10
"""Of the page's height, and pixels of a small picture; thicker ink is a bar or a drawing."""
INKED = 0.9
"""Share of a run that must be ink: scans have specks, and lines of text have gaps."""
DARK = 0.8
"""Of the paper's brightness."""


def ruling_lines(image: Image.Image) -> list[Box]:
    """The lines of a level page, those across first, without their thickness.

    An underline or a frame is one too, and so may be a stroke of a large letter.
    """
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    ink = grey < DARK * np.percentile(grey, 90)
    down, across = ink.shape
    thick = max(THICKEST_PX, round(THICKEST * down))
    wide = _bars(ink, round(SHORTEST_ACROSS * across), thick)
    high = _bars(ink.T, round(SHORTEST_DOWN * down), thick)
    return [
        *(Box(start / across, at / down, end / across, at / down) for start, end, at in wide),
        *(Box(at / across, start / down, at / across, end / down) for start, end, at in high),
    ]


def _bars(ink: Any, shortest: int, thick: int) -> Iterator[tuple[int, int, float]]:
    """(start, end, middle row) of the thin bars that run along the rows."""
    drifting = ink | np.roll(ink, 1, axis=0)  # a line that is slightly askew changes rows
    marked = _inked(drifting, max(2, shortest))
    ended: list[_Bar] = []
    open_bars: list[_Bar] = []
    for row in range(len(marked)):
        runs = list(_runs(marked[row])) if marked[row].any() else []
        ended += [bar for bar in open_bars if not any(bar.meets(run) for run in runs)]
        open_bars = [_grown(run, row, open_bars) for run in runs]
    for bar in dict.fromkeys([*ended, *open_bars]):
        if bar.after - bar.first <= thick + 1:
            yield bar.start, bar.end, (bar.first + bar.after) / 2


@dataclass(frozen=True)
class _Bar:
    """Ink from `start` to `end`, in the rows from `first` to before `after`."""

    start: int
    end: int
    first: int
    after: int

    def meets(self, run: tuple[int, int]) -> bool:
        return self.start < run[1] and run[0] < self.end


def _grown(run: tuple[int, int], row: int, bars: list[_Bar]) -> _Bar:
    """The run joined to all the bars that it goes on."""
    own = [*(bar for bar in bars if bar.meets(run)), _Bar(*run, row, row + 1)]
    return _Bar(
        min(bar.start for bar in own),
        max(bar.end for bar in own),
        min(bar.first for bar in own),
        row + 1,
    )


def _inked(ink: Any, length: int) -> Any:
    """Where a run of this length that is ink for the most part covers the place."""
    rows, columns = ink.shape
    if columns < length:
        return np.zeros_like(ink)
    sums = np.cumsum(np.pad(ink, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    starts = (sums[:, length:] - sums[:, :-length]) >= INKED * length
    edges = np.zeros((rows, columns + 1), dtype=np.int32)
    edges[:, : starts.shape[1]] += starts
    edges[:, length:] -= starts
    return (np.cumsum(edges[:, :-1], axis=1) > 0) & ink


def _runs(row: Any) -> Iterator[tuple[int, int]]:
    """(start, end) of the marked runs of a row, gaps of a few pixels closed."""
    places = np.flatnonzero(row)
    breaks = np.flatnonzero(np.diff(places) > 4)
    starts = np.concatenate(([0], breaks + 1))
    ends = np.concatenate((breaks, [len(places) - 1]))
    for start, end in zip(starts, ends, strict=True):
        yield int(places[start]), int(places[end]) + 1
