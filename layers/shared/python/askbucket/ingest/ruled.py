"""Tables whose cells are drawn: rows and columns between ruling lines."""

from __future__ import annotations

from collections.abc import Sequence

from askbucket.ingest.cells import Rule, Table
from askbucket.ingest.words import Word


def ruled_tables(words: Sequence[Word], rules: Sequence[Rule]) -> list[Table]:
    """The tables with lines drawn between their columns and their rows."""
    return []
