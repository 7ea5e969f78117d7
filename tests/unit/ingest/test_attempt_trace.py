"""One trace for every attempt at a document, found from each point that the attempt wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from langfuse import Langfuse

from askbucket.errors import TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.models import Document
from askbucket.tracing import ingest_trace_id
from tests.unit.caught_spans import Caught
from tests.unit.ingest.files import pdf
from tests.unit.ingest.parts import BUCKET, World, lines

KEY = "a/secret name.txt"
ID = Document(BUCKET, KEY).id


@pytest.fixture
def caught(world: World) -> Iterator[Caught]:
    caught = Caught(masked=True)
    world.tracer = caught.tracer
    yield caught
    caught.close()


def output(span: Any) -> Any:
    return json.loads(span.attributes["langfuse.observation.output"])


def about(span: Any, name: str) -> Any:
    return json.loads(span.attributes[f"langfuse.observation.metadata.{name}"])


def trace_id(span: Any) -> str:
    return format(span.context.trace_id, "032x")


def test_the_trace_of_an_attempt_is_found_from_every_point_it_wrote(
    world: World, caught: Caught
) -> None:
    # given
    version = world.put(KEY, lines(3))
    # when
    world.sync(KEY)
    # then
    spans = caught.spans()
    root = spans["document"]
    assert set(spans) == {"document", "read", "embed", "store", "commit"}
    assert root.parent is None
    assert {span.parent.span_id for span in spans.values() if span is not root} == {
        root.context.span_id
    }
    found = {ingest_trace_id(p["document_id"], p["generation"]) for p in world.payloads(KEY)}
    assert found == {trace_id(span) for span in spans.values()}
    assert root.attributes["session.id"] == ID
    assert root.attributes["langfuse.trace.tags"] == ("ingest",)
    assert (about(root, "document_id"), about(root, "generation")) == (
        ID,
        world.entry(KEY).generation,
    )
    chunks = world.entry(KEY).chunks
    assert output(root) == {
        "outcome": "committed",
        "version": version,
        "status": "ready",
        "pages": 0,
        "ocr_pages": 0,
        "chunks": chunks,
        "embedded": chunks,
    }
    assert output(spans["store"]) == {"points": chunks}
    assert spans["embed"].attributes["langfuse.observation.model.name"]


def test_a_masked_trace_holds_neither_the_key_nor_a_line_of_the_document(
    world: World, caught: Caught
) -> None:
    world.put(KEY, b"The pass phrase is swordfish.")
    world.sync(KEY)

    everything = "".join(str(dict(span.attributes)) for span in caught.spans().values())
    assert "secret name" not in everything
    assert "swordfish" not in everything


def test_a_scan_s_wait_and_its_reading_are_two_traces_of_one_session(
    world: World, caught: Caught
) -> None:
    world.put("scan.pdf", pdf([10, 20]))
    parked = world.sync("scan.pdf")
    first = caught.spans()
    caught.forget()
    world.textract.finish()
    world.sync("scan.pdf")

    second = caught.spans()
    assert parked is Outcome.PARKED
    assert set(first) == {"document", "read", "ocr"}
    assert output(first["ocr"]) == {"outcome": "parked"}
    assert set(second) == {"document", "read", "ocr", "embed", "store", "commit"}
    assert trace_id(first["document"]) != trace_id(second["document"])
    sessions = {spans["document"].attributes["session.id"] for spans in (first, second)}
    assert sessions == {Document(BUCKET, "scan.pdf").id}


def test_a_hint_without_work_is_no_trace(world: World, caught: Caught) -> None:
    world.put(KEY, lines(3))
    world.sync(KEY)
    caught.forget()

    assert world.sync(KEY) is Outcome.SETTLED
    assert caught.spans() == {}


def test_a_fault_marks_the_trace_without_its_words(world: World, caught: Caught) -> None:
    world.put(KEY, lines(3))

    def busy(name: str) -> None:
        if name == "store.upsert":
            raise TryAgain("the store is busy with swordfish")

    with pytest.raises(TryAgain):
        world.worker(busy)(KEY, world.deadline())

    spans = caught.spans()
    failed = {name for name, span in spans.items() if not span.status.is_ok}
    assert failed == {"document", "store"}
    assert not spans["store"].events
    assert spans["store"].status.description.startswith("TryAgain: [32 characters, ")


def test_a_manifest_that_cannot_be_read_for_the_trace_fails_no_attempt(
    world: World, caught: Caught, capsys: pytest.CaptureFixture[str]
) -> None:
    # given: how often an attempt reads the manifest, the last time for its trace
    reads: list[str] = []

    def count(name: str) -> None:
        reads.extend([name] if name == "manifest.get_item" else [])

    def busy_at_the_last(name: str) -> None:
        count(name)
        if len(reads) == usual and name == "manifest.get_item":
            raise TryAgain("too many reads")

    world.put("first.txt", lines(3))
    world.worker(count)("first.txt", world.deadline())
    usual = len(reads)
    reads.clear()
    # when
    world.put(KEY, lines(3))
    outcome = world.worker(busy_at_the_last)(KEY, world.deadline())
    # then
    assert (outcome, len(reads)) == (Outcome.COMMITTED, usual)
    assert "tracing_failed" in capsys.readouterr().err


def test_the_id_is_the_one_langfuse_makes_of_the_same_seed() -> None:
    assert ingest_trace_id(ID, 7) == Langfuse.create_trace_id(seed=f"{ID}:7")
