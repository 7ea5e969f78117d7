"""What chat models cost: list prices, dated."""

from __future__ import annotations

import math

# US dollars for a million input and output tokens: on-demand list prices, 2026-08.
USD_PER_MILLION = {
    "amazon.nova-micro-v1:0": (0.035, 0.14),
    "amazon.nova-lite-v1:0": (0.06, 0.24),
    "amazon.nova-pro-v1:0": (0.80, 3.20),
    "askbucket.extractive": (0.0, 0.0),
}
# For a thousand rerank queries, each of 100 texts at most: on-demand list prices, 2026-08.
USD_PER_THOUSAND_RERANKS = {"amazon.rerank-v1:0": 1.00, "cohere.rerank-v3-5:0": 2.00}
TEXTS_OF_A_RERANK = 100
PROFILE_REGIONS = ("us.", "eu.", "apac.", "global.")


def usd_of(model_id: str, tokens_in: int, tokens_out: int) -> float:
    """List price in dollars; 0 for a model that the table does not know."""
    plain = next(
        (model_id[len(region) :] for region in PROFILE_REGIONS if model_id.startswith(region)),
        model_id,
    )
    price_in, price_out = USD_PER_MILLION.get(plain, (0.0, 0.0))
    return round((tokens_in * price_in + tokens_out * price_out) / 1_000_000, 8)


def usd_of_rerank(model_id: str, texts: int) -> float:
    """List price in dollars of judging so many texts; 0 for a model unknown to the table."""
    queries = math.ceil(texts / TEXTS_OF_A_RERANK)
    return round(queries * USD_PER_THOUSAND_RERANKS.get(model_id, 0.0) / 1000, 8)
