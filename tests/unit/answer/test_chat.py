"""BedrockChat against the offline endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from askbucket.answer.bedrock_chat import BedrockChat
from askbucket.answer.prompt import SYSTEM, user_message
from askbucket.errors import TryAgain
from askbucket.model_ids import chat_model
from askbucket.models import Usage
from tests.unit.answer.parts import hit
from tests.unit.bedrock_served import bedrock_client, refused_url, served_bedrock

RENT = user_message("How much is the monthly rent?", [hit("The monthly rent is 1,577 euros.")])
ANSWER = "The monthly rent is 1,577 euros. [1]"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with served_bedrock() as url:
        client = bedrock_client(url)
        yield client
        client.close()


def test_a_reply_holds_the_text_and_what_was_counted(client: Any) -> None:
    reply = BedrockChat(client, chat_model("askbucket.extractive"), 200).reply(SYSTEM, RENT)

    assert reply.text == ANSWER
    assert reply.usage.input_tokens > reply.usage.output_tokens > 0
    assert reply.usage.usd == 0


def test_a_stream_is_the_same_text_in_pieces_and_the_usage_last(client: Any) -> None:
    chat = BedrockChat(client, chat_model("askbucket.extractive"), 200)

    *pieces, reply = chat.stream(SYSTEM, RENT)

    assert "".join(str(piece) for piece in pieces) == ANSWER
    assert reply == chat.reply(SYSTEM, RENT)


@pytest.mark.parametrize(("asked", "sent"), [(None, 200), (40, 40)])
def test_a_call_may_ask_for_fewer_tokens_than_the_model_was_made_with(
    client: Any, asked: int | None, sent: int
) -> None:
    seen: list[Any] = []
    chat = BedrockChat(client, chat_model("askbucket.extractive"), 200)
    note = lambda params, **_: seen.append(json.loads(params["body"]))  # noqa: E731
    client.meta.events.register("before-call.bedrock-runtime", note)

    chat.reply(SYSTEM, RENT, max_tokens=asked)
    list(chat.stream(SYSTEM, RENT, max_tokens=asked))

    client.meta.events.unregister("before-call.bedrock-runtime", note)
    assert [body["inferenceConfig"]["maxTokens"] for body in seen] == [sent, sent]


def test_an_unknown_model_is_told_with_a_hint(client: Any) -> None:
    chat = BedrockChat(client, chat_model("amazon.none-v1:0"), 200)

    with pytest.raises(TryAgain, match=r"amazon\.none-v1:0 refused.*enabled for this account"):
        chat.reply(SYSTEM, RENT)
    with pytest.raises(TryAgain, match=r"amazon\.none-v1:0 refused.*enabled for this account"):
        list(chat.stream(SYSTEM, RENT))


def test_an_endpoint_that_cannot_be_reached_is_a_passing_fault() -> None:
    chat = BedrockChat(bedrock_client(refused_url()), chat_model("askbucket.extractive"), 200)

    with pytest.raises(TryAgain, match="does not answer"):
        chat.reply(SYSTEM, RENT)
    with pytest.raises(TryAgain, match="does not answer"):
        list(chat.stream(SYSTEM, RENT))


def test_usages_add_up() -> None:
    assert Usage(1, 2, 0.5) + Usage(10, 20, 0.25) == Usage(11, 22, 0.75)


def test_a_sum_with_an_unknown_price_is_unknown() -> None:
    assert Usage(1, 2, 0.5) + Usage(1, 1, None) == Usage(2, 3, None)
