"""A queued question and a kept reply on the whole stack: queue, worker, table and gateway."""

from __future__ import annotations

from typing import Any

from tests.e2e.driver import Driver, Run, eventually

RENT = "How much is the rent of the boat house?"


def told(stack: Driver, where: str) -> dict[str, Any] | None:
    """The question once it is at rest."""
    now: dict[str, Any] = stack.http.get(f"{stack.running.api_url}/{where}").json()
    return now if now["status"] in ("answered", "failed") else None


def test_a_question_is_answered_by_the_queue(stack: Driver, run: Run, prefix: str) -> None:
    stack.put_ready(f"{prefix}lease.txt", "The rent of the boat house is 940 euros.")
    body = {"question": RENT, "filter": {"prefix": prefix}}

    taken = stack.http.post(f"{stack.running.api_url}/questions", json=body)
    assert taken.status_code == 202, taken.text
    where = taken.headers["location"]
    answered = eventually(lambda: told(stack, where), "the question is at rest")

    assert answered["status"] == "answered", answered
    assert "940 euros" in answered["answer"]["answer"]
    assert stack.through_gateway("GET", f"/{where}").status_code == 404  # another caller's
    done = run("ask", RENT, "--queued", "--document", f"{prefix}lease.txt")
    assert done.exit_code == 0, done.output
    assert "940 euros" in done.output


def test_a_reply_is_kept_until_its_sources_change(stack: Driver, prefix: str) -> None:
    key = f"{prefix}lease.txt"
    stack.put_ready(key, "The rent of the boat house is 940 euros.")

    def kept() -> bool:  # a cache that is slow for once is a miss
        return bool(stack.ask(RENT, prefix=prefix)["cached"])

    eventually(kept, "the reply is kept")
    stack.put_ready(f"elsewhere/{prefix}menu.txt", "Soup of the day: leek and potato.")
    eventually(kept, "the reply is kept beside an upload that it does not come from")
    stack.put_ready(key, "The rent of the boat house is to be agreed.")
    overwritten = stack.ask(RENT, prefix=prefix)
    stack.put_ready(f"{prefix}raise.txt", "The rent of the boat house is 990 euros.")
    better = stack.ask(RENT, prefix=prefix)
    stack.delete(f"{prefix}raise.txt")
    stack.gone([f"{prefix}raise.txt"])
    deleted = stack.ask(RENT, prefix=prefix)

    assert not overwritten["cached"]
    assert "940" not in overwritten["answer"]
    assert "990 euros" in better["answer"]
    assert not better["cached"]
    assert "990" not in deleted["answer"]
