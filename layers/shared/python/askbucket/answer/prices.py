"""What chat models cost: list prices, dated."""

from __future__ import annotations

# US dollars for a million input and output tokens: on-demand list prices, 2026-08.
USD_PER_MILLION = {
    "amazon.nova-micro-v1:0": (0.035, 0.14),
    "amazon.nova-lite-v1:0": (0.06, 0.24),
    "amazon.nova-pro-v1:0": (0.80, 3.20),
    "askbucket.extractive": (0.0, 0.0),
}
PROFILE_REGIONS = ("us.", "eu.", "apac.", "global.")


def usd_of(model_id: str, tokens_in: int, tokens_out: int) -> float:
    """List price in dollars; 0 for a model that the table does not know."""
    plain = next(
        (model_id[len(region) :] for region in PROFILE_REGIONS if model_id.startswith(region)),
        model_id,
    )
    price_in, price_out = USD_PER_MILLION.get(plain, (0.0, 0.0))
    return round((tokens_in * price_in + tokens_out * price_out) / 1_000_000, 8)
