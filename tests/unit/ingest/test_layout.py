"""The order a person reads in, from words in any order."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from askbucket.ingest.pdf.cells import Table
from askbucket.ingest.pdf.layout import reading_order
from askbucket.ingest.pdf.words import Word
from tests.unit.ingest.typesetting import LEADING, block, figures, line

PROSE = (
    "bridge lorries water keepers watch weather towers record passage harbour office winter "
    "storms summer calm safety"
).split()
seeds = st.integers(0, 2**32)


def texts(words: list[Word]) -> list[str]:
    """The page's lines as read."""
    read: list[str] = []
    for part in reading_order(words):
        if isinstance(part, Table):
            read += [row.text for row in part.rows]
        else:
            read.append(" ".join(piece.text for piece in part))
    return read


def prose(chance: random.Random, lines: int, width: float) -> list[str]:
    """Lines that nearly fill a column of that width."""
    made = []
    for _ in range(lines):
        words = [chance.choice(PROSE)]
        while len(line(" ".join([*words, "passage"]), 0, 0)) and (
            line(" ".join([*words, "passage"]), 0, 0)[-1].right <= width
        ):
            words.append(chance.choice(PROSE))
        made.append(" ".join(words))
    return made


@settings(max_examples=40)
@given(seed=seeds, columns=st.integers(2, 3), lines=st.integers(5, 20), shift=st.floats(0, 0.5))
def test_shuffled_words_come_back_in_column_order(
    seed: int, columns: int, lines: int, shift: float
) -> None:
    # given: columns whose lines are not level with each other
    chance = random.Random(seed)  # noqa: S311 - seeded on purpose
    width = 0.84 / columns
    wanted = ["Notes on the bridges of the northern harbours and on those who keep them all year"]
    words = line(wanted[0], 0.08, 0.08)
    for column in range(columns):
        text = prose(chance, lines, width - 0.03)
        words += block(text, 0.08 + column * width, 0.14 + shift * LEADING * column)
        wanted += text
    closing = "This closing line goes over the whole width of the page so that it ends the columns"
    words += line(closing, 0.08, 0.14 + LEADING * (lines + 3))
    # when
    chance.shuffle(words)
    # then
    assert texts(words) == [*wanted, closing]


@settings(max_examples=40)
@given(seed=seeds, lines=st.integers(1, 30))
def test_shuffled_words_of_one_column_come_back_from_the_top_down(seed: int, lines: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - seeded on purpose
    text = prose(chance, lines, 0.8)
    words = block(text, 0.1, 0.1)
    chance.shuffle(words)
    assert texts(words) == text


@settings(max_examples=40)
@given(
    places=st.lists(
        st.tuples(st.sampled_from(PROSE), st.floats(0, 0.9), st.floats(0, 0.9)), max_size=60
    )
)
def test_every_word_is_read_once_wherever_it_stands(
    places: list[tuple[str, float, float]],
) -> None:
    words = [word for text, left, top in places for word in line(text, left, top)]
    read = " ".join(texts(words)).replace(" | ", " ").split()
    assert sorted(read) == sorted(word.text for word in words)


def test_columns_drawn_row_by_row_are_read_one_after_the_other() -> None:
    chance = random.Random(7)  # noqa: S311 - seeded on purpose
    left, right = prose(chance, 8, 0.37), prose(chance, 8, 0.37)
    rows = zip(
        *(
            [line(each, at, 0.1 + LEADING * n) for n, each in enumerate(text)]
            for at, text in ((0.08, left), (0.5, right))
        ),
        strict=True,
    )
    words = [word for pair in rows for part in pair for word in part]
    assert texts(words) == [*left, *right]


def test_short_lines_are_columns_where_the_content_says_so() -> None:
    sender = ["Ada Lock", "Bridge House", "Northport"]
    receiver = ["Ben Weir", "Mill Lane", "Southport"]
    words = block(sender, 0.1, 0.1) + block(receiver, 0.6, 0.1)
    assert texts(words) == [*sender, *receiver]


def test_a_page_number_below_the_columns_is_read_last() -> None:
    chance = random.Random(3)  # noqa: S311 - seeded on purpose
    left, right = prose(chance, 9, 0.37), prose(chance, 9, 0.37)
    words = block(left, 0.08, 0.1) + block(right, 0.5, 0.1) + line("17", 0.45, 0.9)
    chance.shuffle(words)
    assert texts(words) == [*left, *right, "17"]


def test_a_table_in_a_column_is_read_in_its_place() -> None:
    chance = random.Random(5)  # noqa: S311 - seeded on purpose
    before, after, beside = prose(chance, 5, 0.37), prose(chance, 5, 0.37), prose(chance, 17, 0.37)
    rows = [["Tolls", "1,240", "1,310"], ["Fines", "12", "35"], ["Total", "1,252", "1,345"]]
    words = block(before, 0.1, 0.1) + figures(rows, 0.22, (0.32, 0.42))
    words += block(after, 0.1, 0.3) + block(beside, 0.5, 0.1)
    table = ["Tolls | 1,240 | 1,310", "Fines | 12 | 35", "Total | 1,252 | 1,345"]
    assert texts(words) == [*before, *table, *after, *beside]


def test_a_row_of_contents_keeps_its_page_number() -> None:
    words = line("Item 1. Business", 0.1, 0.1) + line("4", 0.88, 0.1)
    words += line("Item 2. Properties", 0.1, 0.13) + line("19", 0.88, 0.13)
    assert texts(words) == ["Item 1. Business 4", "Item 2. Properties 19"]
