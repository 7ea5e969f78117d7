"""Numbers of things in words, as the commands print them."""

from __future__ import annotations

from typing import Any


def counted(number: int, thing: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size_of(document: dict[str, Any]) -> str:
    """Pages, how many of them by OCR, and chunks of the API's document."""
    ocr = f", {document['ocr_pages']} by OCR" if document["ocr_pages"] else ""
    pages = f"{counted(document['pages'], 'page')}{ocr}, " if document["pages"] else ""
    return f"{pages}{counted(document['chunks'], 'chunk')}"
