"""BedrockEmbedder against the offline endpoint, which really embeds and really refuses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from askbucket.embedders import EMBEDDERS, TOO_LONG, BedrockEmbedder
from askbucket.errors import TooLarge, TryAgain
from tests.unit.bedrock_served import bedrock_client, refused_url, served_bedrock

MINILM = EMBEDDERS["askbucket.minilm-l6-v2"]
TITAN = EMBEDDERS["amazon.titan-embed-text-v2:0"]
TOO_MANY_TOKENS = "one two three four " * 100


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with served_bedrock() as url:
        client = bedrock_client(url)
        yield client
        client.close()


@pytest.fixture
def embedder(client: Any) -> BedrockEmbedder:
    return BedrockEmbedder(client, MINILM, parallel=4)


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_are_of_unit_length_and_in_the_order_of_the_texts(
    embedder: BedrockEmbedder,
) -> None:
    texts = ["the cat sleeps", "interest rates", "a kitten is asleep", "the cat sleeps"]

    vectors = embedder.embed_all(texts)

    cat, rates, kitten, again = (vector or [] for vector in vectors)
    assert all(len(vector or []) == MINILM.dimensions for vector in vectors)
    assert math.hypot(*cat) == pytest.approx(1, abs=1e-4)
    assert cat == again
    assert cosine(cat, kitten) > cosine(cat, rates)
    assert cosine(cat, embedder.embed_question("the cat sleeps")) == pytest.approx(1, abs=1e-4)


def test_a_text_over_the_model_s_limit_is_none_and_the_others_are_kept(
    embedder: BedrockEmbedder,
) -> None:
    vectors = embedder.embed_all(["short", TOO_MANY_TOKENS, "short too"])

    assert [vector is None for vector in vectors] == [False, True, False]


def test_a_question_over_the_limit_is_the_caller_s_fault(embedder: BedrockEmbedder) -> None:
    with pytest.raises(TooLarge, match=r"longer than askbucket\.minilm-l6-v2 takes.*fewer words"):
        embedder.embed_question(TOO_MANY_TOKENS)


def test_a_text_that_may_not_fit_is_never_sent() -> None:
    embedder = BedrockEmbedder(bedrock_client(refused_url()), TITAN, parallel=2)

    assert embedder.embed_all(["é" * 4097, "x" * 50_001]) == [None, None]


@pytest.mark.parametrize(
    ("text", "fits"),
    [("x" * 8192, True), ("x" * 8193, False), ("é" * 4096, True), ("é" * 4097, False), ("", True)],
)
def test_titan_s_bound_is_in_bytes(text: str, fits: bool) -> None:
    assert TITAN.surely_fits(text) is fits


def test_nothing_to_embed_is_nothing(embedder: BedrockEmbedder) -> None:
    assert embedder.embed_all([]) == []


def test_a_model_the_account_does_not_have_is_told_with_a_hint(client: Any) -> None:
    embedder = BedrockEmbedder(client, replace(MINILM, model_id="amazon.none-v1"), parallel=1)

    with pytest.raises(TryAgain, match=r"amazon\.none-v1 refused.*enabled for this account"):
        embedder.embed_question("hello")


def test_an_endpoint_that_cannot_be_reached_is_a_passing_fault() -> None:
    embedder = BedrockEmbedder(bedrock_client(refused_url()), MINILM, parallel=1)

    with pytest.raises(TryAgain, match="cannot be reached"):
        embedder.embed_question("hello")


@pytest.mark.parametrize(
    "message",
    [
        "400 Bad Request: Too many input tokens. Max input tokens: 8192, request: 9000",
        "Malformed input request: #/inputText: expected maxLength: 50000, actual: 50001",
        "Input is too long for requested model.",
    ],
)
def test_bedrock_s_words_for_too_long_are_known(message: str) -> None:
    assert TOO_LONG.search(message)


class Refusing:
    """A Bedrock client that refuses every call with one error."""

    def __init__(self, code: str, message: str) -> None:
        self._error = ClientError({"Error": {"Code": code, "Message": message}}, "InvokeModel")

    def invoke_model(self, **_: Any) -> Any:
        raise self._error


def test_throttling_is_a_passing_fault() -> None:
    embedder = BedrockEmbedder(Refusing("ThrottlingException", "Too many requests"), TITAN, 1)
    [fault] = embedder.embed_all(["hello"])
    assert isinstance(fault, TryAgain)
    assert "busy: Too many requests" in str(fault)
