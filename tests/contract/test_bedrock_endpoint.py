"""The offline Bedrock runtime endpoint as boto3, langchain-aws and the service model meet it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from langchain_aws import BedrockEmbeddings, ChatBedrockConverse

from local.bedrock.app import ANSWERER, EMBEDDER, create_app
from local.bedrock.eventstream import frame
from local.bedrock.minilm import MAX_TOKENS, tokens
from local.threaded import served

MODEL = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
PROMPT = """<sources>
<source id="1">The monthly rent is 1,450 euros. It is due on the third working day.</source>
<source id="2">A deposit &amp; a guarantee are asked for before the keys are handed over.</source>
</sources>
<question>{}</question>"""
RENT = PROMPT.format("How much is the monthly rent?")
RENT_ANSWER = "The monthly rent is 1,450 euros. [1]"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = create_app(tmp_path_factory.mktemp("models"))
    with served(app) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", url)
        client = _client()
    yield client
    client.close()


def _client() -> Any:
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        aws_access_key_id="offline",
        aws_secret_access_key="offline",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )


def invoke(client: Any, body: Any, model: str = EMBEDDER) -> Any:
    return client.invoke_model(modelId=model, body=json.dumps(body))


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"text": text}]}]


def held_to(shape: str, value: Any) -> None:
    """Required members there, none unknown, all of the right type."""
    report = ParamValidator().validate(value, MODEL.shape_for(shape))
    assert not report.has_errors(), report.generate_report()


def test_an_embedding_has_titans_shape(client: Any) -> None:
    reply = invoke(client, {"inputText": "a cat", "dimensions": 384, "normalize": True})
    body = json.loads(reply["body"].read())
    assert body.keys() == {"embedding", "inputTextTokenCount"}
    assert sum(x * x for x in body["embedding"]) == pytest.approx(1.0, abs=1e-5)
    assert len(body["embedding"]) == 384
    assert body["inputTextTokenCount"] == 4
    headers = reply["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-bedrock-input-token-count"] == "4"
    assert reply["contentType"] == "application/json"
    assert reply["ResponseMetadata"]["RequestId"]


def test_without_normalize_only_the_length_differs(client: Any) -> None:
    unit, raw = (
        json.loads(invoke(client, {"inputText": "a cat", "normalize": n})["body"].read())[
            "embedding"
        ]
        for n in (True, False)
    )
    length = sum(x * x for x in raw) ** 0.5
    assert abs(length - 1) > 0.1
    assert [x / length for x in raw] == pytest.approx(unit, abs=1e-6)


def test_requests_at_once_do_not_disturb_each_other(client: Any) -> None:
    def embedding(text: str) -> list[float]:
        found: list[float] = json.loads(invoke(client, {"inputText": text})["body"].read())[
            "embedding"
        ]
        return found

    texts = [f"text number {n}" for n in range(6)]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(embedding, texts)) == [embedding(text) for text in texts]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"inputText": "word " * 300}, "Max input tokens: 256, request input token count: 302"),
        ({"inputText": ""}, "minLength: 1"),
        ({"inputText": " \n"}, "minLength: 1"),
        ({}, "required key [inputText] not found"),
        ({"inputText": 7}, "expected type: String"),
        ({"inputText": "a", "dimensions": 1024}, "#/dimensions: 1024"),
        ({"inputText": "a", "dimensions": "384"}, "#/dimensions: 384"),
        ({"inputText": "a", "normalize": "yes"}, "#/normalize"),
        ({"inputText": "a", "truncate": True}, "extraneous key [truncate]"),
        (["a"], "expected type: JSONObject"),
    ],
)
def test_what_titan_refuses_is_refused(client: Any, body: Any, message: str) -> None:
    with pytest.raises(client.exceptions.ValidationException) as caught:
        invoke(client, body)
    assert message in caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_body_that_is_no_json_is_invalid(client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException, match="not JSON"):
        client.invoke_model(modelId=EMBEDDER, body=b"\xff{")


def test_half_a_character_is_invalid(client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException, match="surrogates not allowed"):
        invoke(client, {"inputText": "half \ud83d"})


def test_the_longest_text_is_taken(client: Any) -> None:
    text = "word " * (MAX_TOKENS - 2)
    assert (
        json.loads(invoke(client, {"inputText": text})["body"].read())["inputTextTokenCount"] == 256
    )


@pytest.mark.parametrize("model", ["amazon.titan-embed-text-v2:0", "askbucket.minilm"])
def test_an_unknown_model_is_not_found(client: Any, model: str) -> None:
    calls = [
        lambda: invoke(client, {"inputText": "a"}, model),
        lambda: client.converse(modelId=model, messages=user(RENT)),
        lambda: client.converse_stream(modelId=model, messages=user(RENT)),
    ]
    for call in calls:
        with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
            call()
        assert f"{model};" in caught.value.response["Error"]["Message"]
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_model_may_be_named_by_its_arn(client: Any) -> None:
    arn = f"arn:aws:bedrock:us-east-1::foundation-model/{EMBEDDER}"
    assert invoke(client, {"inputText": "a"}, arn)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_each_model_has_its_own_action(client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException, match="doesn't support the model"):
        client.converse(modelId=EMBEDDER, messages=user(RENT))
    with pytest.raises(client.exceptions.ValidationException, match="doesn't support the model"):
        invoke(client, {"inputText": "a"}, ANSWERER)


def test_an_action_it_lacks_is_an_error_not_a_hang(client: Any) -> None:
    with pytest.raises(ClientError) as caught:
        client.invoke_model_with_response_stream(modelId=EMBEDDER, body=b"{}")
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"


def test_converse_quotes_and_says_what_it_is(client: Any) -> None:
    reply = client.converse(
        modelId=ANSWERER,
        system=[{"text": "Answer from the sources only."}],
        messages=[*user("hi"), {"role": "assistant", "content": [{"text": "hello"}]}, *user(RENT)],
        inferenceConfig={"maxTokens": 500, "temperature": 0.0},
    )
    assert reply["output"]["message"] == {"role": "assistant", "content": [{"text": RENT_ANSWER}]}
    assert reply["stopReason"] == "end_turn"
    assert reply["usage"]["outputTokens"] == tokens(RENT_ANSWER)
    assert reply["usage"]["inputTokens"] > tokens(RENT)
    assert "no language model" in reply["additionalModelResponseFields"]["model"]
    assert reply["additionalModelResponseFields"]["quotes"][0]["marker"] == "1"


def test_converse_refuses_what_the_sources_do_not_say(client: Any) -> None:
    text = PROMPT.format("Who won the 1998 World Cup?")
    reply = client.converse(modelId=ANSWERER, messages=user(text))
    assert reply["output"]["message"]["content"] == [{"text": "NOT_IN_DOCUMENTS"}]


def test_a_streams_events_are_in_order_and_say_the_same(client: Any) -> None:
    text = PROMPT.format("What are the monthly rent and the deposit and guarantee?")
    events = list(client.converse_stream(modelId=ANSWERER, messages=user(text))["stream"])
    whole = client.converse(modelId=ANSWERER, messages=user(text))
    names = [next(iter(event)) for event in events]
    deltas = [e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e]
    assert len(deltas) >= 2
    assert names == [
        "messageStart",
        *["contentBlockDelta"] * len(deltas),
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert "".join(deltas) == whole["output"]["message"]["content"][0]["text"]
    assert events[-1]["metadata"]["usage"] == whole["usage"]
    assert (
        "no language model" in events[-2]["messageStop"]["additionalModelResponseFields"]["model"]
    )


@pytest.mark.parametrize("operation", ["converse", "converse_stream"])
@pytest.mark.parametrize(
    ("messages", "more", "message"),
    [
        (user("hello"), {}, "no language model"),
        ([], {}, "must end with a user message"),
        ([{"role": "assistant", "content": [{"text": "x"}]}], {}, "must end with a user message"),
        ([{"role": "user", "content": [{"cachePoint": {"type": "default"}}]}], {}, "text only"),
        (
            user(RENT),
            {"toolConfig": {"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {}}}}]}},
            "tool use",
        ),
    ],
)
def test_what_it_cannot_answer_is_invalid(
    client: Any, operation: str, messages: Any, more: Any, message: str
) -> None:
    with pytest.raises(client.exceptions.ValidationException, match=message):
        getattr(client, operation)(modelId=ANSWERER, messages=messages, **more)


@pytest.mark.parametrize(
    "body", [7, {"messages": 7}, {"messages": [7]}, {"messages": user(RENT), "system": 7}]
)
def test_bodies_that_boto3_would_not_send_are_invalid(url: str, body: Any) -> None:
    reply = httpx.post(f"{url}/model/{ANSWERER}/converse", json=body)
    assert (reply.status_code, reply.headers["x-amzn-errortype"]) == (400, "ValidationException")
    held_to("ValidationException", reply.json())


@pytest.mark.parametrize("question", ["What is the rent?", "Who won the 1998 World Cup?"])
def test_bodies_are_valid_against_the_service_model(url: str, client: Any, question: str) -> None:
    body = {"messages": user(PROMPT.format(question))}
    held_to("ConverseResponse", httpx.post(f"{url}/model/{ANSWERER}/converse", json=body).json())
    held_to("ConverseRequest", {"modelId": ANSWERER, **body})
    stream = client.converse_stream(modelId=ANSWERER, **body)
    assert (
        stream["ResponseMetadata"]["HTTPHeaders"]["content-type"]
        == "application/vnd.amazon.eventstream"
    )
    for event in stream["stream"]:
        held_to("ConverseStreamOutput", event)
    unknown = httpx.post(f"{url}/model/askbucket.none/converse", json=body)
    assert unknown.headers["x-amzn-errortype"] == "ResourceNotFoundException"
    held_to("ResourceNotFoundException", unknown.json())


def test_a_frame_is_the_specifications_bytes() -> None:
    # "payload_one_str_header" of the event stream test suites in AWS's SDKs
    expected = (
        "0000003d00000020" "07fd8396"
        "0c636f6e74656e742d74797065" "070010" "6170706c69636174696f6e2f6a736f6e"
        "7b27666f6f273a27626172277d" "8d9c08b1"
    )  # fmt: skip
    assert frame({"content-type": "application/json"}, b"{'foo':'bar'}").hex() == expected


def test_langchain_embeddings_need_only_model_and_client(client: Any) -> None:
    embeddings = BedrockEmbeddings(model_id=EMBEDDER, client=client)
    documents = embeddings.embed_documents(["The rent\nis due.", "Cats sleep."])
    question = embeddings.embed_query("When is the rent due?")
    near, far = (sum(a * b for a, b in zip(d, question, strict=True)) for d in documents)
    assert len(question) == 384
    assert near > 0.5 > far


def test_langchain_embeddings_raise_over_the_limit(client: Any) -> None:
    embeddings = BedrockEmbeddings(
        model_id=EMBEDDER, client=client, provider="amazon", dimensions=384
    )
    with pytest.raises(client.exceptions.ValidationException, match="Too many input tokens"):
        embeddings.embed_query("word " * 300)


def test_langchain_chat_invokes_and_streams(client: Any) -> None:
    chat = ChatBedrockConverse(model=ANSWERER, client=client, disable_streaming=False)
    messages = [("system", "Answer from the sources only."), ("human", RENT)]
    whole = chat.invoke(messages)
    assert whole.content == RENT_ANSWER
    assert whole.usage_metadata["output_tokens"] == tokens(RENT_ANSWER)
    chunks = list(chat.stream(messages))
    assert "".join(chunk.text for chunk in chunks) == RENT_ANSWER
    assert sum(
        chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata
    ) == (tokens(RENT_ANSWER))
