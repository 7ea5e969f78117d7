"""Pixels of a drawn page, at places known beforehand."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageColor

from local.page_chunks import PageChunk
from local.page_picture import (
    CHUNKS,
    HEADER,
    HEADING,
    LEAST_WIDTH,
    LEGEND,
    MARGIN,
    OUTSET,
    ROW,
    TEXT,
    Sheet,
    drawn,
    typed,
)

SIZE = 1000, 500


def line(left: float, top: float, width: float, height: float, **of: Any) -> dict[str, Any]:
    box = {"left": left, "top": top, "width": width, "height": height}
    return {"text": "a line", "heading": 0, "table": 0, "header": False, "box": box, **of}


def blank(size: tuple[int, int] = SIZE) -> Image.Image:
    return Image.new("RGB", size, "white")


@pytest.mark.parametrize(
    ("role", "colour"),
    [
        ({}, TEXT),
        ({"heading": 2}, HEADING),
        ({"table": 1}, ROW),
        ({"table": 1, "header": True}, HEADER),
    ],
)
def test_a_line_is_framed_in_the_colour_of_its_role(role: dict[str, Any], colour: str) -> None:
    picture = drawn(Sheet(blank(), [line(0.2, 0.4, 0.5, 0.1, **role)]))

    left, top, right, bottom = MARGIN + 200, 200, MARGIN + 700, 250
    frame = [(left, 225), (right, 225), (MARGIN + 450, top), (MARGIN + 450, bottom)]
    assert {picture.getpixel(at) for at in frame} == {ImageColor.getrgb(colour)}
    assert picture.getpixel((MARGIN + 450, 225)) == (255, 255, 255)


def test_the_number_of_a_line_stands_left_of_it() -> None:
    picture = drawn(Sheet(blank(), [line(0.2, 0.4, 0.5, 0.1)]))

    beside = picture.crop((MARGIN + 180, 200, MARGIN + 199, 220))
    assert len(beside.getcolors() or ()) > 1


def test_a_chunk_is_outlined_around_all_its_lines() -> None:
    chunk = PageChunk(12, ((0.2, 0.4, 0.5, 0.1), (0.1, 0.6, 0.3, 0.1)))

    picture = drawn(Sheet(blank(), chunks=[chunk]))

    left, top = MARGIN + 100 - OUTSET, 200 - OUTSET
    right, bottom = MARGIN + 700 + OUTSET, 350 + OUTSET
    frame = [(left, 300), (right, 300), (MARGIN + 300, top), (MARGIN + 300, bottom)]
    assert {picture.getpixel(at) for at in frame} == {ImageColor.getrgb(CHUNKS[0])}


def test_numbers_of_chunks_side_by_side_do_not_cover_each_other() -> None:
    columns = [PageChunk(0, ((0.1, 0.4, 0.3, 0.2),)), PageChunk(1, ((0.6, 0.4, 0.3, 0.2),))]

    picture = drawn(Sheet(blank(), chunks=columns))

    margin = picture.crop((MARGIN + SIZE[0] + 8, 0, picture.width, SIZE[1]))
    for colour in CHUNKS[:2]:
        assert any(found == ImageColor.getrgb(colour) for _, found in margin.getcolors() or ())


def test_the_page_itself_keeps_its_size_between_margins_and_legend() -> None:
    picture = drawn(Sheet(Image.new("RGB", SIZE, "#123456")))

    assert picture.size == (SIZE[0] + 2 * MARGIN, SIZE[1] + LEGEND)
    assert picture.getpixel((MARGIN, 0)) == picture.getpixel((MARGIN + 999, 499)) == (18, 52, 86)


def test_a_small_picture_is_enlarged_in_proportion() -> None:
    picture = drawn(Sheet(blank((100, 300)), [line(0.5, 0.5, 0.4, 0.1)]))

    assert picture.size == (LEAST_WIDTH + 2 * MARGIN, 3 * LEAST_WIDTH + LEGEND)
    assert picture.getpixel((MARGIN + 500, 1650)) == ImageColor.getrgb(TEXT)


def test_lines_without_places_are_typed_one_below_the_other() -> None:
    lines = [{**line(0, 0, 0, 0), "box": None, "text": text} for text in ("first", "second")]

    picture, placed = typed(lines)

    tops = [each["box"]["top"] for each in placed]
    assert tops == sorted(set(tops))
    for each in placed:
        top, bottom = (each["box"]["top"], each["box"]["top"] + each["box"]["height"])
        typed_there = picture.crop(
            (0, int(top * picture.height), picture.width, int(bottom * picture.height))
        )
        assert len(typed_there.getcolors(1 << 16) or ()) > 1
