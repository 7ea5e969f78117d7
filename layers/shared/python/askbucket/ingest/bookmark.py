"""How far the result of an OCR job has been read, so that it need not be read from its start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Bookmark:
    """Reading goes on after `page`, as the job counts, in the reply to `token`; None: the first.

    Whoever reads moves it with every page that is handed out.
    """

    page: int = 0
    token: str | None = None
