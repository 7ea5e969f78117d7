"""The choice of OCR engine: Tesseract where it is installed, otherwise RapidOCR from its wheel."""

import shutil

from local.ocr.page_text import Engine
from local.ocr.rapid import RapidOcrEngine
from local.ocr.tesseract import TesseractEngine


def best_engine() -> Engine:
    """Tesseract if its binary is on the path, else RapidOCR, which needs no system package."""
    binary = shutil.which("tesseract")
    return TesseractEngine(binary) if binary else RapidOcrEngine()
