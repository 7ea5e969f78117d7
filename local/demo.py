"""`make demo`: the whole of Askbucket, tried with the sample documents, and checked on the way."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from local.client import Client
from local.counting import size_of
from local.serve import ROOT
from local.stack import OfflineStack
from local.target import Target

SAMPLES = ROOT / "samples"
DOCUMENTS = ("handbook.pdf", "scan.pdf", "notice.html", "notes.txt")
WAIT_SECONDS = 120
CHANGED_WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Expected:
    """A question, the document and page its answer must cite, and words of the quote."""

    question: str
    document: str
    page: int | None
    words: str


QUESTIONS = (
    Expected("How much is the deposit for boat shed B?", "handbook.pdf", 3, "510 pounds"),
    Expected("Who inspected the bridge?", "scan.pdf", 1, "Ingrid Solheim"),
    Expected("What was the surplus of 2025?", "notice.html", None, "8,730 pounds"),
)
FOLLOW_UP = Expected("And boat shed C?", "handbook.pdf", 3, "Boat shed C")
SESSION = "demo"
BUDGET = "What is the budget for the solar panels?"


def run() -> int:
    """0 if every answer was as expected, else 1."""
    started = time.monotonic()

    def say(step: str) -> None:
        click.secho(f"[{time.monotonic() - started:5.1f} s] {step}", fg="cyan")

    with tempfile.TemporaryDirectory(prefix="askbucket-demo-") as folder:
        data = Path(folder)
        with OfflineStack(data, say=say) as stack:
            say(f"the stack runs, without network or account; OCR by {stack.running.ocr_engine}")
            with Client(Target.local(data)) as client:
                complaints = _Demo(client, say).run()
            say("stopping")
    for complaint in complaints:
        click.secho(f"WRONG: {complaint}", fg="red", err=True)
    say("done" if not complaints else "done, with wrong answers")
    return 1 if complaints else 0


class _Demo:
    def __init__(self, client: Client, say: Callable[[str], None]) -> None:
        self._client = client
        self._say = say
        self._complaints: list[str] = []

    def run(self) -> list[str]:
        """What was not as expected."""
        self._drop_files()
        self._say("asking three questions")
        for expected in QUESTIONS:
            self._ask(expected)
        self._follow_up()
        self._overwrite()
        self._delete()
        return self._complaints

    def _drop_files(self) -> None:
        self._say(f"dropping {len(DOCUMENTS)} files into the bucket, one of them a scan")
        uploads = [self._client.put(SAMPLES / name, name) for name in DOCUMENTS]
        for upload in uploads:
            document = self._client.wait(upload, WAIT_SECONDS)
            self._say(f"  {document['status']}: {upload.key} ({size_of(document)})")
            self._check(document["status"] == "ready", f"{upload.key}: {document.get('reason')}")

    def _ask(self, expected: Expected) -> None:
        answer = self._shown(expected.question)
        found = any(
            cite["document"] == expected.document
            and cite["page"] == expected.page
            and expected.words in cite["quote"]
            for cite in answer["citations"]
        )
        self._check(found, f"{expected.question} should cite {expected.document}")

    def _follow_up(self) -> None:
        self._say("asking again in a session, where a question may lean on the one before")
        self._shown(QUESTIONS[0].question, session_id=SESSION)
        answer = self._shown(FOLLOW_UP.question, session_id=SESSION)
        found = any(FOLLOW_UP.words in cite["quote"] for cite in answer["citations"])
        self._check(found, f"{FOLLOW_UP.question} should cite {FOLLOW_UP.document}")

    def _overwrite(self) -> None:
        self._say("overwriting notes.txt: the budget changes from 26,400 to 31,900 pounds")
        self._check("26,400" in self._shown(BUDGET)["answer"], "the first budget is not answered")
        upload = self._client.put(SAMPLES / "changes" / "notes-v2.txt", "notes.txt")
        self._client.wait(upload, CHANGED_WITHIN_SECONDS)
        answer = self._shown(BUDGET)["answer"]
        self._check("31,900" in answer and "26,400" not in answer, "the new budget is not answered")

    def _delete(self) -> None:
        self._say("deleting notes.txt: nothing may be answered from it any more")
        self._client.remove("notes.txt")
        self._client.wait_gone("notes.txt", CHANGED_WITHIN_SECONDS)
        answer = self._shown(BUDGET)
        cited = {cite["document"] for cite in answer["citations"]}
        self._check("notes.txt" not in cited, "the deleted document is still cited")
        self._check("31,900" not in answer["answer"], "the deleted document is still answered")

    def _shown(self, question: str, **options: Any) -> dict[str, Any]:
        answer = self._client.ask(question, **options)
        click.secho(f"\n  Q: {question}", bold=True)
        if "rewritten" in answer:
            click.echo(f"     understood as: {answer['rewritten']}")
        click.echo(f"  A: {answer['answer']}")
        for cite in answer["citations"]:
            page = f", page {cite['page']}" if cite["page"] else ""
            click.echo(f"     [{cite['marker']}] {cite['document']}{page}: “{cite['quote']}”")
        click.echo()
        return answer

    def _check(self, as_expected: bool, complaint: str) -> None:
        if not as_expected:
            self._complaints.append(complaint)
