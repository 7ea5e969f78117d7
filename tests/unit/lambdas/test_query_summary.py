"""Summary mode over HTTP, with the offline answerer: what is read, kept, used again and refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from askbucket import wiring_answers
from askbucket.answer.chat import Reply
from askbucket.ingest import sparse
from askbucket.models import Box, Chunk, Document, Status, Usage
from askbucket.stores.port import Point
from tests.unit.lambdas.parts import ARTIFACTS, BUCKET, Library, committed
from tests.unit.lambdas.problems import problem

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

FILLER = "The harbour committee met in the old town hall and discussed the plans at length. " * 40
PAGES = [f"Shed number {n} costs {90 + n} pounds a month. {FILLER}" for n in range(1, 5)]


@pytest.fixture(autouse=True)
def fresh(library: Library) -> Iterator[None]:
    """Nothing summarised yet."""
    for part in (wiring_answers.summarising, wiring_answers.sessions):
        part.cache_clear()
    yield
    for key in stored(library):
        library.s3.delete_object(Bucket=ARTIFACTS, Key=key)
    wiring_answers.summarising.cache_clear()


def add(library: Library, key: str, pages: list[str], content: str) -> Document:
    """A document of one chunk for each page, in the place of what the key held before."""
    document = Document(BUCKET, key)
    generation = committed(library.manifest, key, content=content, chunks=len(pages))
    library.store.upsert(
        [
            Point(
                document,
                generation,
                "default",
                "v1",
                {},
                Chunk(n, n + 1, 0, len(text), text, (Box(0.1, 0.1, 0.8, 0.8),)),
                library.embed(text[:200]),
                sparse.document_vector(text),
            )
            for n, text in enumerate(pages)
        ]
    )
    return document


def stored(library: Library) -> list[str]:
    listed = library.s3.list_objects_v2(Bucket=ARTIFACTS).get("Contents", ())
    return [each["Key"] for each in listed if "/summaries/" in each["Key"]]


def summary(api: TestClient, **narrowed: Any) -> Any:
    body = {"question": "What do the sheds cost?", "mode": "summary", "filter": narrowed}
    return api.post("/query", json=body)


def test_a_summary_cites_whole_documents_and_its_groups_are_used_again(
    api: TestClient, library: Library
) -> None:
    document = add(library, "sum/a.txt", PAGES, "content-a")

    first = summary(api, document="sum/a.txt").json()
    second = summary(api, document="sum/a.txt").json()

    assert first["answered"]
    assert first["summary"]["chunks"] == 4
    assert (first["summary"]["groups"], first["summary"]["reused"]) == (len(stored(library)), 0)
    assert first["summary"]["groups"] > 1
    texts = {n: " ".join(page.split()) for n, page in enumerate(PAGES, 1)}
    for cite in first["citations"]:
        assert cite["document"] == "sum/a.txt"
        assert cite["quote"] in texts[cite["page"]]
        assert cite["boxes"]
        assert f"[{cite['marker']}]" in first["answer"]
    assert all(f"{document.id}/content-a/summaries/" in key for key in stored(library))
    assert second["summary"] == {**first["summary"], "reused": first["summary"]["groups"]}
    assert second["answer"] == first["answer"]
    assert second["usage"]["input_tokens"] < first["usage"]["input_tokens"] / 5


def test_an_overwritten_document_s_groups_alone_are_made_anew(
    api: TestClient, library: Library
) -> None:
    add(library, "sum/a.txt", PAGES, "content-a")
    add(library, "sum/b.txt", PAGES[:2], "content-b")
    before = summary(api, prefix="sum/").json()["summary"]

    add(library, "sum/b.txt", ["Pets are welcome in every shed of the harbour."], "content-b2")
    after = summary(api, prefix="sum/").json()["summary"]

    assert before["reused"] == 0
    assert after["chunks"] == 5
    assert after["groups"] - after["reused"] == 1


def test_the_same_bytes_under_another_generation_are_not_summarised_again(
    api: TestClient, library: Library
) -> None:
    add(library, "sum/a.txt", PAGES, "content-a")
    summary(api, document="sum/a.txt")
    add(library, "sum/a.txt", PAGES, "content-a")

    again = summary(api, document="sum/a.txt").json()

    assert again["summary"]["reused"] == again["summary"]["groups"]
    hits = {hit["chunk_id"] for hit in _hits(api)}
    assert {cite["chunk_id"] for cite in again["citations"]} <= hits


def _hits(api: TestClient) -> list[dict[str, Any]]:
    body = {"query": "shed", "top_k": 20, "filter": {"document": "sum/a.txt"}}
    hits: list[dict[str, Any]] = api.post("/search", json=body).json()["hits"]
    return hits


def test_what_readers_may_not_see_is_not_summarised(api: TestClient, library: Library) -> None:
    add(library, "sum/a.txt", PAGES, "content-a")
    add(library, "sum/gone.txt", ["The secret is 42 and nobody may know."], "content-g")
    committed(library.manifest, "sum/gone.txt", Status.DELETED)

    reply = summary(api, document="sum/gone.txt").json()

    assert (reply["answered"], reply["citations"]) == (False, [])
    assert reply["summary"] == {"chunks": 0, "groups": 0, "reused": 0}
    assert reply["usage"]["input_tokens"] == 0


def test_more_than_the_limit_is_refused_with_the_way_out(
    api: TestClient, library: Library, setting: Callable[[str, str], None]
) -> None:
    add(library, "sum/a.txt", PAGES, "content-a")
    setting("ASKBUCKET_SUMMARY_CHUNKS", "3")

    told = problem(summary(api, document="sum/a.txt"), 422)

    assert "3 chunks (ASKBUCKET_SUMMARY_CHUNKS)" in told["detail"]
    assert "filter" in told["detail"]
    assert stored(library) == []


def test_a_stream_ends_with_the_same_answer(api: TestClient, library: Library) -> None:
    add(library, "sum/a.txt", PAGES, "content-a")
    plain = summary(api, document="sum/a.txt").json()
    body = {
        "question": "What do the sheds cost?",
        "mode": "summary",
        "filter": {"document": "sum/a.txt"},
    }

    reply = api.post("/query/stream", json=body).text

    assert reply.startswith("event: token")
    *_, last = reply.strip().split("\n\n")
    assert last.startswith("event: answer")
    assert plain["answer"].replace('"', '\\"') in last


def test_a_mode_there_is_not_is_refused(api: TestClient) -> None:
    reply = api.post("/query", json={"question": "a", "mode": "poem"})

    assert problem(reply, 422)["errors"][0]["field"] == "mode"


class Gated:
    """A model that answers once and then waits until it is let go on."""

    model_id = "gated"

    def __init__(self, free: int) -> None:
        self.gate = threading.Event()
        self.turns = threading.Semaphore(free)

    def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
        del system, max_tokens
        if not self.turns.acquire(blocking=False):
            self.gate.wait()
        number = user.split("Shed number ")[1][0]
        return Reply(f'It costs. [1: "Shed number {number} costs"]', Usage(1000, 1, 0.1))

    def stream(
        self, system: str, user: str, *, max_tokens: int | None = None
    ) -> Iterator[str | Reply]:
        del system, user, max_tokens
        yield "It costs. [1]"
        yield Reply("It costs. [1]", Usage(1, 1, 0.1))


def test_what_time_ran_out_for_goes_on_from_what_is_kept(
    api: TestClient, library: Library, setting: Callable[[str, str], None]
) -> None:
    add(library, "sum/a.txt", PAGES, "content-a")
    model = Gated(free=1)
    setting("ASKBUCKET_SUMMARY_SECONDS", "2")
    gated(wiring_answers.summarising(None), model)

    reply = summary(api, document="sum/a.txt")
    model.gate.set()
    told = problem(reply, 503)
    groups = told["progress"]["groups"]

    assert told["progress"]["done"] == 1
    assert reply.headers["retry-after"]
    assert f"1 of {groups} parts" in told["detail"]
    done = summary(api, document="sum/a.txt").json()
    assert done["answered"]
    assert done["summary"]["reused"] >= 1
    assert len(stored(library)) == groups


def gated(summarising: Any, model: Gated) -> None:
    summarising._summaries._chat = model
    summarising._reducing._chat = model


def test_a_summary_made_while_its_document_went_is_not_kept(
    api: TestClient, library: Library
) -> None:
    add(library, "sum/a.txt", PAGES[:1], "content-a")

    class Overtaken(Gated):
        def reply(self, system: str, user: str, *, max_tokens: int | None = None) -> Reply:
            committed(library.manifest, "sum/a.txt", Status.DELETED)
            return super().reply(system, user, max_tokens=max_tokens)

    gated(wiring_answers.summarising(None), Overtaken(free=9))

    summary(api, document="sum/a.txt")

    assert stored(library) == []


def test_a_follow_up_may_ask_for_a_summary(api: TestClient, library: Library) -> None:
    add(library, "sum/a.txt", PAGES, "content-a")
    asked = {"session_id": "sum", "mode": "summary", "filter": {"document": "sum/a.txt"}}
    api.post("/query", json={**asked, "question": "What does shed 1 cost?"})

    reply = api.post("/query", json={**asked, "question": "Why?"}).json()

    assert reply["rewritten"] == "Why (shed 1 cost)?"
    assert reply["summary"]["reused"] == reply["summary"]["groups"]
