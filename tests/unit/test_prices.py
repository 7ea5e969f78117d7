"""What is charged by the list, and that no default model is missing from it."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from askbucket.embedders import EMBEDDERS
from askbucket.prices import chat_usd, embedding_usd, rerank_usd
from askbucket.settings import Settings
from tests.unit.test_import_rule import PACKAGE


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("amazon.nova-lite-v1:0", 0.06 + 0.024),
        ("us.amazon.nova-lite-v1:0", 0.06 + 0.024),
        ("eu.amazon.nova-micro-v1:0", 0.035 + 0.014),
        ("apac.amazon.nova-pro-v1:0", 0.8 + 0.32),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", 1 + 0.5),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 1.1 + 0.55),
        ("askbucket.extractive", 0),
        ("some.model-nobody-knows", None),
        ("us.", None),
        ("", None),
    ],
)
def test_the_price_of_a_million_tokens_in_and_a_hundred_thousand_out(
    model: str, usd: float | None
) -> None:
    assert chat_usd(model, 1_000_000, 100_000) == (usd if usd is None else pytest.approx(usd))


def test_tokens_from_a_cache_cost_what_the_list_says_and_else_what_others_do() -> None:
    nova = chat_usd("amazon.nova-lite-v1:0", 1_000_000, 0, cache_read=400_000, cache_write=100_000)

    assert nova == pytest.approx(0.5 * 0.06 + 0.4 * 0.015 + 0.1 * 0.06)


def test_embedding_and_reranking_have_prices_too() -> None:
    assert embedding_usd("amazon.titan-embed-text-v2:0", 1_000_000) == 0.02
    assert embedding_usd("acme.embed", 1) is None
    assert rerank_usd("cohere.rerank-v3-5:0", 500) == 1.0
    assert rerank_usd("acme.rerank") is None


def test_the_defaults_and_every_embedder_have_a_price() -> None:
    assert chat_usd(Settings.model_fields["chat_model"].default, 1, 1) is not None
    assert all(embedding_usd(spec.model_id, 1) is not None for spec in EMBEDDERS.values())


def test_the_list_says_when_and_where_it_holds() -> None:
    told = tomllib.loads((PACKAGE / "prices.toml").read_text())
    assert told["region"] == "us-east-1"
    assert isinstance(told["date"], date)
