"""What files would cost to index, told before they are uploaded.

They are read here as the product would read them, cut into the chunks it would make, and counted by
the offline embedder's tokenizer: pages and chunks are exact, and so are tokens of that embedder.
What OCR will find is not known: a page that goes there counts as a full page of print.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from askbucket.embedders import EmbedderSpec
from askbucket.errors import UnreadableDocument
from askbucket.ingest.chunking import Chunker, halves_of
from askbucket.ingest.endings import Tally
from askbucket.ingest.readers.reader import Reader, cores, seen_of
from askbucket.ingest.searched import meaning_of
from askbucket.ingest.trail import title_of
from askbucket.models import Chunk, Page
from askbucket.prices import embedding_usd, ocr_usd
from local.bedrock.minilm import MAX_TOKENS, tokens
from local.planning import Plan

OCR_PAGE_TOKENS = 700  # about 2,600 letters
MOST_TOKENS = {  # of a text, where the model counts them itself (askbucket/embedders.py)
    "cohere.embed-english-v3": 512,
    "cohere.embed-multilingual-v3": 512,
    "askbucket.minilm-l6-v2": MAX_TOKENS,
    "askbucket.minilm-l6-v2-cohere": MAX_TOKENS,
}


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
    plan.ownership.require_tenant(key)
    source = Reader(plan.reader, seen_of(os.environ), cores())(path, key)
    try:
        plan.limits.check_pages(source.page_count)
        pages = source.pages(1, source.page_count)
        paged = source.paged
    finally:
        source.close()
    waiting = sum(page.source == "waiting" for page in pages)
    tally = Tally()
    texts = list(_texts(tally.counting(pages), key, plan, paged=paged))
    if not texts and not waiting:
        raise UnreadableDocument(tally.no_text)
    # The same text is embedded once.
    found = sum(map(tokens, set(texts))) + waiting * OCR_PAGE_TOKENS
    return Estimate(
        key,
        len(pages) if paged else 0,
        waiting,
        len(texts),
        found,
        ocr_usd(plan.features(key), waiting),
        embedding_usd(plan.embedder.model_id, found),
    )


def _texts(pages: Iterable[Page], key: str, plan: Plan, *, paged: bool) -> Iterator[str]:
    """What would be embedded, one text for each chunk."""
    chunker = Chunker(plan.chunk_chars, plan.chunk_overlap_chars)
    for chunk in chunker.chunks(pages, paged=paged, title=title_of(key)):
        yield from map(meaning_of, _fitting(chunk, plan.embedder))


def _fitting(chunk: Chunk, embedder: EmbedderSpec) -> Iterator[Chunk]:
    """The chunk, in two as often as it takes for the embedder, as `ingest/vectors.py` cuts it."""
    text, most = meaning_of(chunk), MOST_TOKENS.get(embedder.model_id)
    if embedder.surely_fits(text) and (most is None or tokens(text) <= most):
        yield chunk
        return
    for half in halves_of(chunk):
        yield from _fitting(half, embedder)
