"""Sessions over HTTP, with the offline answerer."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from askbucket import wiring_answers
from askbucket.answer.question import Caller
from tests.unit.lambdas.parts import Library, committed
from tests.unit.lambdas.problems import problem

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

RENT = "How much is the monthly rent?"
DUE = "When is it due?"


def test_a_follow_up_is_understood_and_the_reply_shows_how(api: TestClient) -> None:
    first = api.post("/query", json={"question": RENT, "session_id": "a"}).json()
    second = api.post("/query", json={"question": DUE, "session_id": "a"}).json()
    alone = api.post("/query", json={"question": DUE}).json()

    assert "rewritten" not in first
    assert second["rewritten"] == "When is it due (monthly rent)?"
    assert second["citations"][0]["document"] == "leases/main street.txt"
    assert second["session_id"] == "a"
    assert second["usage"]["input_tokens"] > first["usage"]["input_tokens"]
    assert {"rewritten", "session_id"}.isdisjoint(alone)


@pytest.mark.parametrize("session_id", ["b", "a/b", "ключ 🙂", "50 %", "x" * 128])
def test_a_session_is_shown_and_forgotten(api: TestClient, session_id: str) -> None:
    path = f"/sessions/{quote(session_id, safe='')}"
    asked = api.post("/query", json={"question": RENT, "session_id": session_id}).json()

    shown = api.get(path).json()

    (turn,) = shown["turns"]
    assert (shown["session_id"], turn["number"], turn["question"]) == (session_id, 1, RENT)
    assert turn["answer"] == asked["answer"]
    assert turn["cited"][0]["chunk_id"] == asked["citations"][0]["chunk_id"]
    assert shown["expires_at"] > turn["asked_at"]
    assert api.delete(path).status_code == 204
    assert "no session" in problem(api.get(path), 404)["detail"]
    problem(api.delete(path), 404)


def test_another_s_session_is_not_there(api: TestClient, library: Library) -> None:
    del library
    api.post("/query", json={"question": RENT, "session_id": "mine"})

    assert wiring_answers.sessions().open(Caller("default", "another"), "mine").turns == ()
    assert wiring_answers.sessions().open(Caller("default", "local"), "mine").turns


def test_an_answer_goes_with_its_document(api: TestClient, library: Library) -> None:
    library.add("shed.txt", "The shed costs 95 pounds.")
    body = {"question": "What does the shed cost?", "session_id": "gone"}
    assert "95 pounds" in api.post("/query", json=body).json()["answer"]

    committed(library.manifest, "shed.txt")

    (turn,) = api.get("/sessions/gone").json()["turns"]
    assert (turn["question"], turn["answer"]) == ("What does the shed cost?", None)


def test_an_id_that_is_too_long_is_refused(api: TestClient) -> None:
    assert "session_id" in problem(api.get(f"/sessions/{'x' * 129}"), 422)["detail"]


def test_without_a_table_an_id_only_names_the_trace(
    api: TestClient, setting: Callable[[str, str], None]
) -> None:
    setting("ASKBUCKET_ANSWERS_TABLE", "")
    wiring_answers.sessions.cache_clear()

    for _ in range(2):
        reply = api.post("/query", json={"question": DUE, "session_id": "none"}).json()
        assert (reply["session_id"], "rewritten" in reply) == ("none", False)
    assert "ASKBUCKET_ANSWERS_TABLE" in problem(api.get("/sessions/none"), 404)["detail"]
