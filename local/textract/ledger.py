"""The count of pages that were given to OCR: what Textract would bill. Survives restarts."""

import json
import threading
from pathlib import Path

from local.textract.jobs import write_json


class PageLedger:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._pages = json.loads(path.read_text(encoding="utf-8"))["pages"] if path.exists() else 0

    @property
    def pages(self) -> int:
        return int(self._pages)

    def add_page(self) -> None:
        with self._lock:
            self._pages += 1
            write_json(self._path, {"pages": self._pages})
