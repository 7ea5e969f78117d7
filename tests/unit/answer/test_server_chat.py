"""ServerChat against a small server that speaks OpenAI's protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from askbucket.answer.chat import Reply, Stop
from askbucket.answer.server_chat import ServerChat
from askbucket.errors import TooLarge, TryAgain
from askbucket.model_ids import ChatModel, chat_model
from tests.unit.answer.wire import Server, Wired, completion, completion_stream, serving
from tests.unit.bedrock_served import refused_url

NO_RETRY = (("content-type", "application/json"), ("x-should-retry", "false"))


@contextmanager
def chat_with(*replies: Wired, key: str | None = None) -> Iterator[tuple[ServerChat, Server]]:
    with serving(*replies) as server:
        yield ServerChat(chat_model(f"llama3.1@{server.url}/v1"), 200, key), server


def failing(status: int, message: str, code: str = "") -> Wired:
    error = {"error": {"message": message, "code": code}}
    return Wired(json.dumps(error).encode(), status, NO_RETRY)


def test_a_reply_holds_text_usage_and_an_unknown_price() -> None:
    with chat_with(completion("Hello."), key="the key") as (chat, server):
        reply = chat.reply("Rules.", "A question?")

    assert (reply.text, reply.stop) == ("Hello.", Stop.END)
    usage = reply.usage
    assert (usage.input_tokens, usage.output_tokens, usage.usd) == (30, 7, None)
    [(path, headers, body)] = server.requests
    assert (path, headers["authorization"]) == ("/v1/chat/completions", "Bearer the key")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("llama3.1", 200, 0)


def test_a_stream_gives_pieces_and_then_the_reply() -> None:
    with chat_with(completion_stream(["Hel", "lo."], "length")) as (chat, server):
        *pieces, reply = chat.stream("Rules.", "A question?", max_tokens=50)

    assert pieces == ["Hel", "lo."]
    assert isinstance(reply, Reply)
    assert (reply.text, reply.stop, reply.usage.output_tokens) == ("Hello.", Stop.LENGTH, 7)
    assert server.bodies[0]["max_tokens"] == 50


@pytest.mark.parametrize(
    ("finish", "stop"),
    [("stop", Stop.END), ("length", Stop.LENGTH), ("content_filter", Stop.REFUSAL)],
)
def test_why_a_model_stopped_is_told(finish: str, stop: Stop) -> None:
    with chat_with(completion("Hello.", finish)) as (chat, _):
        assert chat.reply("Rules.", "A question?").stop is stop


def test_openai_s_own_models_take_their_limit_by_another_name() -> None:
    name, server = "gpt-6-luna", "https://api.openai.com/v1"
    theirs = ServerChat(ChatModel(name, name, name, server), 200, "key")

    payload = theirs._model._get_request_payload([("human", "Hello")])

    assert payload["max_completion_tokens"] == 200
    assert not {"max_tokens", "temperature"} & payload.keys()


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (401, "bad key", "refused: .*bad key.*key in the chat secret"),
        (404, "no such model", "refused: .*no such model"),
        (429, "slow down", "is throttled: .*slow down"),
        (500, "oops", "does not answer: .*oops"),
    ],
)
def test_a_server_s_errors_are_told_in_plain_words(status: int, message: str, told: str) -> None:
    with chat_with(failing(status, message)) as (chat, _):
        with pytest.raises(TryAgain, match=told):
            chat.reply("Rules.", "A question?")
        with pytest.raises(TryAgain, match=told):
            list(chat.stream("Rules.", "A question?"))


def test_a_prompt_over_the_model_s_window_is_the_caller_s_to_shorten() -> None:
    with (
        chat_with(failing(400, "too long", "context_length_exceeded")) as (chat, _),
        pytest.raises(TooLarge, match="smaller top_k"),
    ):
        chat.reply("Rules.", "A question?")


def test_a_server_that_cannot_be_reached_is_a_passing_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("askbucket.answer.server_chat.RETRIES", 0)
    chat = ServerChat(chat_model(f"llama3.1@{refused_url()}/v1"), 200, None)

    with pytest.raises(TryAgain, match="does not answer"):
        chat.reply("Rules.", "A question?")
