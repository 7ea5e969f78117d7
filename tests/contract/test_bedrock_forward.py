"""The offline Bedrock endpoint before an OpenAI-compatible server, as our code meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from askbucket.answer.bedrock_chat import BedrockChat
from askbucket.answer.chat import Reply, Stop
from askbucket.answer.guardrail import Guardrail
from askbucket.answer.prompt import SYSTEM, user_message
from askbucket.errors import TryAgain
from askbucket.model_ids import chat_model
from local.bedrock.forward import OLLAMA, Served, served
from tests.unit.answer.parts import hit
from tests.unit.answer.wire import Server, Wired, completion, completion_stream, serving
from tests.unit.bedrock_served import bedrock_client, refused_url, served_bedrock

NAME = "llama3.1:8b"
LEASE = hit("The monthly rent is 1,577 euros.")
PROMPT = user_message("How much is the rent?", [LEASE])


@contextmanager
def chat_through(
    *replies: Wired, guardrail: Guardrail | None = None
) -> Iterator[tuple[BedrockChat, Server]]:
    with serving(*replies) as server, served_bedrock(f"{NAME}@{server.url}/v1") as url:
        client = bedrock_client(url)
        yield BedrockChat(client, chat_model(f"local.{NAME}"), 200, guardrail), server
        client.close()


def failing(status: int, message: str) -> Wired:
    return Wired(json.dumps({"error": {"message": message}}).encode(), status)


def test_a_server_s_model_answers_as_a_bedrock_model() -> None:
    with chat_through(completion("It is 1,577 euros.")) as (chat, server):
        reply = chat.reply(SYSTEM, PROMPT)

    assert (reply.text, reply.stop) == ("It is 1,577 euros.", Stop.END)
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (30, 7)
    [(path, _, body)] = server.requests
    assert path == "/v1/chat/completions"
    assert body["messages"] == [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": PROMPT},
    ]
    assert (body["model"], body["max_tokens"], body["temperature"]) == (NAME, 200, 0)


def test_a_stream_comes_through_in_pieces() -> None:
    with chat_through(completion_stream(["It is ", "1,577."], "length")) as (chat, server):
        *pieces, reply = chat.stream(SYSTEM, PROMPT)

    assert pieces == ["It is ", "1,577."]
    assert isinstance(reply, Reply)
    assert (reply.text, reply.stop, reply.usage.output_tokens) == ("It is 1,577.", Stop.LENGTH, 7)
    assert server.bodies[0]["stream"] is True


@pytest.mark.parametrize(
    ("status", "told"),
    [(404, "refused: .*no such model"), (429, "is throttled"), (400, "refused"), (500, "does not")],
)
def test_a_server_s_refusal_is_bedrock_s(status: int, told: str) -> None:
    with chat_through(failing(status, "no such model")) as (chat, _):
        with pytest.raises(TryAgain, match=told):
            chat.reply(SYSTEM, PROMPT)
        with pytest.raises(TryAgain, match=told):
            list(chat.stream(SYSTEM, PROMPT))


def test_a_server_that_is_not_there_is_named() -> None:
    with served_bedrock(f"{NAME}@{refused_url()}/v1") as url:
        chat = BedrockChat(bedrock_client(url), chat_model(f"local.{NAME}"), 200)
        with pytest.raises(TryAgain, match="no model server answers at http://127"):
            chat.reply(SYSTEM, PROMPT)


def test_a_stream_that_breaks_off_is_a_passing_fault() -> None:
    half = completion_stream(["It is "])
    broken = Wired(half.body[: half.body.index(b'finish_reason": "stop')], headers=half.headers)
    with chat_through(broken) as (chat, _):
        pieces = chat.stream(SYSTEM, PROMPT)
        assert next(pieces) == "It is "
        with pytest.raises(TryAgain, match="the server broke off"):
            list(pieces)


def test_the_offline_guardrail_blocks_its_own_word_in_question_and_sources() -> None:
    with chat_through(completion("Fine."), guardrail=Guardrail("kumquat", "1")) as (chat, server):
        asked = user_message("What of Kumquats, a kumquat?", [LEASE])
        found = user_message("What of fruit?", [hit("A kumquat is a fruit.")])
        for prompt in (asked, found):
            assert chat.reply(SYSTEM, prompt).stop is Stop.GUARDRAIL
            *_, reply = chat.stream(SYSTEM, prompt)
            assert isinstance(reply, Reply)
            assert reply.stop is Stop.GUARDRAIL
        assert not server.requests

        assert chat.reply(SYSTEM, PROMPT).stop is Stop.END


def test_the_extractive_answerer_is_still_there() -> None:
    with served_bedrock(f"{NAME}@http://127.0.0.1:9/v1") as url:
        chat = BedrockChat(bedrock_client(url), chat_model("askbucket.extractive"), 200)
        assert "1,577" in chat.reply(SYSTEM, PROMPT).text


def test_an_unknown_model_is_told_all_there_are() -> None:
    with served_bedrock(f"{NAME}@http://127.0.0.1:9/v1") as url:
        client: Any = bedrock_client(url)
        message = [{"role": "user", "content": [{"text": "Hello"}]}]
        with pytest.raises(ClientError, match=r"askbucket\.extractive, local\.llama3\.1:8b"):
            client.converse(modelId="local.other", messages=message)


@pytest.mark.parametrize(
    ("text", "model", "model_id"),
    [
        ("llama3.1:8b", Served("llama3.1:8b", OLLAMA), "local.llama3.1:8b"),
        ("m@http://h:1/v1/", Served("m", "http://h:1/v1"), "local.m"),
        ("org/Name_1@https://h/v1", Served("org/Name_1", "https://h/v1"), "local.org-Name-1"),
    ],
)
def test_a_name_alone_is_a_local_ollama_s(text: str, model: Served, model_id: str) -> None:
    assert served(text) == model
    assert model.model_id == model_id
    assert chat_model(model_id).target == model_id


@pytest.mark.parametrize("text", ["@http://h", "m@h/v1", "m@"])
def test_a_server_without_name_or_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither NAME, of a local Ollama, nor NAME@URL"):
        served(text)
