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


def cost_of(document: dict[str, Any]) -> str:
    """`$0.0015`, what the document's version cost so far; empty where that is nothing."""
    paid = sum(document.get("usd", {}).values())
    return f"${paid:.8f}".rstrip("0") if paid else ""


def progress_of(document: dict[str, Any]) -> str:
    """How far the attempt under way is, by the API's document; empty where nothing is told."""
    progress = document.get("progress")
    if not progress:
        return ""
    pages, chunks = progress["pages"], progress.get("chunks")
    told = [f"{progress['pages_read']:,} of {counted(pages, 'page')} read"] if pages else []
    if progress["chunks_embedded"]:
        of = f"{progress['chunks_embedded']:,} of " if chunks else ""
        told.append(f"{of}{counted(chunks or progress['chunks_embedded'], 'chunk')} embedded")
    return ", ".join(told)
