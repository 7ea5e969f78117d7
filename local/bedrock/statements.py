"""What a source states, piece by piece: its sentences, and its rows with what the table says of
them: the names of its columns, the section a row stands in, and the unit of its figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from local.bedrock.sentences import BAR, sentences

RULE = re.compile(r"^-+(?: \| -+)*$")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
YEARS_LAST = re.compile(r"(?:(?:19|20)\d\d[\s%]*){2,}$")
FIGURE = re.compile(r"\d")
DAY = re.compile(r"\b((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?) \d{1,2}\b,?")
PERIOD = re.compile(r"(?:three|six|nine|twelve) months ended|years? ended|quarters? ended", re.I)
UNIT = re.compile(r"\b(thousands|millions|billions)\b", re.IGNORECASE)
IN_BRACKETS = re.compile(r"\(([^()]*)\)")
VALUE = r"(?:[$€£]\s?)?\(?(?:[$€£]\s?)?\d(?:[\d,.]*\d)?\)?(?:\s?%)?(?![\w,.;])|—"
# A label and at least two figures: how a row is read where a table has no lines.
PLAIN_ROW = re.compile(rf"^(?P<label>.*?[^\W\d_].*?)\s+(?P<values>(?:{VALUE})(?:\s+(?:{VALUE}))+)$")
MOST_SECTION_WORDS = 8
LITTLE = 5  # letters; a single word as short may be torn from a name


@dataclass(frozen=True)
class Statement:
    """`text` stands in the source; the rest is blank but for rows."""

    text: str
    cells: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # names, one for each cell after the first; or none
    section: str = ""
    unit: str = ""

    @property
    def is_row(self) -> bool:
        return len(self.cells) > 1


@dataclass
class _Table:
    """What is known at a line of the rows that follow."""

    header: list[list[str]] = field(default_factory=list)
    unit: str = ""
    section: str = ""
    has_rows: bool = False  # since the header

    def name_columns(self, cells: list[str]) -> None:
        if self.has_rows:
            self.header, self.has_rows, self.section = [], False, ""
        if not cells[0] and len(cells) == len(["", "title"]) and _is_title(cells[1]):
            self.section = cells[1] if len(cells[1]) > LITTLE else ""
        else:
            self.header.append(cells)
            self.section = cells[0].partition("(")[0].strip() if _unit(cells[0]) else self.section


def _is_title(cell: str) -> bool:
    """Of the whole table, not of a time or a unit, which stand alone over its columns too."""
    return not (FIGURE.search(cell) or PERIOD.search(cell) or _in_brackets(cell))


def statements(text: str, context: str = "") -> list[Statement]:
    """In the order of the text, without the rows that name columns.

    The header of a table that goes on from the page before stands in the context.
    """
    return list(_read(sentences(text), _of_context(context)))


def cells_of(row: str) -> list[str]:
    """One for text that is no row."""
    return [cell.strip() for cell in row.split(BAR.strip())] if BAR in f" {row}" else [row]


def _of_context(context: str) -> _Table:
    """The rows above the rule of the context are the header of the table that goes on."""
    lines = [line.strip() for line in context.splitlines()]
    rules = [at for at, line in enumerate(lines) if RULE.match(line)]
    table = _Table()
    for line in lines[1 : rules[-1]] if rules else []:
        table.unit = _unit(line) or table.unit
        if BAR in f" {line} ":
            table.name_columns(cells_of(line))
        else:
            table.section = _section(line) or table.section
    return table


def _read(pieces: Sequence[str], table: _Table) -> Iterator[Statement]:
    known = bool(table.header)
    for at, piece in enumerate(pieces):
        begins = not known and (at == 0 or BAR not in f" {pieces[at - 1]}")
        cells = _cells(piece)
        table.unit = _unit(piece) or table.unit
        if _names_columns(piece, cells, begins):
            for names in _names_of(piece, cells):
                table.name_columns(names)
        elif len(cells) > 1:
            yield _row(piece, cells, table)
        else:
            _pass(piece, table)
            yield Statement(piece)


def _cells(piece: str) -> list[str]:
    plain = None if BAR in f" {piece}" else PLAIN_ROW.match(_without_days(piece))
    if plain is None or YEARS_LAST.search(piece):
        return cells_of(piece)
    return [plain["label"].strip(), *re.findall(VALUE, plain["values"])]


def _names_columns(piece: str, cells: Sequence[str], begins: bool) -> bool:
    """Whether its only figures are years and days: over labels, as first cells that are blank are,
    or where a table begins."""
    if FIGURE.search(YEAR.sub("", _without_days(piece))):
        return False
    if len(cells) == 1:
        periods = len(PERIOD.findall(piece)) > 1
        return bool(periods or YEARS_LAST.search(piece)) and not piece.endswith(".")
    return begins or _in_brackets(cells[0]) or YEAR.search(piece) is not None


def _names_of(piece: str, cells: list[str]) -> list[list[str]]:
    """One or two rows of a header; a line without cells may hold periods and their years."""
    if len(cells) > 1:
        return [cells]
    return [["", *names] for names in (PERIOD.findall(piece), YEAR.findall(piece)) if names]


def _pass(piece: str, table: _Table) -> None:
    """A heading stands over the rows below it; a sentence ends the table above it."""
    section = _section(piece)
    if section or piece.endswith("."):
        table.section = section


def _row(piece: str, cells: Sequence[str], table: _Table) -> Statement:
    names = _names_in_order(table.header, cells) or _names(table.header, len(cells))
    found = Statement(piece, tuple(cells), tuple(names), table.section, table.unit)
    table.has_rows = True
    if cells[0].casefold().startswith("total"):
        table.section = ""
    return found


def _names(header: Sequence[Sequence[str]], width: int) -> list[str]:
    """One name for each cell after the first, the rows of the header read downward; none where a
    row has more cells than the table has columns, or fewer."""
    rows = [row for row in header if not all(map(_in_brackets, row[1:]))]
    if max(map(len, rows), default=0) != width:
        return []
    spread = [_spread(row[1:], width - 1) for row in rows]
    return [" ".join(filter(None, map(_dated, column))) for column in zip(*spread, strict=True)]


def _names_in_order(header: Sequence[Sequence[str]], cells: Sequence[str]) -> list[str]:
    """Where blank cells tear columns apart: as many years as there are values, in their order."""
    filled = [at for at, cell in enumerate(cells[1:]) if cell]
    if len(filled) == len(cells) - 1:
        return []
    years = ([name for name in row[1:] if YEAR.search(name)] for row in reversed(header))
    fitting = next((names for names in years if len(names) == len(filled)), [])
    names = dict(zip(filled, map(_dated, fitting), strict=False))
    return [names.get(at, "") for at in range(len(cells) - 1)] if names else []


def _spread(names: Sequence[str], width: int) -> list[str]:
    """The names over so many columns: those of a row of fewer span several."""
    given = [name for name in names if name]
    if len(names) == width or not given:
        return [*names, *[""] * (width - len(names))]
    if len(given) == 1 or (len(given) == len(names) and width % len(given) == 0):
        return [name for name in given for _ in range(width // len(given))]
    if all(YEAR.fullmatch(name) for name in given):
        return [*names, *[""] * (width - len(names))]
    filled: list[str] = []
    for at in range(width):
        name = names[at] if at < len(names) else ""
        filled.append(name or (filled[-1] if filled else ""))
    return filled


def _without_days(text: str) -> str:
    return DAY.sub(r"\1", text)


def _dated(name: str) -> str:
    """Without the day, which would pass for a figure of the row."""
    return _without_days(name).strip(" ,")


def _in_brackets(cell: str) -> bool:
    return not cell or (cell.startswith("(") and cell.endswith(")"))


def _unit(line: str) -> str:
    """`in millions`, where the line says so in brackets."""
    found = [UNIT.search(place[1]) for place in IN_BRACKETS.finditer(line)]
    return next((f"in {each[1].lower()}" for each in found if each), "")


def _section(piece: str) -> str:
    """A line of few words without a figure or full stop stands over the rows below it."""
    named = piece.removesuffix(":").strip()
    plain = not FIGURE.search(named) and not named.endswith((".", ")", ";", ","))
    return named if plain and len(named.split()) <= MOST_SECTION_WORDS else ""
