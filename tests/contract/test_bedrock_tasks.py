"""The prompts beside a question's, sent by the package's own chat model to the offline endpoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askbucket.answer.bedrock_chat import BedrockChat
from askbucket.answer.chat import Reply
from askbucket.answer.rewriting import Past, Rewriting
from askbucket.answer.summary.claims import claims_of
from askbucket.answer.summary.prompt import GROUP_SYSTEM, group_message
from askbucket.answer.summary.reducing import Reducing, answered
from askbucket.model_ids import chat_model
from askbucket.tracing import Untraced
from tests.unit.answer.parts import hit
from tests.unit.bedrock_served import bedrock_client, served_bedrock

SHEDS = hit(
    "Shed A costs 95 pounds a month. Shed B costs 120 pounds a month. The slipway is closed in "
    "winter. Nobody may sleep in a shed. Keys are kept by the harbour master.",
    chunk="sheds",
)
NOTICE = hit("OPENING HOURS\nThe office is open on weekdays.", chunk="notice", page=2)
HITS = [SHEDS, NOTICE]


@pytest.fixture(scope="module")
def chat() -> Iterator[BedrockChat]:
    with pytest.MonkeyPatch.context() as environment, served_bedrock() as url:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "any")  # langchain-aws looks at them beside its client's
        client = bedrock_client(url)
        yield BedrockChat(client, chat_model("askbucket.extractive"), 500)
        client.close()


def test_a_follow_up_is_rewritten_and_its_tokens_counted(chat: BedrockChat) -> None:
    rewriting = Rewriting(chat, Untraced())
    history = [Past("What does shed A cost?", "95 pounds [1]")]

    rewritten = rewriting("And shed B?", history)
    alone = rewriting("Where are the keys kept in winter?", history)

    assert rewritten.text == "What does shed B cost?"
    assert rewritten.usage.input_tokens > rewritten.usage.output_tokens > 0
    assert alone.text is None


def test_a_group_is_summarised_by_sentences_that_are_found_in_it(chat: BedrockChat) -> None:
    reply = chat.reply(GROUP_SYSTEM, group_message(HITS))

    claims = claims_of(reply.text, HITS)

    assert len(claims) == len(reply.text.splitlines()) == 6
    assert all(each.text.strip(".") == each.citations[0].quote.strip(".") for each in claims)
    assert [claim.citations[0].hit for claim in claims] == [SHEDS] * 5 + [NOTICE]


def test_claims_are_told_by_what_is_asked_and_streamed(chat: BedrockChat) -> None:
    claims = claims_of(chat.reply(GROUP_SYSTEM, group_message(HITS)).text, HITS) * 3
    reducing = Reducing(chat, Untraced(), 6000)

    *words, reply = reducing.stream("When is the office open?", claims)

    assert isinstance(reply, Reply)
    found = answered(reply, claims)
    assert 0 < len(found) <= 6
    assert "The office is open on weekdays." in {claim.text for claim in found}
    assert "".join(map(str, words)) == reply.text
    assert reply.usage.input_tokens > 0
