"""BedrockEmbedder against the offline endpoint, which really embeds and really refuses."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_aws import BedrockEmbeddings

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


@pytest.fixture(params=["askbucket.minilm-l6-v2", "askbucket.minilm-l6-v2-cohere"])
def embedder(client: Any, request: pytest.FixtureRequest) -> BedrockEmbedder:
    """Asked one text at a time in Titan's way, and many at a time in Cohere's."""
    return BedrockEmbedder(client, EMBEDDERS[request.param], parallel=4)


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
    with pytest.raises(TooLarge, match=r"longer than askbucket\.minilm-l6-v2.* takes.*fewer words"):
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


BATCHED = EMBEDDERS["askbucket.minilm-l6-v2-cohere"]


class Noting:
    """A Bedrock client that remembers the bodies it passes on."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.bodies: list[Any] = []

    def invoke_model(self, **call: Any) -> Any:
        self.bodies.append(json.loads(call["body"]))
        return self._client.invoke_model(**call)


def test_the_tokens_of_every_reply_are_counted(client: Any) -> None:
    embedder = BedrockEmbedder(client, MINILM, 4)
    embedder.embed_all(["one", "one two", TOO_MANY_TOKENS])
    before = embedder.tokens
    embedder.embed_all(["one two three four"])
    alone = embedder.tokens - before
    embedder.embed_all(["one two three four"] * 5)
    assert before > 0
    assert alone >= 4
    assert embedder.tokens == before + 6 * alone


def test_cohere_is_asked_for_96_texts_at_a_time_and_told_what_they_are(client: Any) -> None:
    noting = Noting(client)
    embedder = BedrockEmbedder(noting, BATCHED, parallel=1)

    vectors = embedder.embed_all([f"text {n}" for n in range(100)])
    embedder.embed_question("a question")

    assert all(vectors)
    kinds = [(body["input_type"], len(body["texts"])) for body in noting.bodies]
    assert kinds == [("search_document", 96), ("search_document", 4), ("search_query", 1)]
    assert not any("truncate" in body for body in noting.bodies)  # so that nothing is cut off


@given(st.lists(st.booleans(), min_size=1, max_size=12))
@settings(max_examples=15)
def test_of_a_batch_refused_for_its_length_only_the_long_texts_are_none(long: list[bool]) -> None:
    texts = ["long" if each else f"short {n}" for n, each in enumerate(long)]
    embedder = BedrockEmbedder(Counting(), BATCHED, parallel=2)

    vectors = embedder.embed_all(texts)

    assert [vector is None for vector in vectors] == long
    firsts = [vector[0] for vector in vectors if isinstance(vector, list)]
    assert firsts == [
        pytest.approx(n / math.hypot(n, 1)) for n, each in enumerate(long) if not each
    ]


class Counting:
    """Like Cohere: refuses a call that holds "long"; else the vector of "short N" is (N, 1)."""

    def invoke_model(self, *, body: str, **_: Any) -> Any:
        texts = json.loads(body)["texts"]
        if "long" in texts:
            told = {"Code": "ValidationException", "Message": "Input is too long for this model."}
            raise ClientError({"Error": told}, "InvokeModel")
        vectors = [[float(text.split()[1]), 1.0] for text in texts]
        return {"body": io.BytesIO(json.dumps({"embeddings": vectors}).encode())}


@pytest.mark.parametrize("name", EMBEDDERS)
def test_an_embedder_is_known_by_its_name(name: str) -> None:
    spec = EMBEDDERS[name]
    assert spec.name == name
    assert name.partition("/")[0] == spec.model_id
    assert name.partition("/")[2] in ("", str(spec.dimensions))


def test_titan_with_fewer_dimensions_is_asked_for_them() -> None:
    noting = Noting(Refusing("ThrottlingException", "Too many requests"))
    spec = EMBEDDERS["amazon.titan-embed-text-v2:0/256"]

    BedrockEmbedder(noting, spec, 1).embed_all(["hello"])

    assert noting.bodies == [{"inputText": "hello", "dimensions": 256}]


class Answering:
    """A Bedrock client that notes the bodies and gives every text its vector, as its model does."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def invoke_model(self, *, body: str, modelId: str, **_: Any) -> Any:  # noqa: N803  (boto3's)
        self.bodies.append(json.loads(body))
        vectors = [[3.0, 4.0 + len(text)] for text in self.bodies[-1].get("texts", [""])]
        made: dict[str, Any] = {"embedding": vectors[0]}
        if "cohere" in modelId:
            made = {"embeddings": {"float": vectors} if "v4" in modelId else vectors}
        return {"body": io.BytesIO(json.dumps(made).encode())}


@pytest.mark.parametrize("name", EMBEDDERS)
def test_a_model_is_asked_and_understood_as_langchain_does(name: str) -> None:
    spec, ours, theirs = EMBEDDERS[name], Answering(), Answering()
    embedder = BedrockEmbedder(ours, spec, parallel=1)
    langchain = BedrockEmbeddings(
        client=theirs,
        model_id=spec.model_id,
        provider=spec.provider,
        dimensions=spec.dimensions,
        normalize=True,
    )
    texts = ["The rent\nis due.", "Cats sleep."]

    vectors, question = embedder.embed_all(texts), embedder.embed_question("When\n?")

    assert vectors == [pytest.approx(vector) for vector in langchain.embed_documents(texts)]
    assert question == pytest.approx(langchain.embed_query("When\n?"))
    assert ours.bodies == theirs.bodies


def test_a_vector_of_zeros_stays_one() -> None:
    assert BedrockEmbedder(Zeros(), TITAN, 1).embed_all(["  "]) == [[0.0, 0.0]]


class Zeros:
    """Like Titan, for a text that has no words."""

    def invoke_model(self, **_: Any) -> Any:
        return {"body": io.BytesIO(b'{"embedding": [0.0, 0.0]}')}
