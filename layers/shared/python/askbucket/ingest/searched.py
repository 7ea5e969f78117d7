"""What of a chunk is searched: one text for its meaning, another for its words.

They differ because they fail differently (measured in evals/README.md). The figures of a statement
tell an embedder nothing and crowd out the names of its rows; words of headings that stand in every
chunk of a section pull long questions toward that section. So figures are left to the words, and
headings to the meaning: the chunk that begins with a heading has its words anyway.
"""

from __future__ import annotations

import re

from askbucket.ingest.readers.tables import CELL_SEPARATOR, YEAR
from askbucket.ingest.trail import BETWEEN, parts_of
from askbucket.mixed_words import parted
from askbucket.models import Chunk

FIGURES = re.compile(r"[\W\d_]*")  # a cell without a letter
HYPHENATED = re.compile(r"([^\W\d_]+)-\n([^\W\d_]+)")  # or a compound: both forms are found


def meaning_of(chunk: Chunk) -> str:
    """What is embedded: title, nearest heading, header of the table, and the text without the
    figures of its tables, unless there is nothing else."""
    title, headings, header = parts_of(chunk.context)
    path = BETWEEN.join(filter(None, (title, *headings[-1:])))
    return _lines(path, header, _without_figures(chunk.text) or chunk.text)


def words_of(chunk: Chunk) -> str:
    """What the sparse index takes: title, header of the table, the text, the words that a line end
    cut in two, and the parts of words of letters and figures."""
    title, _, header = parts_of(chunk.context)
    whole = " ".join(first + rest for first, rest in HYPHENATED.findall(chunk.text))
    return parted(_lines(title, header, chunk.text, whole))


def _without_figures(text: str) -> str:
    return _lines(*map(_labels, text.split("\n")))


def _labels(line: str) -> str:
    """A row without its cells of figures, but for years: they tell of when."""
    cells = line.split(CELL_SEPARATOR)
    if len(cells) == 1:
        return line
    kept = (cell.strip() for cell in cells if not FIGURES.fullmatch(cell) or _is_year(cell))
    return CELL_SEPARATOR.join(kept)


def _is_year(cell: str) -> bool:
    return YEAR.fullmatch(cell.strip()) is not None


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))
