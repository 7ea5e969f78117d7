"""A stack stopped or killed and started again on its data: nothing lost, nothing paid twice."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from local.serve import ROOT
from tests.e2e.driver import Document, Driver, eventually
from tests.e2e.processes import Up, is_free

pytestmark = pytest.mark.slow

SAMPLES = ROOT / "samples"
NAMES = ("handbook.pdf", "scan.pdf", "notice.html", "notes.txt")
QUESTIONS = (
    "How much is the deposit for boat shed B?",
    "Who inspected the bridge?",
    "What was the surplus of 2025?",
    "What is the budget for the solar panels?",
)
ODD_KEY = "odd +%2F/../ü🚀.txt"
GONE_WITHIN_SECONDS = 8
MORE = 12


def test_a_stopped_stack_comes_back_as_it_was(tmp_path: Path) -> None:
    with Up(tmp_path) as up, up.driven() as stack:
        fill(stack)
        stack.put_ready("notes.txt", (SAMPLES / "changes" / "notes-v2.txt").read_bytes())
        stack.put_ready("deleted.txt", "The heron nests on the east gate.")
        stack.delete("deleted.txt")
        stack.gone(["deleted.txt"])
        stack.put_ready(ODD_KEY, "The lantern hangs by the door.")
        before, answers, billed = documents(stack), said(stack), stack.pages_billed()
        up.send(signal.SIGTERM)
        assert up.ended(GONE_WITHIN_SECONDS) == 0, up.lines

    with Up(tmp_path, up.api_port, up.aws_port) as again, again.driven() as stack:
        assert documents(stack) == before
        assert stack.pages_billed() == billed
        assert stack.embeddings_made() == 0
        assert said(stack) == answers
        assert stack.hits("heron", document="deleted.txt") == []
        again.send(signal.SIGTERM)
        assert again.ended(GONE_WITHIN_SECONDS) == 0, again.lines


def test_a_killed_stack_comes_back_whole_at_once_and_leaves_nothing_running(
    tmp_path: Path,
) -> None:
    with Up(tmp_path) as up:
        with up.driven() as stack:
            fill(stack)
            stack.put_ready("deleted.txt", "The heron nests on the east gate.")
            before, answers, billed = documents(stack), said(stack), stack.pages_billed()
            del before["deleted.txt"]
            stack.delete("deleted.txt")
            late = {f"late-{n:02d}.txt": f"Locker {n} is member {n * 7}'s.\n" for n in range(MORE)}
            versions = {key: stack.put(key, text * 100) for key, text in late.items()}
            up.send(signal.SIGKILL)
            up.ended(1)

        with Up(tmp_path, up.api_port, up.aws_port) as again, again.driven() as stack:
            for key, version in versions.items():
                stack.ready(key, version)
            after = documents(stack)
            assert after.keys() == before.keys() | late.keys()
            assert {key: after[key] for key in before} == before
            assert stack.hits("heron", document="deleted.txt") == []
            assert stack.pages_billed() == billed
            assert {key: embedded(stack, key) for key in before} == dict.fromkeys(before, 0)
            assert said(stack) == answers

            again.send(signal.SIGKILL)

            again.ended(1)
            eventually(lambda: not again.leftovers(), "no process left", GONE_WITHIN_SECONDS)
            assert is_free(again.api_port)
            assert is_free(again.aws_port)


def fill(stack: Driver) -> None:
    versions = {name: stack.put(name, (SAMPLES / name).read_bytes()) for name in NAMES}
    for name, version in versions.items():
        stack.ready(name, version)


def documents(stack: Driver) -> dict[str, Document]:
    """All of them by key, without when they were indexed and at what cost."""
    listed = stack.http.get(f"{stack.running.api_url}/documents").raise_for_status().json()
    passing = {"updated_at", "embedded_chunks", "usd"}
    return {
        each["document"]: {name: value for name, value in each.items() if name not in passing}
        for each in listed["documents"]
    }


def embedded(stack: Driver, key: str) -> int:
    """Vectors made for the document when it was last indexed."""
    document = stack.document(key)
    assert document is not None
    return int(document["embedded_chunks"])


def said(stack: Driver) -> list[object]:
    """The answers to all questions, without what is new in each reply."""
    return [
        (answer["answer"], [(c["document"], c["page"], c["boxes"]) for c in answer["citations"]])
        for question, name in zip(QUESTIONS, NAMES, strict=True)
        for answer in [stack.ask(question, document=name)]
    ]
