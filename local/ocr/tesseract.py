"""Tesseract as a subprocess per page: its TSV output keeps words, lines, boxes and confidence.

The binary is called directly because the Python wrappers only build the same command line.
"""

import csv
import io
import os
import subprocess
from dataclasses import replace
from itertools import groupby

from PIL import Image

from local.ocr.page_text import Line, OcrFailed, Word, clipped
from local.ocr.skew import levelled, on_skewed, skew_degrees

PAGE_TIMEOUT_S = 120
HARMLESS_SKEW_DEGREES = 0.3
"""More than this is levelled first: a noisy page askew by two degrees gave no words at all."""
WORD_LEVEL = "5"
"""TSV rows are page, block, paragraph, line and word; 5 is the word."""


class TesseractEngine:
    """English, automatic page layout (psm 3), one thread per page.

    One thread, because pages already run side by side and OpenMP threads then fight each other.
    """

    name = "tesseract"

    def __init__(self, binary: str = "tesseract") -> None:
        self._binary = binary

    def words(self, image: Image.Image) -> list[Line]:
        degrees = skew_degrees(image)
        if abs(degrees) < HARMLESS_SKEW_DEGREES:
            return self._level_words(image)
        lines = self._level_words(levelled(image, degrees))
        return [_on_skewed(line, degrees, image.size) for line in lines]

    def _level_words(self, image: Image.Image) -> list[Line]:
        rows = csv.DictReader(io.StringIO(self._tsv(image)), delimiter="\t", quoting=csv.QUOTE_NONE)
        found = [row for row in rows if row["level"] == WORD_LEVEL and row["text"].strip()]
        return [
            Line(tuple(_word(row, image.size) for row in line))
            for _, line in groupby(found, key=_line_number)
        ]

    def _tsv(self, image: Image.Image) -> str:
        command = [self._binary, "-", "-", "--psm", "3", "-l", "eng", "tsv"]
        try:
            done = subprocess.run(
                command,
                input=_png(image),
                capture_output=True,
                check=True,
                timeout=PAGE_TIMEOUT_S,
                env=os.environ | {"OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip()
            raise OcrFailed(f"tesseract ended with {error.returncode}: {reason}") from error
        except subprocess.TimeoutExpired as error:
            raise OcrFailed(f"tesseract took longer than {PAGE_TIMEOUT_S} s") from error
        return done.stdout.decode()


def _png(image: Image.Image) -> bytes:
    """Lightly packed: the bytes only cross a pipe, and packing hard costs more than it saves."""
    packed = io.BytesIO()
    image.convert("L").save(packed, "PNG", compress_level=1)
    return packed.getvalue()


def _on_skewed(line: Line, degrees: float, size: tuple[int, int]) -> Line:
    boxes = (on_skewed(word.box, degrees, size) for word in line.words)
    return Line(tuple(replace(word, box=box) for word, box in zip(line.words, boxes, strict=True)))


def _line_number(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[part] for part in ("page_num", "block_num", "par_num", "line_num"))


def _word(row: dict[str, str], size: tuple[int, int]) -> Word:
    left, top, width, height = (int(row[side]) for side in ("left", "top", "width", "height"))
    across, down = size
    box = clipped(left / across, top / down, (left + width) / across, (top + height) / down)
    return Word(row["text"].strip(), box, min(100.0, max(0.0, float(row["conf"]))))
