"""Messages of any shape, and keys of any kind: handled or refused in the log, never in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from askbucket.models import Status
from tests.faults.stack import Stack
from tests.unit.ingest.parts import BUCKET

EVENTS = Path(__file__).parents[1] / "events"
KEYS = {
    "spaces": " a  b .txt",
    "plus": "1+1=2.txt",
    "escaped slash": "a%2Fb.txt",
    "escaped plus": "a%2Bb+c.txt",
    "unicode": "Übergröße/naïve.txt",
    "decomposed unicode": "U\u0308bergro\u0308\u00dfe.txt",
    "emoji": "🚢/👩‍🚀.txt",
    "leading dots": "..hidden/.txt",
    "parents": "../../etc/passwd",
    "1,024 bytes": "é" * 510 + ".txt",
    "line break": "a\nb.txt",
    "right to left": "\u202egpj.txt",
}


def record(key: str, bucket: str = BUCKET) -> dict[str, Any]:
    """S3's own notification, whose keys are URL-encoded."""
    return {"s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key)}}}


BODIES: dict[str, tuple[str, dict[str, str]]] = {
    "no JSON": ("{", {"event": "message_refused", "reason": "the message is not JSON"}),
    "nothing": ("", {"event": "message_refused", "reason": "the message is not JSON"}),
    "a number": ("7", {"event": "message_refused"}),
    "a list": ("[]", {"event": "message_refused"}),
    "another service": ('{"detail-type": "EC2 Spot", "detail": {}}', {"event": "message_refused"}),
    "another bucket": (json.dumps({"Records": [record("a", "other")]}), {"event": "hint_ignored"}),
    "unknown document": ('{"JobTag": "no such id"}', {"event": "hint_ignored"}),
    "no records": ('{"Records": []}', {}),
    "test event": ((EVENTS / "s3_test.json").read_text(), {}),
    "deep": ("[" * 100_000, {"event": "message_refused"}),
    "lone surrogate": ('{"JobTag": "\\ud800"}', {"event": "hint_ignored"}),
}


@pytest.mark.parametrize(("body", "told"), BODIES.values(), ids=BODIES.keys())
def test_a_strange_message_is_told_of_and_does_not_block(
    stack: Stack, capsys: pytest.CaptureFixture[str], body: str, told: dict[str, str]
) -> None:
    # given
    stack.queue.send(body)
    stack.upload("good.txt", "good")
    # when
    stack.run()
    # then
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert told == {} or any(told.items() <= event.items() for event in events)
    assert not any(event["event"] == "hint_failed" for event in events)
    assert (stack.queue.dead, stack.queue._sent) == ([], 2)
    assert stack.world.visible("good.txt") == ("good",)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())
def test_a_key_in_either_form_of_event_is_the_same_document(stack: Stack, key: str) -> None:
    # given
    stack.upload(key, "text")
    stack.queue.send(json.dumps({"Records": [record(key)]}))
    # when
    stack.run()
    # then
    assert stack.world.visible(key) == ("text",)
    assert [entry.document.key for entry in stack.world.manifest.list(BUCKET).entries] == [key]
    # when
    stack.remove(key)
    stack.run()
    # then
    assert stack.world.entry(key).status is Status.DELETED
    assert (stack.world.points(), stack.artifacts(key)) == (0, [])


def test_keys_that_differ_only_in_case_are_two_documents(stack: Stack) -> None:
    for key in ("Report.txt", "report.txt"):
        stack.upload(key, key)
    stack.run()
    stack.remove("Report.txt")
    stack.run()
    assert stack.world.visible("Report.txt") == ()
    assert stack.world.visible("report.txt") == ("report.txt",)


def test_records_of_several_buckets_lead_to_the_own_ones_alone(stack: Stack) -> None:
    # given
    for key in ("a b.txt", "c+d.txt"):
        stack.world.put(key, key)
    records = [record("a b.txt"), record("x", "other"), record("c+d.txt")]
    # when
    stack.queue.send(json.dumps({"Records": records}))
    stack.run()
    # then
    assert stack.world.visible("a b.txt") == ("a b.txt",)
    assert stack.world.visible("c+d.txt") == ("c+d.txt",)
    assert len(stack.world.manifest.list(BUCKET).entries) == 2


def test_a_key_that_s3_cannot_hold_is_put_off_and_does_not_block(stack: Stack) -> None:
    stack.tell("x" * 1025)
    stack.tell("\ud800")
    stack.upload("good.txt", "good")
    stack.run()
    assert stack.world.visible("good.txt") == ("good",)
    assert len(stack.queue.dead) <= 2
