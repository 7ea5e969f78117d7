"""A file read as the product reads it: its own reader, and OCR where pages wait for it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from askbucket.ingest.readers.reading import open_source
from askbucket.models import Page
from evals.reading.offline_ocr import OfflineOcr


@dataclass(frozen=True, slots=True)
class Reading:
    """The pages in order; `seconds` is without OCR, `waited` how many pages went to it."""

    paged: bool
    pages: tuple[Page, ...]
    seconds: float
    waited: int


def read(path: Path, ocr: OfflineOcr | None = None) -> Reading:
    """Every page, those that wait for OCR recognised if there is one.

    Raises UnreadableDocument as the product does.
    """
    began = time.perf_counter()
    source = open_source(path, path.name)
    try:
        pages = source.pages(1, source.page_count)
        seconds = time.perf_counter() - began
        waiting = [page.number for page in pages if page.source == "waiting"]
        if waiting and ocr:
            recognised = {page.number: page for page in ocr.pages(source, hash_of(path), waiting)}
            pages = [recognised.get(page.number, page) for page in pages]
        return Reading(source.paged, tuple(pages), seconds, len(waiting))
    finally:
        source.close()


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
