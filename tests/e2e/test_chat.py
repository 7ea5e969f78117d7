"""Sessions and summaries on the whole stack, over HTTP, the gateway and the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from local.cli import main
from local.serve import ROOT
from tests.e2e.driver import Answer, Driver, Run

HANDBOOK = ROOT / "samples" / "handbook.pdf"
DEPOSIT, OTHER = "How much is the deposit for boat shed B?", "And boat shed C?"


@pytest.fixture(scope="module")
def handbook(stack: Driver) -> str:
    """Its key, once it is ready."""
    return str(stack.put_ready("chat/handbook.pdf", HANDBOOK.read_bytes())["document"])


def asked(stack: Driver, question: str, key: str, *, gateway: bool = False, **more: Any) -> Answer:
    body = {"question": question, "filter": {"document": key}, **more}
    if gateway:
        reply = stack.through_gateway("POST", "/query", body)
    else:
        reply = stack.http.post(f"{stack.running.api_url}/query", json=body)
    assert reply.status_code == 200, reply.text
    answer: Answer = reply.json()
    return answer


@pytest.mark.parametrize("gateway", [False, True], ids=["uvicorn", "gateway"])
def test_a_follow_up_is_answered_from_its_own_row(
    stack: Driver, handbook: str, gateway: bool
) -> None:
    session = f"e2e {gateway}"
    asked(stack, DEPOSIT, handbook, gateway=gateway, session_id=session)

    answer = asked(stack, OTHER, handbook, gateway=gateway, session_id=session)

    assert answer["rewritten"] == "How much is the deposit for boat shed C?"
    assert answer["citations"][0]["quote"].startswith("Boat shed C")
    path = f"/sessions/e2e%20{gateway}"
    elsewhere = stack.http.get(f"{stack.running.api_url}{path}").status_code
    assert elsewhere == (404 if gateway else 200)  # the gateway's callers are others
    if not gateway:
        assert stack.http.delete(f"{stack.running.api_url}{path}").status_code == 204
        assert stack.http.get(f"{stack.running.api_url}{path}").status_code == 404


def test_a_chat_reads_questions_line_by_line(stack: Driver, handbook: str, data: Path) -> None:
    del stack
    arguments = ["--data", str(data), "chat", "--document", handbook]

    done = CliRunner().invoke(main, arguments, input=f"{DEPOSIT}\n{OTHER}\n")

    assert done.exit_code == 0, done.output
    assert "(How much is the deposit for boat shed C?)" in done.output
    assert "Boat shed B" in done.output
    assert "Boat shed C" in done.output.split("(How much", 1)[1]


def test_a_summary_is_made_once_for_each_document_it_covers(
    stack: Driver, run: Run, prefix: str
) -> None:
    stack.put_ready(f"{prefix}handbook.pdf", HANDBOOK.read_bytes())
    stack.put_ready(f"{prefix}notes.txt", (ROOT / "samples" / "notes.txt").read_bytes())
    body = {"question": "What is this about?", "mode": "summary", "filter": {"prefix": prefix}}

    def summary() -> Answer:
        reply = stack.http.post(f"{stack.running.api_url}/query", json=body)
        assert reply.status_code == 200, reply.text
        answer: Answer = reply.json()
        return answer

    first, second = summary(), summary()
    stack.put_ready(
        f"{prefix}notes.txt", (ROOT / "samples" / "changes" / "notes-v2.txt").read_bytes()
    )
    third = summary()

    assert first["answered"]
    assert first["citations"]
    groups = first["summary"]["groups"]
    assert (first["summary"]["reused"], second["summary"]["reused"]) == (0, groups)
    assert second["usage"]["input_tokens"] < first["usage"]["input_tokens"]
    assert third["summary"]["groups"] - third["summary"]["reused"] == 1
    done = run("ask", "What is this about?", "--summary", "--document", f"{prefix}notes.txt")
    assert done.exit_code == 0, done.output
    assert f"{prefix}notes.txt" in done.output
