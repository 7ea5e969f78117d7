"""Plain Tesseract on a page as displayed: the baseline for OCR, where it is installed."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
from pathlib import Path

from evals.reading.offline_ocr import CACHE
from local.textract.document import Document

ABSENT = "tesseract is not installed: no baseline for OCR"


def installed() -> bool:
    return shutil.which("tesseract") is not None


def kept_text(path: Path, page: int, *, layout: int = 3) -> str:
    """`text`, read once for each content: it takes seconds and does not change with our code."""
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    kept = CACHE / "tesseract" / f"{content}-{page}-{layout}.txt"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(text(path, page, layout=layout), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def text(path: Path, page: int, *, layout: int = 3) -> str:
    """English text of the page (from 1), drawn as for our OCR; `layout` is Tesseract's psm."""
    picture = io.BytesIO()
    Document(path).picture(page).convert("L").save(picture, "PNG", compress_level=1)
    done = subprocess.run(
        ["tesseract", "-", "-", "--psm", str(layout), "-l", "eng"],
        input=picture.getvalue(),
        capture_output=True,
        check=True,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout.decode()
