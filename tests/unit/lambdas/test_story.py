"""The log tells one story: an id from the event in the bucket to ready, and from answer to upload.

And beside it stand the counts, as the real handlers write them.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from askbucket import log, wiring, wiring_answers, wiring_ingest
from askbucket.emf import EmbeddedMetrics
from askbucket.errors import OutOfTime, TryAgain
from askbucket.ingest.hints import KeyHint, hints_of, message_of
from askbucket.models import Document
from askbucket.prometheus import PrometheusMetrics
from askbucket.tracing import Untraced
from lambdas.ingest.handler import handler
from lambdas.query import handler as query_function
from tests.unit.counted import Counted
from tests.unit.ingest.files import image
from tests.unit.ingest.parts import ARTIFACTS, BUCKET, TABLE, World, clients, made_world
from tests.unit.lambdas.parts import Library
from tests.unit.lambdas.problems import problem
from tests.unit.test_metrics import read, samples

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
EVENTS = Path(__file__).parents[2] / "events"
KEY = "private/salary of jane.png"
STORY = "2d4eba74-fd51-3966-4bfa-b013c9da8ff1"  # the recorded event's
QUESTION = "How much is the monthly rent?"
Lines = list[dict[str, Any]]


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "r"
    function_name = "query"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def lines_of(capsys: pytest.CaptureFixture[str]) -> Lines:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line[:1] == "{"]


@pytest.fixture
def ingest(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The ingest function's world, with a scan in it, and a queue for its own hints."""
    with made_world() as world:
        sqs = clients()[2]
        queue = sqs.create_queue(QueueName="documents")["QueueUrl"]
        names = {"BUCKET": BUCKET, "ARTIFACTS_BUCKET": ARTIFACTS, "TABLE": TABLE}
        for name, value in {**names, "STORE": "qdrant+http://x", "QUEUE_URL": queue}.items():
            monkeypatch.setenv(f"ASKBUCKET_{name}", value)
        wiring.settings.cache_clear()
        monkeypatch.setattr(wiring, "client", lambda _: sqs)
        monkeypatch.setattr(wiring, "manifest", lambda: world.manifest)
        monkeypatch.setattr(wiring, "tracer", Untraced)
        monkeypatch.setattr(wiring, "metrics", lambda: world.metrics)
        monkeypatch.setattr(wiring_ingest, "sync", world.worker)
        world.put(KEY, image((40,)))
        yield world
        wiring.settings.cache_clear()


def delivered(body: str) -> list[str]:
    """What the queue is to deliver again."""
    record = {
        "messageId": "m",
        "receiptHandle": "r",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:documents",
    }
    reply = handler({"Records": [record]}, Context())
    return [each["itemIdentifier"] for each in reply["batchItemFailures"]]


def upload_event() -> str:
    event = json.loads((EVENTS / "eventbridge_created.json").read_text())
    event["detail"]["object"]["key"] = KEY
    return json.dumps(event)


def completion() -> str:
    return json.dumps({"JobTag": Document(BUCKET, KEY).id, "Status": "SUCCEEDED"})


def test_one_id_leads_from_the_event_through_ocr_to_ready(
    ingest: World, capsys: pytest.CaptureFixture[str]
) -> None:
    # when
    delivered(upload_event())
    ingest.textract.finish()
    delivered(completion())
    # then
    lines = lines_of(capsys)
    told = [(each["event"], each.get("step")) for each in lines]
    assert {each["correlation_id"] for each in lines} == {STORY}
    assert [event for event, _ in told if event != "document_step"] == [
        "hint_received",
        "document_synced",
        "hint_received",
        "document_synced",
    ]
    steps = [step for _, step in told if step]
    assert steps == ["read", "ocr started", "read", "ocr ended", "embedded", "ready"]
    entry = ingest.entry(KEY)
    ready = next(each for each in lines if each.get("step") == "ready")
    assert (ready["document"], ready["version"]) == (entry.document.id, entry.version)
    assert ready["generation"] == entry.active


def test_a_story_goes_on_in_the_hint_to_itself(
    ingest: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: Any) -> None:
        raise OutOfTime("read up to page 100 of 200", grew=True)

    monkeypatch.setattr(wiring_ingest, "sync", lambda: cut)
    assert delivered(upload_event()) == []
    queue = wiring.settings().queue_url
    [message] = clients()[2].receive_message(QueueUrl=queue)["Messages"]
    [hint] = hints_of(message["Body"])
    assert (hint, hint.correlation_id) == (KeyHint(BUCKET, KEY), STORY)


@pytest.mark.parametrize("story", ["two\nlines", "x" * 129, "", 'a"b', None])
def test_an_id_that_does_not_fit_is_replaced(story: str | None) -> None:
    with log.following(story) as taken:
        assert taken != story
        assert len(taken) == 32


@pytest.mark.parametrize(
    "body", ['{"look_at": {"bucket": "b", "key": "k"}}', message_of(KeyHint("b", "k"))]
)
def test_hints_from_before_there_were_ids_are_understood(body: str) -> None:
    [hint] = hints_of(body)
    assert (hint, hint.correlation_id) == (KeyHint("b", "k"), None)


@pytest.mark.parametrize("story", [7, None, ["a"], {"a": 1}])
def test_an_id_of_another_kind_is_left_out(story: Any) -> None:
    body = {"look_at": {"bucket": "b", "key": "k"}, "correlation_id": story}
    [hint] = hints_of(json.dumps(body))
    assert hint.correlation_id is None


