"""Rows of a table said with the names of their columns, of those alone that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from local.bedrock.asking import Asked
from local.bedrock.bm25 import terms
from local.bedrock.statements import FIGURE, YEAR, Statement

WORD = re.compile(r"[^\W_]+")
QUARTER = re.compile(r"three months|quarter", re.IGNORECASE)
NAMED = re.compile(r"^([^:]*[^\W\d_][^:]*): (.+)$")  # a cell that carries its column's name
# What is told in no currency's thousands: shares, rates, and counts of days.
NO_AMOUNT = re.compile(r"%|\b(?:per|percent\w*|rates?|ratio|margin|days|average)\b", re.IGNORECASE)

# What a company's name has beside its words, and a filing's pages above their text.
NAMELY = frozenset(
    terms(
        "inc incorporated corp corporation company plc ltd llc gmbh ag international group"
        " consolidated subsidiaries table contents continued"
    )
)

Pair = tuple[str, str]


def said(row: Statement, asked: Asked) -> str:
    """`Boat shed B: Rent 255 pounds, Deposit 510 pounds`: the columns of the years and the words
    that the question names, if it names any, and the unit of the table.

    As it stands where its columns have no names that can be told.
    """
    label, pairs = _label(row), _pairs(row)
    if not label or not pairs or FIGURE.search(YEAR.sub("", " ".join(name for name, _ in pairs))):
        return row.text
    told = ", ".join(_told(*pair) for pair in _asked_for(pairs, asked, label))
    known = NAMELY | set(asked.terms_of(asked.names))
    return f"{_headed(row, label, known)}: {told}{_unit(row, told)}"


def is_named(row: Statement, question: str) -> bool:
    """Whether the question names the row, word for word."""
    label = _words(row.cells[0]) if row.is_row else ""
    return bool(label.strip()) and label in _words(question)


def share_asked(row: Statement, asked: Asked) -> float:
    """Of the label's words, those that the question holds: how much it asks for this row."""
    words = set(asked.terms_of(row.cells[0])) - asked.years
    return len(words & asked.terms) / len(words) if words else 0.0


def is_asked(row: Statement, asked: Asked) -> bool:
    """Whether the question names the row, and its table tells of the time asked."""
    years = set(YEAR.findall(" ".join(row.columns)))
    other_time = asked.years and asked.times.isdisjoint(years)
    return is_named(row, asked.text) and not other_time


def _label(row: Statement) -> str:
    named = NAMED.match(row.cells[0])
    return named[2] if named and _is_record(row) else row.cells[0]


def _is_record(row: Statement) -> bool:
    return all(NAMED.match(cell) for cell in row.cells)


def _pairs(row: Statement) -> list[Pair]:
    """Names and values, those without a value left out; one value needs no name."""
    values = row.cells[1:]
    filled = [value for value in values if value]
    if _is_record(row):
        return [(found[1], found[2]) for cell in values if (found := NAMED.match(cell))]
    if row.columns:
        return [pair for pair in zip(row.columns, values, strict=True) if pair[1]]
    return [("", filled[0])] if len(filled) == 1 else []


def _asked_for(pairs: Sequence[Pair], asked: Asked, label: str) -> Sequence[Pair]:
    of_year = [pair for pair in pairs if asked.times & set(YEAR.findall(pair[0]))] or pairs
    of_time = _of_period(of_year, asked)
    shared = _shared([name for name, _ in pairs], asked)
    words = asked.terms - shared - set(asked.terms_of(label)) - asked.times - asked.named
    return [pair for pair in of_time if words & set(asked.terms_of(pair[0]))] or of_time


def _of_period(pairs: Sequence[Pair], asked: Asked) -> Sequence[Pair]:
    """Quarters or whole years, where there are both."""
    return [
        pair for pair in pairs if bool(QUARTER.search(pair[0])) == asked.of_a_quarter()
    ] or pairs


def _headed(row: Statement, label: str, known: Set[str]) -> str:
    """The label behind its section, unless that says no more than it and the document's name."""
    more = set(terms(row.section)) - set(terms(label)) - known
    return f"{row.section}, {label}" if more else label


def _told(name: str, value: str) -> str:
    return f"{value} ({name})" if FIGURE.search(name) else f"{name} {value}".strip()


def _unit(row: Statement, told: str) -> str:
    rated = NO_AMOUNT.search(f"{row.section} {row.cells[0]} {told}")
    return f", {row.unit}" if row.unit and not rated and FIGURE.search(told) else ""


def _shared(names: Sequence[str], asked: Asked) -> set[str]:
    """What all of several names say."""
    return (
        set.intersection(*(set(asked.terms_of(name)) for name in names))
        if len(names) > 1
        else set()
    )


def _words(text: str) -> str:
    """In lower case, one space before and after each."""
    return f" {' '.join(WORD.findall(text.casefold()))} "
