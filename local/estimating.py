"""What files would cost to index, told before they are uploaded.

They are read here as the product would read them, so pages and their ways are exact. Tokens are
estimated by letters, on the large side, and what OCR will find is not known: a page that goes there
counts as a full page of print.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from askbucket.answer.prompt import tokens_of
from askbucket.errors import UnreadableDocument
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.features import FeatureRules
from askbucket.ingest.limits import Limits
from askbucket.ingest.readers.reader import Reader, cores, seen_of
from askbucket.ingest.readers.reader_process import ReaderLimits
from askbucket.ingest.searched import meaning_of
from askbucket.ingest.trail import title_of
from askbucket.prices import embedding_usd, ocr_usd
from askbucket.settings import Settings

OCR_PAGE_TOKENS = 700  # about 2,600 letters


@dataclass(frozen=True, slots=True)
class Plan:
    """By what files would be indexed. `dollars` of an embedder without a price are not known."""

    embedder: str
    features: FeatureRules
    chunk_chars: int
    chunk_overlap_chars: int
    limits: Limits
    reader: ReaderLimits

    @classmethod
    def of_defaults(cls, embedder: str | None, ocr_features: str) -> Plan:
        """The settings' defaults, but for what is given. Raises ValueError for unknown features."""
        of = {name: field.default for name, field in Settings.model_fields.items()}
        return cls(
            embedder or of["embedder"],
            FeatureRules.of(ocr_features),
            of["chunk_chars"],
            of["chunk_overlap_chars"],
            Limits(of["max_file_bytes"], of["max_pages"]),
            ReaderLimits(
                of["reader_memory_mib"], of["reader_open_seconds"], of["reader_page_seconds"]
            ),
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of one file; `refused` is the reason for which it would not be indexed."""

    key: str
    pages: int = 0
    ocr_pages: int = 0
    chunks: int = 0
    tokens: int = 0
    ocr_usd: float = 0.0
    embedding_usd: float | None = 0.0
    refused: str = ""


def estimate(path: Path, key: str, plan: Plan) -> Estimate:
    """What the file would cost under this key. Nothing leaves this machine."""
    try:
        plan.limits.check_size(path.stat().st_size)
        return _read(path, key, plan)
    except UnreadableDocument as error:
        return Estimate(key, refused=str(error))


def together(estimates: Iterable[Estimate]) -> Estimate:
    """The sum; dollars are unknown where those of one are."""
    all_of = list(estimates)
    embedding = [each.embedding_usd for each in all_of]
    known = [dollars for dollars in embedding if dollars is not None]
    return Estimate(
        "together",
        sum(each.pages for each in all_of),
        sum(each.ocr_pages for each in all_of),
        sum(each.chunks for each in all_of),
        sum(each.tokens for each in all_of),
        round(sum(each.ocr_usd for each in all_of), 8),
        round(sum(known), 8) if len(known) == len(embedding) else None,
    )


def _read(path: Path, key: str, plan: Plan) -> Estimate:
    source = Reader(plan.reader, seen_of(os.environ), cores())(path, key)
    try:
        plan.limits.check_pages(source.page_count)
        pages = source.pages(1, source.page_count)
    finally:
        source.close()
    chunker = Chunker(plan.chunk_chars, plan.chunk_overlap_chars)
    chunks = list(chunker.chunks(pages, paged=source.paged, title=title_of(key)))
    waiting = sum(page.source == "waiting" for page in pages)
    tokens = sum(tokens_of(meaning_of(chunk)) for chunk in chunks) + waiting * OCR_PAGE_TOKENS
    return Estimate(
        key,
        len(pages) if source.paged else 0,
        waiting,
        len(chunks),
        tokens,
        ocr_usd(plan.features(key), waiting),
        embedding_usd(plan.embedder, tokens),
    )
