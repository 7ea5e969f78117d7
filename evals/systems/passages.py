"""The text that the other systems index, as their own readers give it.

LangChain's PyPDFLoader, LlamaIndex's PDFReader and Haystack's PyPDFToDocument all hand on what
pypdf extracts of a page. Files of other kinds are handed to them as our readers read them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from evals.collections import Collection, Document

CACHE = Path(".cache/evals/pypdf")


@dataclass(frozen=True, slots=True)
class Passage:
    """A page of a document, or the whole of one without pages."""

    text: str
    key: str
    page: int | None


def passages(collection: Collection) -> list[Passage]:
    """In the order of the documents; those without text are left out."""
    found = [passage for document in collection.documents for passage in _passages_of(document)]
    return [passage for passage in found if passage.text.strip()]


def _passages_of(document: Document) -> list[Passage]:
    if document.path is not None and document.path.suffix == ".pdf":
        texts = _pypdf(document.path)
        return [Passage(text, document.key, number) for number, text in enumerate(texts, 1)]
    return [Passage("\n".join(page.text for page in document.pages), document.key, None)]


def _pypdf(path: Path) -> list[str]:
    """The pages' texts, kept by the hash of the file: 40 s for 800 pages."""
    kept = CACHE / f"{hashlib.sha256(path.read_bytes()).hexdigest()}.json"
    if not kept.exists():
        import pypdf

        texts = [page.extract_text() for page in pypdf.PdfReader(path).pages]
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(texts), "utf-8")
    found: list[str] = json.loads(kept.read_text("utf-8"))
    return found