def test_neither_key_nor_text_is_logged_above_debug(
    ingest: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError(f"a bug of others quotes the text of {KEY}")

    delivered(upload_event())
    ingest.textract.finish()
    delivered(completion())
    monkeypatch.setattr(wiring_ingest, "sync", lambda: broken)
    delivered(upload_event())
    said = capsys.readouterr().err
    assert "lighthouse" not in said  # of the scan
    assert "jane" not in said
    assert '"error": "ValueError", "at": "test_story.py:' in said


def test_a_fault_of_ours_keeps_its_words_but_no_key_of_an_address() -> None:
    fault = TryAgain('Could not connect to "https://b.s3.amazonaws.com/private/jane.png"')
    assert log.fault_of(fault) == {
        "error": "TryAgain",
        "reason": 'Could not connect to "https://b.s3.amazonaws.com"',
    }


@pytest.mark.parametrize(
    ("least", "written"),
    [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)],
)
def test_only_what_is_loud_enough_is_written(
    least: log.Level, written: int, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_from(least)
    try:
        log.event("a", level="debug")
        log.event("b")
        log.event("c", level="warning")
    finally:
        log.write_from("info")
    assert len(lines_of(capsys)) == written


def test_the_ingest_function_writes_its_counts_as_one_line(ingest: World) -> None:
    out = io.StringIO()
    ingest.metrics = EmbeddedMetrics("Askbucket", out)
    delivered(upload_event())
    assert out.getvalue() == ""
    ingest.textract.finish()
    delivered(completion())
    [line] = [json.loads(each) for each in out.getvalue().splitlines()]
    seconds = line["seconds_to_ready"]
    assert read([line]) == {
        ("pages_paid",): [1],
        ("dollars", "ocr"): [0.0015],
        ("embedding_tokens",): [ingest.embedder.tokens],
        ("documents", "ready"): [1],
        ("pages",): [1],
        ("chunks",): [1],
        ("seconds_to_ready",): [seconds],
    }
    assert Document(BUCKET, KEY).id not in out.getvalue()


# --- questions ----------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    made = Counted()
    monkeypatch.setattr(wiring, "metrics", lambda: made)
    wiring_answers.answering.cache_clear()
    yield made
    wiring_answers.answering.cache_clear()


def cited(library: Library) -> dict[str, Any]:
    """The lease, as the log names it."""
    [entry] = [each for each in library.manifest.every("documents") if "lease" in each.document.key]
    return {"document": entry.document.id, "generation": entry.active}


def test_an_answer_is_told_of_with_the_gateway_s_id_and_what_it_cites(
    library: Library,
    counted: Counted,
    capsys: pytest.CaptureFixture[str],
    setting: Callable[[str, str], None],
) -> None:
    setting("ASKBUCKET_AUTH", "iam")
    event = json.loads((EVENTS / "api_proxy_query.json").read_text())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        reply = json.loads(query_function.handler(event, Context())["body"])
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        query_function._adapter.cache_clear()
    [line] = [each for each in lines_of(capsys) if each["event"] == "question_answered"]
    assert line["correlation_id"] == event["requestContext"]["requestId"]
    assert line["trace_id"] == reply["trace_id"]
    assert line["documents"] == [cited(library)]
    assert "rent" not in json.dumps(line)
    assert counted.flushed == 1


def test_a_streamed_answer_is_told_of_with_its_request_s_id(
    api: TestClient, counted: Counted, capsys: pytest.CaptureFixture[str]
) -> None:
    with log.following("outer"):
        assert "event: answer" in api.post("/query/stream", json={"question": QUESTION}).text
    [line] = [each for each in lines_of(capsys) if each["event"] == "question_answered"]
    assert len(line["correlation_id"]) == 32
    assert counted.sums["questions answered"] == 1
    assert counted.flushed == 1


def test_questions_are_counted_by_how_they_end(api: TestClient, counted: Counted) -> None:
    answer = api.post("/query", json={"question": QUESTION}).json()
    api.post("/query", json={"question": "Who won the chess tournament in Oslo?"})
    api.post("/search", json={"query": QUESTION})
    assert counted.sums["questions answered"] == 1
    assert counted.sums["questions abstained"] == 1
    assert counted.sums["tokens in"] >= answer["usage"]["input_tokens"] > 0
    assert counted.sums["question_seconds retrieval"] > 0
    assert counted.sums["question_seconds generation"] > 0


@pytest.fixture
def scraped(setting: Callable[[str, str], None]) -> Iterator[None]:
    setting("ASKBUCKET_METRICS", "prometheus")
    parts = (wiring.metrics, wiring.prometheus, wiring_answers.answering)
    for part in parts:
        part.cache_clear()
    yield
    for part in parts:
        part.cache_clear()


@pytest.mark.usefixtures("scraped")
def test_a_scraper_on_this_machine_reads_counters_and_the_manifest(api: TestClient) -> None:
    api.post("/query", json={"question": QUESTION})
    reply = api.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(reply.content)
    assert found["askbucket_questions_total", "answered"] == 1
    assert found["askbucket_documents_now", "ready"] == 2
    assert isinstance(wiring.metrics(), PrometheusMetrics)


def test_without_prometheus_there_is_nothing_to_scrape(api: TestClient) -> None:
    assert "ASKBUCKET_METRICS" in problem(api.get("/metrics"), 404)["detail"]


@pytest.mark.usefixtures("scraped")
def test_in_lambda_there_is_nothing_to_scrape(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "query")
    problem(api.get("/metrics"), 404)


@pytest.mark.usefixtures("scraped", "library")
def test_nobody_else_scrapes() -> None:
    from lambdas.query.app import create_app

    stranger = TestClient(create_app(), client=("192.0.2.1", 50_000))
    problem(stranger.get("/metrics"), 403)
