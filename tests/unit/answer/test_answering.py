"""A question's way with a model that says what the test tells it to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from askbucket.answer.answering import Answering
from askbucket.answer.no_answer import NO_ANSWER
from askbucket.answer.prompt import SYSTEM
from askbucket.answer.question import Question, Scope, Traced
from askbucket.answer.sourcing import Sourcing
from askbucket.errors import TryAgain
from askbucket.models import Usage
from askbucket.tracing import Untraced
from tests.unit.answer.scripted import (
    LEASE,
    PETS,
    RENT_REPLY,
    USAGE,
    ScriptedChat,
    ScriptedRetriever,
    answering,
    question,
)


def test_an_answer_cites_what_was_found_and_counts_what_was_used() -> None:
    chat = ScriptedChat(RENT_REPLY)

    answer = answering(chat).answer(question()).answer

    assert answer.text == "You pay 1,577 euros. [1]"
    assert answer.answered
    (citation,) = answer.citations
    assert (citation.quote, citation.hit) == ("monthly rent is 1,577 euros", LEASE)
    assert (answer.model, answer.usage) == (chat.model_id, USAGE)


def test_the_model_sees_the_rules_the_hits_in_order_and_the_question() -> None:
    chat = ScriptedChat(RENT_REPLY)

    answering(chat).answer(question("How much?"))

    ((system, user),) = chat.prompts
    assert system == SYSTEM
    assert user.index(LEASE.text) < user.index(PETS.text) < user.index("How much?")


def test_the_context_budget_leaves_out_the_weaker_hits_and_their_markers() -> None:
    chat = ScriptedChat('Pets are fine. [2: "Small pets may be kept."]')

    answer = answering(chat, context_tokens=8).answer(question()).answer

    assert PETS.text not in chat.prompts[0][1]
    assert not answer.answered


@pytest.mark.parametrize(
    "said",
    [
        "NOT_IN_DOCUMENTS",
        " NOT_IN_DOCUMENTS.\n",
        "The rent is 9,999 euros.",
        'The rent is 9,999 euros. [1: "rent is 9,999 euros"]',
        "",
    ],
)
def test_what_cannot_be_located_is_an_honest_no(said: str) -> None:
    answer = answering(ScriptedChat(said)).answer(question()).answer

    assert (answer.text, answer.answered, answer.citations) == (NO_ANSWER, False, ())
    assert answer.usage == USAGE


def test_without_hits_no_model_is_asked() -> None:
    chat = ScriptedChat(RENT_REPLY)

    answer = answering(chat, hits=()).answer(question()).answer

    assert chat.prompts == []
    assert (answer.answered, answer.usage) == (False, Usage())
    assert list(answering(chat, hits=()).stream(question()))[0:-1] == []


def test_what_no_source_speaks_of_costs_no_model() -> None:
    chat = ScriptedChat(RENT_REPLY)
    lease = replace(LEASE, text="The rent of the flat is 1,577 euros and it is due on the third.")
    asked = question("What is the turnover of the Globex Corporation?")

    answer = answering(chat, hits=(lease,)).answer(asked).answer

    assert (answer.answered, chat.prompts) == (False, [])


def test_a_stream_yields_the_tokens_and_then_the_verified_answer() -> None:
    said = RENT_REPLY + " Cats can talk. [2]"

    *tokens, last = answering(ScriptedChat(said)).stream(question())

    assert "".join(str(token) for token in tokens).strip() == said
    assert isinstance(last, Traced)
    assert last.answer.text == "You pay 1,577 euros. [1]"
    assert last.answer == answering(ScriptedChat(said)).answer(question()).answer


def test_a_stream_that_breaks_off_raises_after_its_tokens() -> None:
    stream = answering(ScriptedChat("You pay", TryAgain("gone"))).stream(question())

    assert next(stream) == "You "
    assert next(stream) == "pay "
    with pytest.raises(TryAgain, match="gone"):
        next(stream)


def test_the_question_s_scope_tenant_and_number_reach_the_retriever() -> None:
    retriever = ScriptedRetriever(LEASE)
    sourcing = Sourcing(retriever, Untraced())  # type: ignore[arg-type]
    parts = Answering(sourcing, ScriptedChat(), Untraced(), 100)  # type: ignore[arg-type]
    scope = Scope(prefixes=("a/",))

    hits = parts.hits(Question("rent", "tenant", 7, scope))

    assert hits == [LEASE]
    assert retriever.asked == [
        {"question": "rent", "scope": scope, "tenant": "tenant", "top_k": 7, "groups": frozenset()}
    ]


def test_every_answer_has_a_trace_id_of_its_own() -> None:
    parts = answering(ScriptedChat(RENT_REPLY))

    ids = {parts.answer(question()).trace_id for _ in range(3)}

    assert len(ids) == 3
    assert all(len(trace_id) == 32 for trace_id in ids)
