"""RapidOCR (PP-OCRv6 small) from its wheel: the engine that needs no system package.

Detection and recognition models lie in the wheel. RapidOCR downloads a model only when it is given
none, so both paths are given, and a missing file is an error instead of a download.
"""

import os
import threading
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from local.ocr.grouping import Characters, with_commas
from local.ocr.page_text import Line, OcrFailed, Word, around, clipped
from local.ocr.reading_order import in_reading_order

DETECTION_MODEL = "PP-OCRv6_det_small.onnx"
RECOGNITION_MODEL = "PP-OCRv6_rec_small.onnx"

DETECTION_SIDE_PX = 1120
"""Longest side of the picture that lines are searched in; they are read at full size. Measured on
scanned filings: as good as 2,000 pixels (0.97-1.00 word recall on prose), a fifth of the time."""

Quad = list[list[int]]
"""Four corners in pixels, clockwise from top left."""


class RapidOcrEngine:
    """English, Chinese and the other Latin-script languages of PP-OCRv6; one CPU thread per page.

    Each calling thread loads its own models on first use (about 1 s), as RapidOCR keeps state
    between the steps of one page.
    """

    name = "rapidocr"

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def words(self, image: Image.Image) -> list[Line]:
        pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # the models are trained on BGR
        found = self._found(pixels)
        if not found.txts:
            return []
        lines = [
            _words(text, [_placed(character, image.size) for character in characters])
            for text, characters in zip(found.txts, found.word_results, strict=True)
            if text.strip()
        ]
        mended = iter(with_commas([word for line in lines for word in line]))
        joined = [
            Line(tuple(_joined(word) for word in islice(mended, len(line)))) for line in lines
        ]
        return in_reading_order(joined, image.size)

    def _found(self, pixels: Any) -> Any:
        reader = self._reader()
        try:
            return reader(pixels)
        except Exception as error:  # OpenCV's, ONNX Runtime's and RapidOCR's errors share no base
            raise OcrFailed(f"rapidocr: {error}") from error

    def _reader(self) -> Any:
        if not hasattr(self._of_thread, "reader"):
            self._of_thread.reader = _loaded()
        return self._of_thread.reader


def _loaded() -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime reads it at the import
    from rapidocr import RapidOCR  # here, as it loads OpenCV: only wanted once a page comes

    models = _models()
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,  # pages are turned upright as a whole, not line by line
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "Det.model_path": str(models / DETECTION_MODEL),
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECTION_SIDE_PX,
            "Rec.model_path": str(models / RECOGNITION_MODEL),
            "Rec.rec_batch_num": 1,  # a batch is padded to its longest line: twice the time
        }
    )


def _models() -> Path:
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise OcrFailed("no OCR engine: install tesseract-ocr, or the package rapidocr")
    folder = Path(spec.origin).parent / "models"
    for name in (DETECTION_MODEL, RECOGNITION_MODEL):
        if not (folder / name).is_file():
            raise OcrFailed(f"rapidocr is installed without its model {name}")
    return folder


def _placed(character: tuple[str, float, Quad], size: tuple[int, int]) -> Word:
    text, confidence, corners = character
    across, down = size
    xs = [x / across for x, _ in corners]
    ys = [y / down for _, y in corners]
    box = clipped(min(xs), min(ys), max(xs), max(ys))
    return Word(text, box, round(100 * float(confidence), 2))


def _words(text: str, characters: list[Word]) -> list[list[Word]]:
    """The characters, by the words of `text`.

    RapidOCR's own word boxes are not used: they carry the confidence of the wrong characters, and
    fall apart into single letters when one character of the line is taken for a Chinese one.
    """
    remaining = iter(characters)
    words = [list(islice(remaining, len(word))) for word in text.split()]
    return [word for word in words if word]


def _joined(characters: Characters) -> Word:
    return Word(
        "".join(character.text for character in characters),
        around(character.box for character in characters),
        round(sum(character.confidence for character in characters) / len(characters), 2),
    )
