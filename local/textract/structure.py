"""What stands on a page beside its text: tables, pairs of a form, and the parts of its layout.

Found by rules, not by a model, and rather missed than made up: merged cells, check boxes, and
tables on a page that lies on its side are not found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from askbucket.ingest.pdf.cells import Rule
from askbucket.ingest.pdf.cells import Table as Grid
from askbucket.ingest.pdf.grid import tables_of
from askbucket.ingest.pdf.words import Word as GridWord
from local.ocr.page_text import Box, Line, Word
from local.ocr.rules import ruling_lines
from local.ocr.skew import levelled, on_skewed, skew_degrees
from local.textract.forms import Pair, pairs_of
from local.textract.layout import Part, parts_of

LEVEL_DEGREES = 0.1
"""A page askew by less is level."""
IN_WORD = 0.15
"""Of a word's height: letters may reach so far out of its box."""


@dataclass(frozen=True)
class Cell:
    """Counted from 1; no words where it is empty."""

    row: int
    column: int
    words: tuple[Word, ...]
    header: bool


@dataclass(frozen=True)
class Table:
    """Cells row by row, each row from left to right."""

    cells: tuple[Cell, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for cell in self.cells for word in cell.words)


@dataclass(frozen=True)
class Structure:
    """The very words given are those in it."""

    tables: tuple[Table, ...]
    pairs: tuple[Pair, ...]
    parts: tuple[Part, ...]


def structure_of(image: Image.Image, lines: Sequence[Line]) -> Structure:
    """All there is, whatever was asked for: what is a table is no pair and no paragraph."""
    tables = _tables(image, lines)
    taken = {id(word) for table in tables for word in table.words}
    pairs = pairs_of([line for line in lines if not any(id(word) in taken for word in line.words)])
    paired = {id(word) for pair in pairs for word in (*pair.key, *pair.value)}
    return Structure(tuple(tables), tuple(pairs), tuple(parts_of(lines, taken, paired)))


def _tables(image: Image.Image, lines: Sequence[Line]) -> list[Table]:
    words = [word for line in lines for word in line.words]
    if not words or _on_its_side(words, image.size):
        return []
    degrees = skew_degrees(image)
    degrees = degrees if abs(degrees) >= LEVEL_DEGREES else 0.0
    level = levelled(image, degrees) if degrees else image
    placed = [_on_grid(word, degrees, image.size) for word in words]
    strokes = (Rule(box.left, box.top, box.right, box.bottom) for box in ruling_lines(level))
    rules = [rule for rule in strokes if not any(_is_in(rule, word) for word in placed)]
    word_of = {id(on_grid): word for on_grid, word in zip(placed, words, strict=True)}
    return [_table(grid, word_of) for grid in tables_of(placed, rules)]


def _on_grid(word: Word, degrees: float, size: tuple[int, int]) -> GridWord:
    """The word where it stands on the levelled page."""
    middle = on_skewed(Box(*word.box.middle, *word.box.middle), -degrees, size)
    left, top = middle.left - word.box.width / 2, middle.top - word.box.height / 2
    return GridWord(word.text, left, top, left + word.box.width, top + word.box.height)


def _is_in(rule: Rule, word: GridWord) -> bool:
    """Whether the rule is a stroke of the word's letters."""
    edge = IN_WORD * (word.bottom - word.top)
    return (
        word.left - edge <= rule.left
        and rule.right <= word.right + edge
        and word.top - edge <= rule.top
        and rule.bottom <= word.bottom + edge
    )


def _table(grid: Grid, word_of: Mapping[int, Word]) -> Table:
    return Table(
        tuple(
            Cell(
                row=number,
                column=cell.column + 1,
                words=tuple(word_of[id(word)] for word in cell.words),
                header=row.header,
            )
            for number, row in enumerate(grid.rows, 1)
            for cell in row.cells
        )
    )


def _on_its_side(words: Sequence[Word], size: tuple[int, int]) -> bool:
    across, down = size
    long = [word.box for word in words if len(word.text) > 2]
    tall = sum(box.height * down > box.width * across for box in long)
    return 2 * tall > len(long)
