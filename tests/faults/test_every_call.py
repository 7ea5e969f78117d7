"""A fault at each call in turn, of each kind: every document ends right and nothing is paid twice.

What no one can spare: a lost reply of an embedding costs that text again, because the model keeps
no results; and vectors that could not be stored, after all retries, are lost with the attempt.
Textract keeps its results, by the client token, and so bills every page once.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from askbucket.ingest.trail import title_of
from askbucket.models import Document, Status
from tests.faults.conftest import NewStack
from tests.faults.stack import Stack
from tests.faults.stories import STORIES, Story
from tests.faults.wire import Kind, Plan, Reach
from tests.unit.ingest.parts import BUCKET

Mix = tuple[tuple[Kind, ...], Reach]  # the kinds are dealt out to the call sites in turn
BEFORE = tuple(kind for kind in Kind if kind is not Kind.LOST)
UNWRITTEN = {"dynamodb.GetItem", "dynamodb.UpdateItem"}  # the status cannot be told
MIXES: dict[str, Mix] = {
    "before": (BEFORE, Reach.CALL),
    "lost": ((Kind.LOST,), Reach.CALL),
}
EACH: dict[str, Mix] = {
    **{f"{kind}, {Reach.CALL}": ((kind,), Reach.CALL) for kind in BEFORE},
    **{f"{kind}, {Reach.SEND}": ((kind,), Reach.SEND) for kind in Kind},
}


QUICK = {  # between them every call meets both; the rest takes minutes
    ("text", "lost"),
    ("overwrite", "before"),
    ("delete", "before"),
    ("delete", "lost"),
    ("scan", "before"),
    ("scan", "lost"),
}
LONG = (pytest.mark.exhaustive, pytest.mark.timeout(1800))
RUNS = [
    pytest.param(
        story,
        mix,
        id=f"{story.name}: {name}",
        marks=() if (story.name, name) in QUICK else LONG,
    )
    for story in STORIES.values()
    for name, mix in (MIXES | EACH).items()
]


@pytest.mark.parametrize(("story", "mix"), RUNS)
def test_a_fault_at_any_call(new_stack: NewStack, story: Story, mix: Mix) -> None:
    with new_stack() as stack:
        # given: one document for each call of a run without faults
        kinds, reach = mix
        plans = {
            f"{number:03d} {operation} {occurrence}": Plan(
                operation, occurrence, kinds[number % len(kinds)], reach
            )
            for number, (operation, occurrence) in enumerate(call_sites(stack, story), 2)
        }
        # when
        lost = {key: told(stack, story, key, plan) for key, plan in plans.items()}
        stack.repair()
        # then
        wrong = {key: whats_wrong(stack, story, key, lost[key]) for key in plans}
        assert {key: found for key, found in wrong.items() if found} == {}
        assert stack.queue.dead == []


@pytest.mark.parametrize("name", ["text", "delete", "scan"])
def test_what_failed_until_its_message_was_dead_says_why_and_is_repaired(
    new_stack: NewStack, name: str
) -> None:
    story = STORIES[name]
    with new_stack() as stack:
        for number, operation in enumerate(sorted({o for o, _ in call_sites(stack, story)}), 2):
            # when
            key = f"{number:03d} {operation}"
            told(stack, story, key, Plan(operation, 1, Kind.THROTTLED, Reach.OPERATION))
            # then
            if stack.queue.dead and operation not in UNWRITTEN:
                entry = stack.world.entry(key)
                assert entry.reason or entry.generation == entry.committed, operation
            # when
            stack.repair()
            if story.status is Status.DELETED:  # a sweep does not look at a tombstone's artifacts
                stack.redrive()
            # then
            assert (operation, whats_wrong(stack, story, key, 0)) == (operation, [])
            stack.queue.dead.clear()


def call_sites(stack: Stack, story: Story) -> Sequence[tuple[str, int]]:
    """Every call of a run without faults; the first run also makes the collection known."""
    for key in ("000", "001"):
        told(stack, story, key, None)
    assert stack.wire.passed
    return list(stack.wire.passed)


def told(stack: Stack, story: Story, key: str, plan: Plan | None) -> int:
    """The story happens, its second part with the fault; how many embeddings that may waste."""
    story.first(stack, key)
    stack.run()
    stack.wire.start(plan)
    story.then(stack, key)
    stack.run()
    struck = len(stack.wire.met)
    assert plan is None or struck > 0
    stack.wire.plan = None
    match plan:
        case Plan(operation="bedrock-runtime.InvokeModel", kind=Kind.LOST):
            return struck
        case Plan(operation="s3.PutObject", reach=Reach.CALL | Reach.OPERATION):
            return len(story.ends(key))
    return 0


def whats_wrong(stack: Stack, story: Story, key: str, lost: int) -> list[str]:
    """What is not as it should be in the end: index equals bucket, nothing is left over."""
    entry, expected = stack.world.manifest.get(Document(BUCKET, key).id), story.ends(key)
    assert entry is not None
    visible, kept = stack.world.visible(key), stack.artifacts(key)
    billed = sum(
        len(job.shades) for job in stack.textract.jobs.values() if job.tag == entry.document.id
    )
    title = title_of(key)  # goes before every text; LangChain joins its lines
    wasted = sum(stack.bedrock.embedded[f"{title} {text}"] - 1 for text in expected)
    checks = {
        f"readers see {visible}": visible == expected,
        f"status {entry.status} ({entry.reason})": entry.status is story.status,
        "not at rest": entry.generation == entry.committed,
        f"waits for {entry.job or entry.leased}": not (entry.job or entry.leased or entry.due_at),
        "points left over": len(stack.world.payloads(key)) == len(expected),
        "artifacts left over": all(f"/{entry.content}/" in each for each in kept),
        "artifacts gone": bool(kept) == bool(expected),
        f"billed {billed} pages": billed == story.billed,
        f"wasted {wasted} embeddings": 0 <= wasted <= lost,
    }
    return [what for what, right in checks.items() if not right]
