"""Tables without drawn lines: rows of numbers or words that stand in columns."""

from __future__ import annotations

from collections.abc import Sequence

from askbucket.ingest.cells import Table
from askbucket.ingest.words import Word


def aligned_tables(words: Sequence[Word]) -> list[Table]:
    """The tables whose columns are kept apart by white space alone."""
    return []
