"""A page as displayed, with what was read on it drawn over it: `askbucket show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from local.page_chunks import PageChunk, Sides, sides_of

Line = Mapping[str, Any]  # the API's
Place = tuple[float, float, float, float]  # left, top, right, bottom in pixels

TEXT, HEADING, ROW, HEADER = "#1f6feb", "#d1242f", "#1a7f37", "#9a6700"
CHUNKS = ("#8250df", "#bf3989", "#0a7ea4", "#953800")
PAPER, INK = "white", "black"
LEAST_WIDTH = 1000  # pixels: smaller pictures are enlarged, so that the numbers can be read
MARGIN, LEGEND = 70, 44  # pixels beside and below the page
FONT_SIZE, FONT_SHARE = 15, 1 / 85  # pixels at least, and of the page's width
OUTSET, OUTSETS = 4, 3  # pixels from one outline to the next, so that neighbours stay apart
BLANK = (1000, 1414)  # pixels of a page drawn from its text alone
BLANK_LINES = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be drawn: the picture of the page, its lines, and its chunks."""

    picture: Image.Image
    lines: Sequence[Line] = ()
    chunks: Sequence[PageChunk] = ()


def drawn(sheet: Sheet) -> Image.Image:
    """The page with a margin for numbers on both sides and a legend below.

    Every line has its box and its place in the reading order, from 1; every chunk an outline
    around its lines and its number, from 0 as in the index.
    """
    sheet = replace(sheet, picture=_enlarged(sheet.picture))
    width, height = sheet.picture.size
    canvas = Image.new("RGB", (width + 2 * MARGIN, height + LEGEND), PAPER)
    canvas.paste(sheet.picture, (MARGIN, 0))
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(max(FONT_SIZE, width * FONT_SHARE))
    for number, line in enumerate(sheet.lines, 1):
        if line["box"]:
            _draw_line(draw, font, number, line, sheet.picture.size)
    taken: list[float] = []
    for at, chunk in enumerate(sheet.chunks):
        _draw_chunk(draw, font, at, chunk, sheet.picture.size, taken)
    _draw_legend(draw, font, sheet, height)
    return canvas


def typed(lines: Sequence[Line]) -> tuple[Image.Image, list[dict[str, Any]]]:
    """A blank page with the lines typed on it, for a format that has pages but no places, and the
    lines with the boxes they got there. Long lines are cut at the edge."""
    picture = Image.new("RGB", BLANK, PAPER)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(FONT_SIZE)
    row = 1 / max(BLANK_LINES, len(lines) + 2)
    placed = []
    for at, line in enumerate(lines, 1):
        draw.text((10, at * row * BLANK[1]), line["text"], fill=INK, font=font)
        wide = min(0.98, draw.textlength(line["text"], font) / BLANK[0])
        box = {"left": 0.01, "top": at * row, "width": wide, "height": row * 0.9}
        placed.append({**line, "box": box})
    return picture, placed


def colour_of(line: Line) -> str:
    """By what the line is."""
    if line["table"]:
        return HEADER if line["header"] else ROW
    return HEADING if line["heading"] else TEXT


def _enlarged(picture: Image.Image) -> Image.Image:
    if picture.width >= LEAST_WIDTH:
        return picture.convert("RGB")
    height = round(picture.height * LEAST_WIDTH / picture.width)
    return picture.convert("RGB").resize((LEAST_WIDTH, height))


def _place(sides: Sides, size: tuple[int, int]) -> Place:
    left, top, width, height = sides
    across, down = size
    return (
        MARGIN + left * across,
        top * down,
        MARGIN + (left + width) * across,
        (top + height) * down,
    )


def _draw_line(
    draw: ImageDraw.ImageDraw,
    font: Any,
    number: int,
    line: Line,
    size: tuple[int, int],
) -> None:
    place, colour = _place(sides_of(line["box"]), size), colour_of(line)
    draw.rectangle(place, outline=colour)
    draw.text((place[0] - 3, place[1]), str(number), fill=colour, font=font, anchor="ra")


def _draw_chunk(
    draw: ImageDraw.ImageDraw,
    font: Any,
    at: int,
    chunk: PageChunk,
    size: tuple[int, int],
    taken: list[float],
) -> None:
    """The outline, and its number in the right margin below those already there."""
    if not chunk.boxes:
        return
    colour, out = CHUNKS[at % len(CHUNKS)], OUTSET * (1 + at % OUTSETS)
    left, top, right, bottom = _around([_place(box, size) for box in chunk.boxes])
    outline = (left - out, max(0, top - out), right + out, min(bottom + out, size[1] - 1))
    draw.rectangle(outline, outline=colour, width=2)
    margin, down = MARGIN + size[0] + 6, outline[1]
    while any(abs(down - other) < font.size for other in taken):
        down += font.size
    taken.append(down)
    draw.line((outline[2], outline[1], margin, down + font.size / 2), fill=colour)
    name = "?" if chunk.number is None else str(chunk.number)
    draw.text((margin + 2, down), f"c{name}", fill=colour, font=font)


def _around(places: Sequence[Place]) -> Place:
    lefts, tops, rights, bottoms = zip(*places, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _draw_legend(draw: ImageDraw.ImageDraw, font: Any, sheet: Sheet, down: int) -> None:
    across = float(MARGIN)
    for colour, meaning in _meanings(sheet):
        draw.rectangle((across, down + 14, across + 16, down + 28), outline=colour, width=2)
        draw.text((across + 22, down + 13), meaning, fill=INK, font=font)
        across += 22 + draw.textlength(meaning, font) + 24


def _meanings(sheet: Sheet) -> Iterator[tuple[str, str]]:
    if sheet.lines:
        yield TEXT, "line, in reading order"
        yield HEADING, "heading"
        yield ROW, "table row"
        yield HEADER, "column names"
    if sheet.chunks:
        yield CHUNKS[0], "chunk, by its number in the document"
