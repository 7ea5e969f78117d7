"""Tables, forms and layout from the offline Textract endpoint, as boto3, textractor and our own
reader see them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import httpx
import pytest
from textractor.parsers import response_parser

from askbucket.ingest.ocr import DONE, RUNNING, Textract
from askbucket.models import Line
from local.ocr.rapid import RapidOcrEngine
from tests.contract.scanned_form import CLOSING, FIGURES, FORM, NAMES, TITLE, scanned
from tests.contract.test_textract_endpoint import (  # noqa: F401  (aws is a fixture)
    BUCKET,
    KnownWords,
    _channel,
    _client,
    _ended,
    _location,
    _next_message,
    _pdf,
    _put,
    _wait_until,
    assert_fits,
    aws,
    refused,
    served,
)

ALL = ["TABLES", "FORMS", "LAYOUT"]
Rows = tuple[tuple[str, ...], ...]


@pytest.fixture(scope="module")
def endpoint(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: F811
    """One endpoint that really reads."""
    with served(tmp_path_factory.mktemp("textract"), aws, RapidOcrEngine()) as url:
        yield url


@pytest.fixture
def textract(endpoint: str) -> Any:
    return _client("textract", endpoint)


def lines_read(textract: Any, aws: str, scan: bytes, features: tuple[str, ...]) -> tuple[Line, ...]:  # noqa: F811
    """Through our own reader, from the start of a job to its only page."""
    _put(aws, "scan.jpg", scan)
    channel, _ = _channel(aws, "analysis")
    reader = Textract(textract, channel["SNSTopicArn"], channel["RoleArn"])
    job = reader.start(
        BUCKET, "scan.jpg", content=str(hash(scan)), tag="t", attempt=0, features=features
    )
    _wait_until(lambda: reader.state(job, features).state != RUNNING, "the job ended")
    assert reader.state(job, features).state == DONE
    (page,) = reader.pages(job, features)
    return page.lines


@pytest.mark.parametrize(
    ("rows", "ruled", "skew"),
    [(FIGURES, True, 0.0), (NAMES, False, 0.0), (NAMES, True, 1.2), (FIGURES, False, -0.8)],
)
def test_every_cell_of_a_scanned_table_comes_back(
    aws: str,  # noqa: F811
    textract: Any,
    rows: Rows,
    ruled: bool,
    skew: float,
) -> None:
    scan = scanned(rows, ruled=ruled, skew_degrees=skew)
    lines = lines_read(textract, aws, scan, ("tables",))
    table = [line for line in lines if line.table]
    assert [line.text for line in table] == [" | ".join(row) for row in rows]
    assert [line.header for line in table] == [True] + [False] * (len(rows) - 1)


def test_a_page_of_all_features_reads_from_top_to_bottom(aws: str, textract: Any) -> None:  # noqa: F811
    scan = scanned(FIGURES, ruled=True)
    lines = lines_read(textract, aws, scan, ("forms", "layout", "tables"))
    assert [line.text for line in lines] == [
        TITLE,
        *(f"{key} {value}" for key, value in FORM),
        *(" | ".join(row) for row in FIGURES),
        CLOSING,
    ]
    assert [line.heading for line in lines] == [1] + [0] * (len(lines) - 1)
    assert all(line.box and line.confidence > 80 for line in lines)


def test_textractor_takes_the_replies(textract: Any) -> None:
    reply = textract.analyze_document(
        Document={"Bytes": scanned(FIGURES, ruled=True)}, FeatureTypes=ALL
    )
    document = response_parser.parse(reply)
    (table,) = document.tables
    cells = {(cell.row_index, cell.col_index): cell for cell in table.table_cells}
    assert {at: cell.text.strip() for at, cell in cells.items()} == {
        (row, column): text
        for row, texts in enumerate(FIGURES, 1)
        for column, text in enumerate(texts, 1)
    }
    assert [at for at, cell in cells.items() if cell.is_column_header] == [
        (1, column) for column in range(1, 5)
    ]
    pairs = {
        " ".join(word.text for word in pair.key): str(pair.value).strip()
        for pair in document.key_values
    }
    assert pairs == dict(FORM)
    kinds = [layout.layout_type for layout in document.pages[0].layouts]
    assert kinds == ["LAYOUT_TITLE", "LAYOUT_KEY_VALUE", "LAYOUT_TABLE", "LAYOUT_TEXT"]


def test_only_what_was_asked_for_is_sent(textract: Any) -> None:
    scan = scanned(FIGURES, ruled=True)
    sent = {
        feature: {
            block["BlockType"]
            for block in textract.analyze_document(
                Document={"Bytes": scan}, FeatureTypes=[feature]
            )["Blocks"]
        }
        - {"PAGE", "LINE", "WORD"}
        for feature in ("TABLES", "FORMS")
    }
    assert sent == {"TABLES": {"TABLE", "CELL"}, "FORMS": {"KEY_VALUE_SET"}}


def test_analysis_replies_fit_botocores_service_model(aws: str, endpoint: str) -> None:  # noqa: F811
    _put(aws, "shape.jpg", scanned(FIGURES, ruled=True))
    model = botocore.session.get_session().get_service_model("textract")

    def call(operation: str, **parameters: Any) -> Any:
        target = {"X-Amz-Target": f"Textract.{operation}"}
        reply = httpx.post(endpoint, headers=target, json=parameters, timeout=60).json()
        assert_fits(reply, model.operation_model(operation).output_shape, operation)
        return reply

    where = _location("shape.jpg")
    call("AnalyzeDocument", Document=where, FeatureTypes=ALL)
    job = call("StartDocumentAnalysis", DocumentLocation=where, FeatureTypes=ALL)["JobId"]
    _wait_until(
        lambda: call("GetDocumentAnalysis", JobId=job)["JobStatus"] == "SUCCEEDED", "the job ended"
    )


# ---------------------------------------------------------------- jobs, where reading is no matter


@pytest.fixture
def quick(aws: str, tmp_path: Path) -> Iterator[Any]:  # noqa: F811
    """A client of an endpoint that reads the same words from every page."""
    with served(tmp_path, aws, KnownWords()) as url:
        yield _client("textract", url)


def test_a_completion_names_the_operation_that_started_it(aws: str, quick: Any) -> None:  # noqa: F811
    channel, queue = _channel(aws, "analysed")
    _put(aws, "two.pdf", _pdf(2))
    job = quick.start_document_analysis(
        DocumentLocation=_location("two.pdf"), FeatureTypes=ALL, NotificationChannel=channel
    )["JobId"]
    message = _next_message(aws, queue)
    assert (message["JobId"], message["API"]) == (job, "StartDocumentAnalysis")


def test_a_job_of_one_kind_is_unknown_to_the_other(aws: str, quick: Any) -> None:  # noqa: F811
    _put(aws, "one.pdf", _pdf(1))
    where = _location("one.pdf")
    text = quick.start_document_text_detection(DocumentLocation=where)["JobId"]
    _ended(quick, text)
    with refused("InvalidJobIdException"):
        quick.get_document_analysis(JobId=text)
    more = quick.start_document_analysis(DocumentLocation=where, FeatureTypes=["TABLES"])["JobId"]
    with refused("InvalidJobIdException"):
        quick.get_document_text_detection(JobId=more)


def test_the_same_token_with_other_features_is_refused(aws: str, quick: Any) -> None:  # noqa: F811
    _put(aws, "one.pdf", _pdf(1))
    asked = {"DocumentLocation": _location("one.pdf"), "ClientRequestToken": "t"}
    quick.start_document_analysis(FeatureTypes=["TABLES"], **asked)
    with refused("IdempotentParameterMismatchException"):
        quick.start_document_analysis(FeatureTypes=["FORMS"], **asked)


@pytest.mark.parametrize("feature", ["QUERIES", "SIGNATURES"])
def test_features_that_are_not_there_are_refused_by_name(quick: Any, feature: str) -> None:
    with refused("InvalidParameterException") as caught:
        quick.analyze_document(Document={"Bytes": _pdf(1)}, FeatureTypes=["TABLES", feature])
    assert feature in str(caught.value)


def test_a_restart_goes_on_with_the_same_features(aws: str, tmp_path: Path) -> None:  # noqa: F811
    _put(aws, "one.pdf", _pdf(1))
    with served(tmp_path, aws, KnownWords()) as url:
        first = _client("textract", url)
        job = first.start_document_analysis(
            DocumentLocation=_location("one.pdf"), FeatureTypes=["LAYOUT"]
        )["JobId"]
        record = tmp_path / "jobs" / job / "job.json"
        _wait_until(
            lambda: json.loads(record.read_text())["status"] == "SUCCEEDED", "the job ended"
        )
    with served(tmp_path, aws, KnownWords()) as url:
        blocks = _client("textract", url).get_document_analysis(JobId=job)["Blocks"]
    assert [b["BlockType"] for b in blocks if b["BlockType"].startswith("LAYOUT")]
