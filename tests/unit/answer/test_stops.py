"""Replies that did not come to their own end."""

from __future__ import annotations

import pytest

from askbucket.answer.chat import Stop
from askbucket.answer.question import Traced
from tests.unit.answer.scripted import RENT_REPLY, ScriptedChat, answering, question


def test_a_cut_last_sentence_is_left_out_and_that_is_said() -> None:
    chat = ScriptedChat(f"{RENT_REPLY}\nSmall pets may be kept", stop=Stop.LENGTH)

    answer = answering(chat).answer(question()).answer

    assert (answer.text, answer.stop, answer.answered) == (
        "You pay 1,577 euros. [1]",
        "length",
        True,
    )


@pytest.mark.parametrize("cut", ['Small pets may be kept. [2: "Small pe', "Small pets [2", "x"])
def test_a_cut_sentence_alone_is_no_answer(cut: str) -> None:
    answer = answering(ScriptedChat(cut, stop=Stop.LENGTH)).answer(question()).answer

    assert (answer.answered, answer.stop) == (False, "length")


@pytest.mark.parametrize(
    ("stop", "told"),
    [
        (Stop.GUARDRAIL, "A guardrail held this answer back."),
        (Stop.REFUSAL, "The model declined to answer this question."),
    ],
)
def test_nothing_of_a_reply_held_back_is_used(stop: Stop, told: str) -> None:
    asked = answering(ScriptedChat(RENT_REPLY, stop=stop))

    whole = asked.answer(question()).answer
    *_, traced = asked.stream(question())

    assert isinstance(traced, Traced)
    for answer in (whole, traced.answer):
        assert (answer.text, answer.answered, answer.citations) == (told, False, ())
        assert answer.stop == stop
        assert answer.usage.input_tokens == 100
