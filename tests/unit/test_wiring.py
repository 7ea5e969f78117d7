"""What wiring chooses, and how it tells what it cannot make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from askbucket import wiring, wiring_chat, wiring_ingest
from askbucket.errors import TryAgain, UnknownModel
from askbucket.ingest.readers.reader import Reader
from askbucket.langfuse_tracer import LangfuseTracer
from askbucket.once import forget_all
from askbucket.tracing import Untraced

HANDBOOK = Path(__file__).parents[2] / "samples" / "handbook.pdf"
NO_SUCH_SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:none-AbCdEf"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings that are enough, and nothing made yet."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("ASKBUCKET_BUCKET", "documents")
    monkeypatch.setenv("ASKBUCKET_TABLE", "manifest")
    monkeypatch.setenv("ASKBUCKET_STORE", "qdrant+http://127.0.0.1:6333/askbucket")
    forget_all()
    with mock_aws():
        yield
    forget_all()


def secret(value: str) -> str:
    reply = boto3.client("secretsmanager").create_secret(Name="s", SecretString=value)
    return str(reply["ARN"])


@pytest.mark.parametrize(
    "url",
    ["faiss:somewhere", "https://host:6333/c", "qdrant+https://host:6333", "qdrant+host/c", "x"],
)
def test_a_store_that_cannot_be_is_told_with_the_way_to_write_it(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("ASKBUCKET_STORE", url)

    with pytest.raises(ValueError, match=r"ASKBUCKET_STORE is .*qdrant\+"):
        wiring.store()


def test_an_unknown_embedder_is_told_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKBUCKET_EMBEDDER", "amazon.none")

    with pytest.raises(ValueError, match=r"'amazon.none'; known models: amazon\.titan-embed-text"):
        wiring.embedder_spec(wiring.settings())


def test_vectors_of_different_models_never_share_a_collection() -> None:
    specs = wiring.EMBEDDERS.values()

    assert len({wiring.collection_of("c", spec) for spec in specs}) == len(specs)
    assert wiring.collection_of("c", next(iter(specs))) == (
        "c-amazon-titan-embed-text-v2-0-1024-v2"
    )


@pytest.mark.parametrize(
    "value",
    ["", "no json", "[]", "{}", '{"public_key": "", "secret_key": ""}', '{"public_key": "pk"}'],
)
def test_a_langfuse_secret_without_keys_traces_nothing(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ASKBUCKET_LANGFUSE_SECRET_ARN", secret(value) if value else "")

    assert isinstance(wiring.tracer(), Untraced)


def test_a_langfuse_secret_with_keys_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = json.dumps({"public_key": "pk-of-wiring", "secret_key": "sk"})
    monkeypatch.setenv("ASKBUCKET_LANGFUSE_SECRET_ARN", secret(keys))
    monkeypatch.setenv("ASKBUCKET_LANGFUSE_URL", "http://127.0.0.1:9")

    assert isinstance(wiring.tracer(), LangfuseTracer)


def test_a_langfuse_secret_that_cannot_be_read_is_logged_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASKBUCKET_LANGFUSE_SECRET_ARN", NO_SUCH_SECRET)

    assert isinstance(wiring.tracer(), Untraced)
    assert json.loads(capsys.readouterr().err)["event"] == "tracing_off"


def test_a_store_secret_that_cannot_be_read_is_a_passing_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASKBUCKET_STORE_SECRET_ARN", NO_SUCH_SECRET)

    with pytest.raises(TryAgain, match="secret:none-AbCdEf cannot be read"):
        wiring.store()


def test_the_store_s_key_comes_from_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKBUCKET_STORE_SECRET_ARN", secret('{"api_key": "k"}'))

    store: Any = wiring.store()

    assert store is wiring.store()
    assert store._client._client._rest_headers["api-key"] == "k"


def test_files_are_opened_in_processes_that_see_nothing_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    for name in ("TOPIC", "ROLE"):
        monkeypatch.setenv(f"ASKBUCKET_OCR_{name}_ARN", f"arn:aws:iam::111122223333:role/{name}")

    opener = wiring_ingest.sync().opener

    assert isinstance(opener, Reader)
    assert set(opener.environment) <= {"PATH", "LANG", "LD_LIBRARY_PATH"}
    source = opener(HANDBOOK, "handbook.pdf")
    assert source.page_count == 4
    source.close()


def test_a_request_may_choose_a_model_that_is_allowed_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASKBUCKET_CHAT_MODELS", "amazon.nova-pro-v1:0")

    assert wiring_chat.chat().model_id == "us.amazon.nova-lite-v1:0"
    assert wiring_chat.chat("amazon.nova-pro-v1:0").model_id == "amazon.nova-pro-v1:0"
    with pytest.raises(
        UnknownModel, match=r"'gpt' is none of those allowed: us\.amazon\.nova-lite.*nova-pro"
    ):
        wiring_chat.chat("gpt")


@pytest.mark.parametrize(
    ("server", "sent"),
    [
        ("https://models.example/v1", "the key"),
        ("http://models.example/v1", "none"),
        ("https://elsewhere.example/v1", "none"),
    ],
)
def test_a_key_goes_to_its_own_server_only_and_never_in_the_clear(
    monkeypatch: pytest.MonkeyPatch, server: str, sent: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "the owner's, for something else")
    monkeypatch.setenv("ASKBUCKET_CHAT_MODEL", f"talker@{server}")
    monkeypatch.setenv("ASKBUCKET_CHAT_SECRET_ARN", secret('{"models.example": "the key"}'))

    chat: Any = wiring_chat.chat()

    assert chat._model.openai_api_key.get_secret_value() == sent
    assert str(chat._model.openai_api_base) == server


def test_requests_to_the_store_are_signed_where_the_settings_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    assert wiring._signed() is None

    monkeypatch.setenv("ASKBUCKET_STORE_AUTH", "iam")
    forget_all()
    request = httpx.Request("GET", "https://a.execute-api.us-east-1.amazonaws.com/")
    auth = wiring._signed()
    assert auth
    assert "/us-east-1/execute-api/" in next(auth.auth_flow(request)).headers["authorization"]


@pytest.mark.parametrize(
    ("variables", "kept"),
    [
        ({}, False),
        ({"CACHE": "dynamodb"}, False),  # without a table there is nowhere to keep them
        ({"CACHE": "dynamodb", "ANSWERS_TABLE": "answers"}, True),
        ({"CACHE": "redis://127.0.0.1:1/0"}, True),
        ({"CACHE": "redis://127.0.0.1:1/0", "CACHE_SECRET_ARN": NO_SUCH_SECRET}, False),
        ({"CACHE": "redis://127.0.0.1:1/0", "GUARDRAIL_ID": "g"}, False),  # its draft may change
        (
            {"CACHE": "redis://127.0.0.1:1/0", "GUARDRAIL_ID": "g", "GUARDRAIL_VERSION": "1"},
            True,
        ),
    ],
)
def test_replies_are_kept_where_that_is_safe(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kept: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"ASKBUCKET_{name}", value)

    assert (wiring_chat.replies() is not None) is kept
