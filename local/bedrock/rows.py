"""Rows of a table said with the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Collection

from local.bedrock.bm25 import terms

BAR = " | "
RULE = re.compile(r"^-+(?: \| -+)*$")
FIGURE = re.compile(r"\d")
YEAR = re.compile(r"(?:19|20)\d\d")
DATE = re.compile(r"(?:[A-Z][a-z]+ \d{1,2},?)|(?:19|20)\d\d")


def cells_of(row: str) -> list[str]:
    """One for text that is no row."""
    return [cell.strip() for cell in row.split(BAR.strip())] if BAR in row else [row]


def header_of(context: str, text: str) -> list[str]:
    """The names of the columns: the row above the rule in the context, or else the text's first
    row if it holds no figure but years. Empty where there is neither."""
    above = context.splitlines()
    rules = [at for at, line in enumerate(above) if RULE.match(line.strip()) and at]
    if rules:
        return cells_of(above[rules[-1] - 1])
    rows = [line for line in text.splitlines() if BAR in line]
    first = cells_of(rows[0]) if rows else []
    return first if not FIGURE.search(YEAR.sub("", "".join(first))) else []


def said(row: str, header: Collection[str], question: str) -> str:
    """`Boat shed B: Rent 255 pounds, Deposit 510 pounds`; only the columns that the question
    names, if it names any. The row itself where its columns have no names that can be told."""
    label, *values = cells_of(row)
    _, *names = header or ("",)
    if not (label and values and len(names) == len(values)) or _hold_figures(names):
        return row
    pairs = [(name, value) for name, value in zip(names, values, strict=True) if value]
    asked = set(terms(question)) - set(terms(label))
    named = [pair for pair in pairs if asked & set(terms(pair[0]))]
    told = ", ".join(_told(name, value) for name, value in named or pairs)
    return f"{label}: {told}" if told else row


def is_header(row: str, header: Collection[str]) -> bool:
    """The header known, or a row whose only figures are years and days."""
    if header and cells_of(row) == list(header):
        return True
    return bool(BAR in row and YEAR.search(row)) and not FIGURE.search(DATE.sub("", row))


def is_named(row: str, question: str) -> bool:
    """Whether the question names the row, word for word."""
    label = " ".join(cells_of(row)[0].casefold().split())
    return BAR in row and bool(label) and label in " ".join(question.casefold().split())


def _told(name: str, value: str) -> str:
    return f"{value} ({name})" if FIGURE.search(name) else f"{name} {value}".strip()


def _hold_figures(names: Collection[str]) -> bool:
    """Other than years: they would be taken for the row's."""
    return any(FIGURE.search(YEAR.sub("", name)) for name in names)
