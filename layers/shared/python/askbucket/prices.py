"""What models cost, from the dated list in prices.toml. Infra reads the same file as data."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any

from askbucket.model_ids import geography_and_base

MILLION = 1_000_000


def chat_usd(
    model_id: str, tokens_in: int, tokens_out: int, *, cache_read: int = 0, cache_write: int = 0
) -> float | None:
    """List price in dollars of one call; None for a model that the list does not have.

    `tokens_in` counts all tokens of the prompt, those read from and written to a cache included.
    """
    geography, base = geography_and_base(model_id)
    price = _prices()["chat"].get(base)
    if price is None:
        return None
    plain = price["input"]
    dollars = (
        (tokens_in - cache_read - cache_write) * plain
        + cache_read * price.get("cache_read", plain)
        + cache_write * price.get("cache_write", plain)
        + tokens_out * price["output"]
    )
    factor = 1.0 if geography == "global" else price.get("regional", 1.0)
    return float(round(dollars * factor / MILLION, 8))


def embedding_usd(model_id: str, tokens: int) -> float | None:
    """List price in dollars of embedding so many tokens; None for an unknown model."""
    price = _prices()["embedding"].get(geography_and_base(model_id)[1])
    return None if price is None else round(tokens * price / MILLION, 8)


def rerank_usd(model_id: str, questions: int = 1) -> float | None:
    """List price in dollars of reranking for so many questions; None for an unknown model."""
    price = _prices()["rerank"].get(geography_and_base(model_id)[1])
    return None if price is None else round(questions * price / 1000, 8)


def ocr_usd(features: Collection[str], pages: int) -> float:
    """List price in dollars of OCR that looks for these beside text. Layout is free beside tables
    or forms, and text is part of every analysis (Textract's pricing page)."""
    price = _prices()["ocr"]
    wanted = [kind for kind in ("tables", "forms") if kind in features]
    name = "-".join(wanted) or ("layout" if "layout" in features else "text")
    return float(round(pages * price[name] / 1000, 8))


@cache
def _prices() -> dict[str, Any]:
    return tomllib.loads(files("askbucket").joinpath("prices.toml").read_text("utf-8"))
