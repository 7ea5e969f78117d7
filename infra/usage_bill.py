"""What a team pays for use: pages and questions by the thousand, from the price lists.

How long texts are, and how long functions work, is assumed, and told beside the dollars: a stack's
own documents tell theirs (`askbucket estimate`, `status`, `usage.usd` of every answer).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra import price_list as price

DOCUMENT_PAGES = 10
DOCUMENT_REQUESTS: Mapping[str, int] = {  # of one such document; a test counts them
    "S3 writes": 8,
    "S3 reads": 8,
    "table writes": 12,
    "table reads": 4,
    "SQS requests": 4,
    "events": 1,
}
QUESTION_REQUESTS: Mapping[str, int] = {
    "API requests": 1,
    "table writes": 4,  # of the caller's count, the kept reply and the session, up to 2 KB
    "table reads": 20,  # of the manifest, of hits, and what a session holds
}
PER_REQUEST: Mapping[str, price.Price] = {
    "S3 writes": price.S3_WRITE,
    "S3 reads": price.S3_READ,
    "table writes": price.TABLE_WRITE,
    "table reads": price.TABLE_READ,
    "SQS requests": price.SQS_REQUEST,
    "events": price.EVENT,
    "API requests": price.API_REQUEST,
}
PAGE_GB_SECONDS, QUESTION_GB_SECONDS, LOG_BYTES = 0.3, 3.0, 3_000
EMBEDDER = "amazon.titan-embed-text-v2:0"
CHATS = (
    ("amazon.nova-lite-v1:0", "Nova Lite"),
    ("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5"),
    ("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6"),
)


@dataclass(frozen=True)
class Typical:
    """Tokens of a page, of a question's prompt with its sources, and of an answer."""

    page: int = 700
    prompt: int = 3000
    answer: int = 300


def usage_rows(prices: Path, typical: Typical) -> Iterator[tuple[str, float]]:
    """What a thousand of each costs, by the price list in this file."""
    listed = tomllib.loads(prices.read_text())
    pages = 1000 * _page(listed, typical)
    yield "1,000 pages of PDFs with a text layer, or of text", pages
    yield "1,000 scanned pages", pages + listed["ocr"]["text"]
    yield "1,000 scanned pages with their tables", pages + listed["ocr"]["tables"]
    for model, name in CHATS:
        usd = 1000 * _question(listed, listed["chat"][model], typical)
        yield f"1,000 questions, answered by {name}", usd


def told(prices: Path, typical: Typical) -> str:
    """What was assumed, and of when prices are."""
    day = tomllib.loads(prices.read_text())["date"]
    read = max(each.read for each in vars(price).values() if isinstance(each, price.Price))
    return (
        f"List prices of us-east-1: models and OCR of {day}, everything else of {read}. Assumed: "
        f"{typical.page:,} tokens a page, {DOCUMENT_PAGES} pages a document, Titan embeddings, "
        f"{typical.prompt:,} tokens of prompt and {typical.answer:,} of answer, "
        f"{PAGE_GB_SECONDS} GB-seconds of Lambda a page and {QUESTION_GB_SECONDS:g} a question."
    )


def _page(listed: Mapping[str, Any], typical: Typical) -> float:
    tokens = typical.page * listed["embedding"][EMBEDDER] / 1e6
    work = PAGE_GB_SECONDS * price.LAMBDA_ARM.dollars
    return float(tokens + work + _requests(DOCUMENT_REQUESTS) / DOCUMENT_PAGES)


def _question(listed: Mapping[str, Any], chat: Mapping[str, float], typical: Typical) -> float:
    tokens = (typical.prompt * chat["input"] + typical.answer * chat["output"]) / 1e6
    tokens *= chat.get("regional", 1.0)  # as the default `us.` profiles are charged
    work = QUESTION_GB_SECONDS * price.LAMBDA_ARM.dollars + price.LAMBDA_REQUEST.dollars
    asked = typical.answer * listed["embedding"][EMBEDDER] / 1e6  # a question is no longer
    return float(
        tokens + asked + work + LOG_BYTES * price.LOG_BYTE.dollars + _requests(QUESTION_REQUESTS)
    )


def _requests(asked: Mapping[str, int]) -> float:
    return sum(number * PER_REQUEST[kind].dollars for kind, number in asked.items())
