"""What was paid for, or refused, is remembered; what failed for good gets a true second chance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import MockRawResponse

from askbucket.models import Status
from tests.faults.stack import Stack
from tests.faults.wire import Kind, Plan, Reach
from tests.unit.ingest.files import image, pdf
from tests.unit.ingest.parts import lines
from tests.unit.ingest.scripted_textract import text_of_shade


def test_bytes_that_ocr_failed_three_times_get_new_jobs_when_they_come_again(stack: Stack) -> None:
    """A used client token is answered with its failed job for as long as Textract remembers it."""
    # given
    stack.upload("scan.png", image((40,)))
    stack.deliver()
    while completions := stack.textract.end("FAILED"):
        for body in completions:
            stack.queue.send(body)
        stack.deliver()
    assert stack.world.entry("scan.png").status is Status.FAILED
    assert len(stack.textract.jobs) == 3
    # when
    stack.upload("scan.png", image((40,)))
    stack.run()
    # then
    assert stack.world.visible("scan.png") == (text_of_shade(40),)
    assert len(stack.textract.jobs) == 4


@pytest.mark.parametrize("operation", ["StartDocumentAnalysis", "GetDocumentAnalysis"])
def test_a_scan_read_for_its_features_is_paid_once_whatever_breaks(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    from askbucket import wiring

    # given
    monkeypatch.setenv("ASKBUCKET_OCR_FEATURES", "invoices/=tables,forms")
    wiring.settings.cache_clear()
    stack.wire.start(Plan(f"textract.{operation}", 1, Kind.LOST, Reach.CALL))
    # when
    stack.upload("invoices/scan.pdf", pdf([40, 80]))
    stack.upload("scan.png", image((60,)))
    stack.run()
    # then
    assert stack.wire.met
    assert stack.world.visible("invoices/scan.pdf") == (text_of_shade(40), text_of_shade(80))
    assert stack.world.visible("scan.png") == (text_of_shade(60),)
    assert sorted(job.features for job in stack.textract.jobs.values()) == [(), ("FORMS", "TABLES")]
    assert stack.textract.billed == 3
    # and nothing is left to repair
    stack.repair()
    assert stack.textract.billed == 3


def test_a_text_too_long_for_the_model_is_asked_for_once(stack: Stack) -> None:
    # given
    stack.bedrock.longest = 60
    stack.upload("log.txt", lines(3))
    stack.run()
    assert set(stack.bedrock.refused.values()) == {1}
    # when: indexed anew from what was kept
    stack.upload("log.txt", lines(3), {"team": "legal"})
    stack.run()
    # then
    assert set(stack.bedrock.refused.values()) == {1}
    assert set(stack.bedrock.embedded.values()) == {1}
    assert stack.world.entry("log.txt").status is Status.READY


@pytest.mark.parametrize("parallel", [1, 4])
def test_a_fault_amid_many_texts_keeps_the_others(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, parallel: int
) -> None:
    from askbucket import wiring

    monkeypatch.setenv("ASKBUCKET_EMBED_PARALLEL", str(parallel))
    wiring.settings.cache_clear()
    stack.wire.start(Plan("bedrock-runtime.InvokeModel", 7, Kind.RESET, Reach.CALL))
    stack.upload("log.txt", lines(12))
    stack.run()
    assert stack.wire.met
    assert stack.world.entry("log.txt").chunks == 12
    assert set(stack.bedrock.embedded.values()) == {1}


def test_artifacts_that_s3_did_not_delete_are_deleted_later(stack: Stack) -> None:
    """DeleteObjects answers 200 even where single keys failed."""
    # given
    stack.upload("log.txt", lines(2))
    stack.run()
    stack.remove("log.txt")
    # when
    with refusing_deletes(stack) as refused:
        stack.deliver_once()
        assert refused
    assert stack.artifacts("log.txt")
    stack.run()
    # then
    assert stack.artifacts("log.txt") == []
    assert stack.queue.dead == []


@contextmanager
def refusing_deletes(stack: Stack) -> Iterator[list[str]]:
    """S3 answers DeleteObjects with an error for a key, and deletes nothing."""
    refused: list[str] = []
    s3 = stack.wire.backends["s3"]

    def refuse(operation: str, request: AWSPreparedRequest) -> AWSResponse:
        if operation != "DeleteObjects":
            return s3(operation, request)
        refused.append(operation)
        error = "<Error><Key>k</Key><Code>InternalError</Code><Message>again</Message></Error>"
        raw: Any = MockRawResponse(f"<DeleteResult>{error}</DeleteResult>")
        return AWSResponse(request.url, 200, {}, raw)

    stack.wire.backends["s3"] = refuse
    yield refused
    stack.wire.backends["s3"] = s3


def test_a_store_that_asks_for_patience_is_a_passing_fault(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.wire.start(Plan("qdrant.POST points/count", 1, Kind.THROTTLED, Reach.CALL))
    stack.upload("log.txt", lines(2))
    stack.run()
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert any("TryAgain" in event.get("error", "") for event in events)
    assert stack.world.visible("log.txt") == tuple(lines(2).split("\n"))
