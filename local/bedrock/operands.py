"""The figures that a question would be computed from: quoted, as nothing is computed here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from local.bedrock import rows
from local.bedrock.asking import Asked
from local.bedrock.quoting import Quote

MOST_OPERANDS = 4
LEAD = "To compute it from"
GROWS = re.compile(r"\b(?:grow|grew|rise|rose|fall|fell|shrink|drop|change|from|between)", re.I)


def operands(ranked: Sequence[Quote], asked: Asked) -> tuple[Quote, ...]:
    """Rows that the question names word for word, best first: two of them, or one with the years
    that it compares. Empty where there are fewer, or nothing is to be computed."""
    if not asked.computed():
        return ()
    by_label: dict[str, Quote] = {}
    for quote in ranked:
        if quote.row and quote.said != quote.text and rows.is_asked(quote.row, asked):
            by_label.setdefault(quote.row.cells[0].casefold(), quote)
    compared = GROWS.search(asked.text) and len(asked.years) > 1
    found = [*by_label.values()][: 1 if compared else MOST_OPERANDS]
    if not found or (len(found) == 1 and not compared):
        return ()
    return (replace(found[0], said=f"{LEAD}: {found[0].said}"), *found[1:])
