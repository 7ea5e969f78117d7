"""A scan with a form and a table on it, as a poor scanner makes it."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FIGURES = (
    ("Item", "2022", "2023", "2024"),
    ("Mooring fees", "881", "6,019", "84.87"),
    ("Crane hire", "626", "9,191", "73.51"),
    ("Fuel", "580", "2,912", "22.31"),
    ("Storage rent", "722", "3,349", "96.73"),
    ("Wages", "504", "3,350", "98.96"),
    ("Repairs", "558", "3,176", "53.94"),
)
NAMES = (
    ("Vessel", "Captain", "Port", "Cargo"),
    ("Albatross", "Jane Miller", "Dover", "Timber"),
    ("Blue Heron", "Tom Baker", "Hull", "Coal"),
    ("Cormorant", "Ann Weaver", "Cork", "Wool"),
    ("Dunlin", "Sam Fisher", "Bristol", "Salt"),
    ("Eider", "Meg Cooper", "Leith", "Grain"),
)
FORM = (("Invoice:", "4711"), ("Customer:", "Harbour Office"), ("Due date:", "4 May 2024"))
TITLE, CLOSING = "Harbour Report", "All amounts are in thousands and rounded."
COLUMNS_PX, ROW_PX, SIZE_PX = (80, 420, 640, 860, 1100), 60, (1200, 1100)


def scanned(
    rows: Sequence[Sequence[str]], *, ruled: bool, skew_degrees: float = 0.0, noise: int = 8
) -> bytes:
    """A JPEG of one page: title, form, table, and a sentence below."""
    paper = Image.new("L", SIZE_PX, 255)
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(26)
    draw.text((80, 50), TITLE, fill=0, font=ImageFont.load_default(56))
    for number, (key, value) in enumerate(FORM):
        draw.text((80, 150 + 50 * number), f"{key} {value}", fill=0, font=font)
    for number, row in enumerate(rows):
        _draw_row(draw, row, 340 + ROW_PX * number, ruled=ruled)
    draw.text((80, 400 + ROW_PX * len(rows)), CLOSING, fill=0, font=font)
    poor = paper.filter(ImageFilter.GaussianBlur(0.7))
    return _jpeg(poor.rotate(skew_degrees, Image.Resampling.BICUBIC, fillcolor=255), noise)


def _draw_row(draw: ImageDraw.ImageDraw, row: Sequence[str], top: int, *, ruled: bool) -> None:
    font = ImageFont.load_default(26)
    for column, text in enumerate(row):
        left, right = COLUMNS_PX[column : column + 2]
        if ruled:
            draw.rectangle((left, top, right, top + ROW_PX), outline=0, width=3)
        at = right - 15 - font.getlength(text) if column else left + 15
        draw.text((at, top + 14), text, fill=0, font=font)


def _jpeg(paper: Image.Image, noise: int) -> bytes:
    grey = np.asarray(paper, dtype=np.float32)
    specks = np.random.default_rng(7).normal(0, noise, grey.shape)
    file = io.BytesIO()
    noisy = np.clip(grey + specks, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(file, "JPEG", quality=60)
    return file.getvalue()
