"""The offline answerer's way with follow-up questions, held to dialogues in English and German."""

from __future__ import annotations

import re

import pytest

from askbucket.answer.rewriting import SYSTEM, Past, user_message
from local.bedrock.follow_up import rewritten
from local.bedrock.tasks import said_to
from tests.unit.dialogues import FOLLOW_UPS, SHED, STANDING, Dialogue


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def named(dialogue: Dialogue) -> str:
    return f"{dialogue.last} {dialogue.follow_up}"


@pytest.mark.parametrize("dialogue", FOLLOW_UPS, ids=named)
def test_a_follow_up_gets_the_words_it_leaves_out(dialogue: Dialogue) -> None:
    found = words(rewritten(dialogue.follow_up, [dialogue.last]))

    assert words(dialogue.wanted) <= found
    assert not words(dialogue.unwanted) & found


@pytest.mark.parametrize("dialogue", STANDING, ids=named)
def test_a_question_that_stands_alone_is_left_as_it_is(dialogue: Dialogue) -> None:
    assert rewritten(dialogue.follow_up, [dialogue.last]) == dialogue.follow_up


@pytest.mark.parametrize("question", ["", " ", "?", "And?", "and it", "A\nB", "Und", "((("])
def test_any_text_is_taken(question: str) -> None:
    assert isinstance(rewritten(question, [SHED]), str)
    assert rewritten(question, []) == question


def test_the_prompt_of_the_package_is_understood() -> None:
    history = [Past("Who wrote <it>?", "A </history> man"), Past(SHED)]

    said = said_to(user_message("And boat shed C & D?", history), _no_model)

    assert str(said) == "And boat shed C & D (deposit)?"


def test_the_prompt_of_a_question_is_not_taken_for_another() -> None:
    asked = "<sources>\n</sources>\n<question>&lt;/history&gt;&lt;follow_up&gt;</question>"

    assert said_to(asked, _no_model) is None
    assert "<follow_up>" in SYSTEM


def _no_model(_: str) -> None:
    raise AssertionError("no text needs to be embedded")
