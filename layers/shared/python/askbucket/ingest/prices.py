"""What reading and embedding a document costs, in whole nanodollars.

Sums of them are exact, and a database adds them without rounding.
"""

from __future__ import annotations

from askbucket.ingest.features import Features
from askbucket.prices import embedding_usd, ocr_usd

NANO = 1_000_000_000  # nanodollars in a US dollar


def nano_usd_of_ocr(features: Features, pages: int) -> int:
    """Of pages that OCR has read."""
    return round(ocr_usd(features, 1) * NANO) * pages


def nano_usd_of_embedding(model_id: str, tokens: int) -> int:
    """Of tokens as the model counted them; 0 for a model that the price list does not have."""
    return round((embedding_usd(model_id, tokens) or 0.0) * NANO)


def usd(nano: int) -> float:
    """For people to read."""
    return nano / NANO
