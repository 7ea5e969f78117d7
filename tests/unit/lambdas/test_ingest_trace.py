"""One trace for every look at a document, told by its id, and none of its text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from askbucket.errors import TryAgain
from askbucket.ingest.attempt import Outcome
from askbucket.langfuse_tracer import LangfuseTracer
from askbucket.masking import NoMask
from askbucket.models import Document
from askbucket.trace_ids import TraceIds
from askbucket.tracing import Untraced
from lambdas.ingest.handler import handler
from tests.unit.caught_spans import Caught
from tests.unit.lambdas.parts import BUCKET, Library, committed

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

KEY = "a/secret name.pdf"
ID = Document(BUCKET, KEY).id
Wired = Callable[[str, Any], None]


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture
def caught(wired: Wired) -> Iterator[Caught]:
    caught = Caught()
    wired("tracer", caught.tracer)
    yield caught
    caught.close()


def delivered(receives: int = 1) -> dict[str, Any]:
    record = {
        "messageId": "m-1",
        "receiptHandle": "r",
        "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:documents",
        "body": json.dumps({"look_at": {"bucket": BUCKET, "key": KEY}}),
        "attributes": {"ApproximateReceiveCount": str(receives)},
    }
    return handler({"Records": [record]}, Context())


class Synced:
    """A sync that commits the document, or fails."""

    def __init__(self, library: Library, error: Exception | None = None) -> None:
        self._library = library
        self._error = error

    def __call__(self, key: str, _deadline: Any) -> Outcome:
        if self._error:
            raise self._error
        committed(self._library.manifest, key, version="v9", pages=3, chunks=12, ocr_pages=1)
        return Outcome.COMMITTED

    def give_up(self, key: str, reason: str) -> None:
        """Nothing to leave."""


def test_a_document_s_trace_tells_its_id_version_and_outcome_and_not_its_name(
    library: Library, wired: Wired, caught: Caught
) -> None:
    wired("sync", Synced(library))

    assert delivered() == {"batchItemFailures": []}

    (span,) = caught.spans().values()
    assert span.name == "document"
    assert span.parent is None
    assert span.attributes["session.id"] == ID
    assert json.loads(span.attributes["langfuse.observation.metadata.document_id"]) == ID
    assert json.loads(span.attributes["langfuse.observation.output"]) == {
        "outcome": "committed",
        "version": "v9",
        "status": "ready",
        "pages": 3,
        "ocr_pages": 1,
        "chunks": 12,
        "embedded": 0,
    }
    assert "secret name" not in str(dict(span.attributes))


def test_a_fault_marks_the_trace_and_still_goes_to_the_queue(
    library: Library, wired: Wired, caught: Caught
) -> None:
    wired("sync", Synced(library, TryAgain("the store is busy")))

    assert delivered(receives=5) == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}

    (span,) = caught.spans().values()
    assert not span.status.is_ok


def test_a_broken_tracer_leaves_the_verdict_as_it_is(library: Library, wired: Wired) -> None:
    class Broken:
        def start_as_current_observation(self, **_: Any) -> None:
            raise RuntimeError("tracing is broken")

        def flush(self) -> None:
            raise RuntimeError("tracing is broken")

    wired("sync", Synced(library))
    wired("tracer", LangfuseTracer(Broken(), TraceIds("s"), NoMask()))

    assert delivered() == {"batchItemFailures": []}


def test_without_tracing_the_manifest_is_not_read_for_it(library: Library, wired: Wired) -> None:
    class Unreadable:
        def get(self, _id: str) -> None:
            raise AssertionError("read for a trace that nobody sees")

    wired("sync", Synced(library))
    wired("tracer", Untraced())
    wired("manifest", Unreadable())

    assert delivered() == {"batchItemFailures": []}
