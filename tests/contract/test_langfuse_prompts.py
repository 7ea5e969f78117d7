"""Every prompt is managed alike: used where Langfuse has it, ours where that is of no use."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from askbucket.answer.every_prompt import PROMPTS
from askbucket.answer.prompts import ANSWER, Prompt
from askbucket.answer.rewriting import REWRITING, Past, Rewriting
from askbucket.answer.summary.groups import Group
from askbucket.answer.summary.prompt import CLAIMS, GROUP
from askbucket.answer.summary.reducing import Reducing
from askbucket.answer.summary.stored import GroupSummaries
from askbucket.langfuse_prompts import AGAIN_SECONDS, MOST_CHARS, LangfusePrompts
from askbucket.langfuse_tracer import langfuse_client
from askbucket.tracing import Untraced
from tests.contract.langfuse_served import LangfuseServer, langfuse_served, some_keys, until
from tests.unit.answer.parts import entry, hit
from tests.unit.answer.scripted import ScriptedChat

WORDS = "\nAnswer in plain words.\n"
LOST = [(prompt, words) for prompt in PROMPTS for words in prompt.must_hold]


@pytest.fixture
def langfuse() -> Iterator[LangfuseServer]:
    with langfuse_served() as server:
        yield server


class Clock:
    """Stands still until a test moves it."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def prompts(langfuse: LangfuseServer, clock: Clock) -> Iterator[LangfusePrompts]:
    client = langfuse_client(some_keys(), langfuse.url)
    yield LangfusePrompts(client, "production", PROMPTS, clock)
    client.shutdown()


def settled(prompts: LangfusePrompts, langfuse: LangfuseServer, fetches: int) -> None:
    """Returns once so many prompts were fetched, all told, and none is being fetched."""
    prompts(ANSWER)
    until(lambda: len(langfuse.asked) >= fetches)
    until(lambda: not prompts._fetching._busy.locked())
    assert len(langfuse.asked) == fetches


def manage(langfuse: LangfuseServer, *managed: Prompt) -> None:
    for prompt in managed:
        langfuse.add_prompt(prompt.name, prompt.text + WORDS, "production")


def test_every_prompt_is_used_as_it_is_managed(
    langfuse: LangfuseServer, prompts: LangfusePrompts
) -> None:
    manage(langfuse, *PROMPTS)
    settled(prompts, langfuse, len(PROMPTS))

    assert [prompts(own).text for own in PROMPTS] == [own.text + WORDS for own in PROMPTS]
    assert {prompts(own).version for own in PROMPTS} == {1}


def test_rewriting_and_summaries_ask_by_the_managed_prompt(
    langfuse: LangfuseServer, prompts: LangfusePrompts
) -> None:
    manage(langfuse, REWRITING, GROUP, CLAIMS)
    settled(prompts, langfuse, len(PROMPTS))
    chat: Any = ScriptedChat('The rent is 1,577 euros. [1: "rent is 1,577 euros"]')
    artifacts, manifest = Shelf(), Shelf()

    Rewriting(chat, Untraced(), prompts)("When?", [Past("How much is the rent?")])
    summarised = GroupSummaries(chat, artifacts, manifest, Untraced(), prompts)
    (claim,) = summarised(Group(entry(), (hit(),))).claims
    list(Reducing(chat, Untraced(), 1000, prompts).stream("How much?", [claim]))

    told = [system for system, _ in chat.prompts]
    assert told == [own.text + WORDS for own in (REWRITING, GROUP, CLAIMS)]


def test_a_summary_is_kept_for_the_prompt_that_made_it(
    langfuse: LangfuseServer, prompts: LangfusePrompts
) -> None:
    chat: Any = ScriptedChat('The rent is 1,577 euros. [1: "rent is 1,577 euros"]')
    artifacts, manifest = Shelf(), Shelf()
    group = Group(entry(), (hit(),))
    by_ours = GroupSummaries(chat, artifacts, manifest, Untraced())
    manage(langfuse, GROUP)
    settled(prompts, langfuse, len(PROMPTS))
    by_managed = GroupSummaries(chat, artifacts, manifest, Untraced(), prompts)

    reused = [made(group).reused for made in (by_ours, by_ours, by_managed, by_managed)]

    assert reused == [False, True, False, True]


class Shelf:
    """Artifacts in memory, and a manifest in which nothing changes."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def get(self, key: str) -> Any:
        return entry() if key == entry().document.id else self.kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        self.kept[key] = data


@pytest.mark.parametrize("status", [200, 403], ids=["absent", "forbidden"])
def test_prompts_that_are_not_there_are_asked_for_once_for_many_questions(
    langfuse: LangfuseServer, prompts: LangfusePrompts, clock: Clock, status: int
) -> None:
    langfuse.status = status
    settled(prompts, langfuse, len(PROMPTS))

    assert [prompts(own) for own in PROMPTS * 3] == list(PROMPTS * 3)
    assert sorted(langfuse.asked) == sorted(f"GET /api/public/v2/prompts/{p.name}" for p in PROMPTS)

    langfuse.status = 200
    manage(langfuse, *PROMPTS)
    clock.seconds += AGAIN_SECONDS
    settled(prompts, langfuse, 2 * len(PROMPTS))
    assert prompts(REWRITING).version == 1


def test_all_prompts_are_fetched_side_by_side(
    langfuse: LangfuseServer, prompts: LangfusePrompts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fetch waits for the others: one after another, none would ever end."""
    together = threading.Barrier(len(PROMPTS))
    manage(langfuse, *PROMPTS)
    answer = langfuse.reply

    def met(*asked: Any) -> tuple[int, Any]:
        together.wait(timeout=10)
        return answer(*asked)

    monkeypatch.setattr(langfuse, "reply", met)
    settled(prompts, langfuse, len(PROMPTS))

    assert {prompts(own).version for own in PROMPTS} == {1}


@pytest.mark.parametrize(("own", "words"), LOST, ids=[f"{p.name}-{w}" for p, w in LOST])
def test_a_prompt_without_what_code_relies_on_is_refused(
    langfuse: LangfuseServer,
    prompts: LangfusePrompts,
    own: Prompt,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    langfuse.add_prompt(own.name, own.text.replace(words, "that"), "production")
    settled(prompts, langfuse, len(PROMPTS))

    assert prompts(own) == own
    assert words in refusal(capsys)


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """Why the one prompt that was refused was."""
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line[:1] == "{"]
    (why,) = (line["why"] for line in lines if line["event"] == "prompt_refused")
    return str(why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (ANSWER.text + "x" * MOST_CHARS, "characters"),
        ([{"role": "system", "content": ANSWER.text}], "it is a chat"),
    ],
    ids=["too long", "a chat"],
)
def test_a_prompt_of_another_size_or_kind_is_refused(
    langfuse: LangfuseServer,
    prompts: LangfusePrompts,
    text: Any,
    why: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = langfuse.add_prompt("answer", text, "production")
    made["type"] = "text" if isinstance(text, str) else "chat"
    settled(prompts, langfuse, len(PROMPTS))

    assert prompts(ANSWER) == ANSWER
    assert why in refusal(capsys)


@pytest.mark.parametrize("own", PROMPTS, ids=lambda own: own.name)
def test_what_a_prompt_must_hold_it_holds(own: Prompt) -> None:
    assert own.must_hold
    assert own.lost == []
