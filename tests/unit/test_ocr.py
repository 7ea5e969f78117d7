"""Both OCR engines on a small picture with known words, and the order and direction of lines."""

import math
import shutil

import pytest
from PIL import Image, ImageDraw, ImageFont

from local.ocr.engines import engine_named
from local.ocr.orientation import read_upright
from local.ocr.page_text import Box, Engine, Line, Word
from local.ocr.rapid import RapidOcrEngine
from local.ocr.reading_order import in_reading_order
from local.ocr.skew import skew_degrees
from local.ocr.tesseract import TesseractEngine

ROWS = (
    "Harbour Bridge Cooperative",
    "founded in 1987 by 23 workers",
    "office hours 09:00 to 16:30",
)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    paper = Image.new("RGB", (900, 330), "white")
    draw = ImageDraw.Draw(paper)
    for number, row in enumerate(ROWS):
        draw.text((60, 40 + 90 * number), row, fill="black", font=ImageFont.load_default(44))
    return paper


@pytest.fixture(scope="module", params=["rapidocr", "tesseract"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "rapidocr":
        return RapidOcrEngine()
    binary = shutil.which("tesseract")
    if binary is None:
        pytest.skip("the tesseract binary is not installed")
    return TesseractEngine(binary)


def test_reads_every_word_in_order(engine: Engine, picture: Image.Image) -> None:
    assert tuple(line.text for line in engine.words(picture)) == ROWS


def test_boxes_hold_their_words_ink(engine: Engine, picture: Image.Image) -> None:
    font = ImageFont.load_default(44)
    line = engine.words(picture)[1]
    start = 60.0
    for word in line.words:
        length = font.getlength(word.text)
        middle = (start + length / 2) / picture.width
        assert word.box.left < middle < word.box.right
        assert word.box.width == pytest.approx(length / picture.width, rel=0.5)
        assert 0.35 < word.box.middle[1] < 0.55
        assert 50 < word.confidence <= 100
        start += length + font.getlength(" ")


def test_a_blank_page_has_no_lines(engine: Engine) -> None:
    assert engine.words(Image.new("RGB", (400, 300), "white")) == []


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_is_read_and_keeps_its_boxes(picture: Image.Image, degrees: int) -> None:
    turned = picture.rotate(degrees, expand=True)
    lines = read_upright(RapidOcrEngine(), turned)
    assert tuple(line.text for line in lines) == ROWS
    box = lines[0].box
    edges = (box.left * turned.width, box.top * turned.height)
    ends = (box.right * turned.width, box.bottom * turned.height)
    inside = turned.crop((*map(int, edges), *map(int, ends))).convert("L")
    upright = inside.rotate(-degrees, expand=True)
    assert upright.width > 5 * upright.height
    assert min(upright.tobytes()) < 50


def test_engines_are_chosen_by_name() -> None:
    assert engine_named("rapidocr").name == "rapidocr"
    with pytest.raises(ValueError, match="choose one of: rapidocr, tesseract"):
        engine_named("abbyy")


def test_a_tesseract_that_is_not_installed_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="tesseract is not installed"):
        engine_named("tesseract")


def _line(text: str, left: float, top: float, right: float) -> Line:
    words = text.split()
    step = (right - left) / len(words)
    return Line(
        tuple(
            Word(word, Box(left + i * step, top, left + (i + 0.9) * step, top + 0.02), 99.0)
            for i, word in enumerate(words)
        )
    )


def test_a_table_reads_row_by_row() -> None:
    rows = [
        (_line(f"name {n}", 0.1, 0.1 * n, 0.3), _line(f"{n}00", 0.7, 0.1 * n, 0.8))
        for n in (1, 2, 3)
    ]
    shuffled = [rows[2][1], rows[0][1], rows[1][0], rows[0][0], rows[2][0], rows[1][1]]
    ordered = in_reading_order(shuffled, (1000, 1000))
    assert ordered == [cell for row in rows for cell in row]


def test_two_columns_read_one_after_the_other_below_their_heading() -> None:
    heading = _line("one heading over both of the columns", 0.1, 0.05, 0.9)
    left = [_line(f"left text number {n}", 0.1, 0.1 + 0.05 * n, 0.46) for n in range(6)]
    right = [_line(f"right text number {n}", 0.54, 0.1 + 0.05 * n, 0.9) for n in range(6)]
    mixed = [line for pair in zip(right, left, strict=True) for line in pair]
    assert in_reading_order([*mixed, heading], (1000, 1400)) == [heading, *left, *right]


def test_rows_are_found_on_a_skewed_page() -> None:
    """Skewed by about two degrees: the end of a row lies lower than the start of the next one."""
    slope = 0.035
    rows = [
        [
            _skewed(f"some longer words {n}", 0.05, 0.1 + 0.03 * n, slope),
            _skewed("7", 0.9, 0.1 + 0.03 * n, slope),
        ]
        for n in range(5)
    ]
    shuffled = [row[1] for row in rows] + [row[0] for row in rows]
    assert in_reading_order(shuffled, (1000, 1000)) == [cell for row in rows for cell in row]


def _skewed(text: str, left: float, top: float, slope: float) -> Line:
    words = [
        Word(word, Box(x, top + slope * x, x + 0.08, top + slope * x + 0.02), 99.0)
        for x, word in ((left + 0.1 * i, word) for i, word in enumerate(text.split()))
    ]
    return Line(tuple(words))


def test_a_skewed_page_is_read_and_its_boxes_follow_the_skew(
    engine: Engine, picture: Image.Image
) -> None:
    skewed = picture.rotate(-2.0, Image.Resampling.BICUBIC, fillcolor="white")
    lines = engine.words(skewed)
    assert tuple(line.text for line in lines) == ROWS
    first, last = lines[0].words[0].box.middle, lines[0].words[-1].box.middle
    fall = (last[1] - first[1]) * picture.height / ((last[0] - first[0]) * picture.width)
    assert fall == pytest.approx(math.tan(math.radians(2.0)), abs=0.02)


@pytest.mark.parametrize("degrees", [-1.7, 0.0, 2.5])
def test_skew_is_measured(picture: Image.Image, degrees: float) -> None:
    skewed = picture.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor="white")
    assert skew_degrees(skewed) == pytest.approx(degrees, abs=0.15)


def test_a_lone_small_digit_does_not_set_the_height_of_its_row() -> None:
    label = _line("number of guests", 0.1, 0.500, 0.5)
    digit = Line((Word("0", Box(0.6, 0.498, 0.61, 0.508), 99.0),))

    assert in_reading_order([digit, label], (1000, 1400)) == [label, digit]


def test_a_dash_does_not_tell_the_slope_of_a_page() -> None:
    dash = Word("-", Box(0.45, 0.118, 0.46, 0.12), 99.0)
    dashed = Line((*_line("Tel 03", 0.1, 0.1, 0.4).words, dash))
    label, amount = _line("TOTAL", 0.05, 0.2, 0.2), _line("58.30", 0.8, 0.2, 0.9)

    assert in_reading_order([amount, dashed, label], (1000, 1400)) == [dashed, label, amount]
