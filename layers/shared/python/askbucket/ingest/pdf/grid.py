"""Tables found in words with boxes, by ruling lines and by aligned columns.

Knows nothing of PDF or OCR: a text layer and a recogniser's words are read alike. When in doubt
there is no table: prose, lists, tables of contents and columns of text stay text.
"""

from __future__ import annotations

from collections.abc import Sequence

from askbucket.ingest.pdf.aligned import aligned_tables
from askbucket.ingest.pdf.bands import bands_of
from askbucket.ingest.pdf.cells import Rule, Table
from askbucket.ingest.pdf.ruled import ruled_tables
from askbucket.ingest.pdf.worded import worded_tables
from askbucket.ingest.pdf.words import Word


def tables_of(words: Sequence[Word], rules: Sequence[Rule] = ()) -> list[Table]:
    """The tables among the words of one page or column, from top to bottom.

    The words may come in any order, turned so that text runs from left to right; a word is in one
    table at most, and the very objects given are those in the cells. `rules` are the lines drawn
    on the page, where they are known.
    """
    ruled = ruled_tables(words, rules)
    taken = {id(word) for table in ruled for word in table.words}
    bands = bands_of(word for word in words if id(word) not in taken)
    aligned = aligned_tables(bands)
    taken = {id(word) for table in aligned for word in table.words}
    worded = worded_tables([band for band in bands if id(band.cells[0].words[0]) not in taken])
    return sorted(
        [*ruled, *aligned, *worded], key=lambda table: min(word.top for word in table.words)
    )
