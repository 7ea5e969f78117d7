"""The offline Textract endpoint as boto3, the Textract libraries and a completion queue see it.

S3, SNS and SQS are a real emulator (ministack) in its own process group. Where reading itself is
not the point, an engine that knows its words stands in for OCR; pages are really rendered always.
"""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import httpx
import pypdf
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas
from textractcaller.t_call import Textract_API, get_full_json
from textractor.parsers import response_parser

from local import threaded
from local.emulator import free_port
from local.ocr.page_text import Box, Engine, Line, OcrFailed, Word
from local.ocr.rapid import RapidOcrEngine
from local.textract.app import create_app
from local.textract.service import Limits

REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/textract-publishes"
BUCKET = "papers"
FIELDS_OF_COMPLETION = ["JobId", "Status", "API", "JobTag", "Timestamp", "DocumentLocation"]


# --------------------------------------------------------------------------------- the two ends


@dataclass
class KnownWords:
    """An engine that reads the same three lines from every picture; wide pictures defeat it."""

    name: str = "known-words"
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_go_on.set()

    def words(self, image: Image.Image) -> list[Line]:
        self.may_go_on.wait(30)
        if image.width > image.height:
            raise OcrFailed("too wide")
        return [_row(number) for number in range(3)]


def _row(number: int) -> Line:
    top = 0.1 + 0.2 * number
    words = [
        Word(text, Box(0.1 * i, top, 0.1 * i + 0.05, top + 0.1), 98.5)
        for i, text in enumerate(["known", "words"], 1)
    ]
    return Line(tuple(words))


def _client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator's endpoint, with a versioned bucket."""
    port = free_port()
    log = (tmp_path_factory.mktemp("ministack") / "log").open("wb")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("ministack")],
        env=os.environ
        | {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
        },
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_until(lambda: _answers(endpoint), "the emulator answers")
        s3 = _client("s3", endpoint)
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield endpoint
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def _answers(endpoint: str) -> bool:
    try:
        _client("s3", endpoint).list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True


def _wait_until(holds: Any, what: str, timeout_s: float = 20) -> Any:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if value := holds():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout_s} s: {what}")


def served(
    data: Path, aws: str, engine: Engine, limits: Limits | None = None
) -> AbstractContextManager[str]:
    """The endpoint's URL while it runs on `data`."""
    return threaded.served(create_app(data, aws_endpoint=aws, engine=engine, limits=limits))


@pytest.fixture(scope="module")
def endpoint(aws: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One endpoint with known words and low limits, shared by the tests that do not stop it."""
    limits = Limits(sync_bytes=200_000, async_pages=5)
    with served(tmp_path_factory.mktemp("textract"), aws, KnownWords(), limits) as url:
        yield url


@pytest.fixture
def textract(endpoint: str) -> Any:
    return _client("textract", endpoint)


# ----------------------------------------------------------------------------------- documents


def _pdf(pages: int, *, wide: tuple[int, ...] = ()) -> bytes:
    """A PDF whose text layer says something that no reply may contain."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(200, 300))
    for page in range(1, pages + 1):
        canvas.setPageSize((300, 200) if page in wide else (200, 300))
        canvas.drawString(20, 100, "hidden text layer")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(_pdf(1)))
    writer.encrypt(user_password="secret", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _picture(text: str, format: str = "PNG") -> bytes:
    paper = Image.new("RGB", (700, 200), "white")
    font = ImageFont.load_default(40)
    ImageDraw.Draw(paper).text((60, 60), text, fill="black", font=font)
    file = io.BytesIO()
    paper.save(file, format)
    return file.getvalue()


def _put(aws: str, key: str, body: bytes) -> str:
    """The version id of the new object."""
    reply = _client("s3", aws).put_object(Bucket=BUCKET, Key=key, Body=body)
    return str(reply["VersionId"])


def _location(key: str, **version: str) -> dict[str, Any]:
    return {"S3Object": {"Bucket": BUCKET, "Name": key, **version}}


def _start(textract: Any, key: str, **more: Any) -> str:
    reply = textract.start_document_text_detection(DocumentLocation=_location(key), **more)
    return str(reply["JobId"])


def _ended(textract: Any, job_id: str, **more: Any) -> dict[str, Any]:
    def reply() -> dict[str, Any] | None:
        got = textract.get_document_text_detection(JobId=job_id, **more)
        return got if got["JobStatus"] != "IN_PROGRESS" else None

    return dict(_wait_until(reply, f"job {job_id[:8]} ended"))


@contextmanager
def refused(code: str, status: int = 400) -> Iterator[pytest.ExceptionInfo[ClientError]]:
    with pytest.raises(ClientError) as caught:
        yield caught
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


# ------------------------------------------------------------------------------- one page at once


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_an_image_is_really_read(aws: str, tmp_path: Path, format: str) -> None:
    with served(tmp_path, aws, RapidOcrEngine()) as url:
        picture = _picture("Harbour Bridge 1987", format)
        reply = _client("textract", url).detect_document_text(Document={"Bytes": picture})
        counted = httpx.get(f"{url}/_askbucket/pages").json()
    page, line, *words = reply["Blocks"]
    assert (page["BlockType"], line["BlockType"]) == ("PAGE", "LINE")
    assert line["Text"] == "Harbour Bridge 1987"
    assert [word["Text"] for word in words] == ["Harbour", "Bridge", "1987"]
    assert line["Relationships"] == [{"Type": "CHILD", "Ids": [word["Id"] for word in words]}]
    assert page["Relationships"] == [{"Type": "CHILD", "Ids": [line["Id"]]}]
    assert reply["DocumentMetadata"] == {"Pages": 1}
    assert counted == {"pages": 1, "engine": "rapidocr"}


def test_a_pdf_is_rendered_and_its_text_layer_ignored(textract: Any) -> None:
    reply = textract.detect_document_text(Document={"Bytes": _pdf(1)})
    texts = {block.get("Text") for block in reply["Blocks"]}
    assert texts == {None, "known words", "known", "words"}


def test_detect_reads_s3_objects_too(aws: str, textract: Any) -> None:
    _put(aws, "one.pdf", _pdf(1))
    assert textract.detect_document_text(Document=_location("one.pdf"))["Blocks"]


def test_detect_takes_one_page_and_ten_megabytes(textract: Any) -> None:
    with refused("UnsupportedDocumentException"):
        textract.detect_document_text(Document={"Bytes": _pdf(2)})
    with refused("DocumentTooLargeException"):
        textract.detect_document_text(Document={"Bytes": _pdf(1) + b"\n" * 200_000})
    with refused("BadDocumentException"):
        textract.detect_document_text(Document={"Bytes": _locked_pdf()})
    with refused("InvalidParameterException"):
        textract.detect_document_text(Document={})


# ------------------------------------------------------------------------------------------- jobs


def test_small_pages_of_results_joined_equal_the_whole(aws: str, textract: Any) -> None:
    _put(aws, "three.pdf", _pdf(3))
    job_id = _start(textract, "three.pdf")
    whole = _ended(textract, job_id)
    assert [block["Page"] for block in whole["Blocks"]] == [1] * 10 + [2] * 10 + [3] * 10
    assert "NextToken" not in whole

    part = textract.get_document_text_detection(JobId=job_id, MaxResults=7)
    joined, sizes = part["Blocks"], [len(part["Blocks"])]
    while "NextToken" in part:
        part = textract.get_document_text_detection(
            JobId=job_id, MaxResults=7, NextToken=part["NextToken"]
        )
        joined += part["Blocks"]
        sizes.append(len(part["Blocks"]))
    assert sizes == [7, 7, 7, 7, 2]
    assert joined == whole["Blocks"]


def test_the_same_token_gives_the_same_job_and_is_paid_once(
    aws: str, textract: Any, endpoint: str
) -> None:
    _put(aws, "token.pdf", _pdf(2))
    first = _start(textract, "token.pdf", ClientRequestToken="t-1", JobTag="a")
    _ended(textract, first)
    paid = httpx.get(f"{endpoint}/_askbucket/pages").json()["pages"]
    assert _start(textract, "token.pdf", ClientRequestToken="t-1", JobTag="a") == first
    with refused("IdempotentParameterMismatchException"):
        _start(textract, "token.pdf", ClientRequestToken="t-1", JobTag="b")
    assert httpx.get(f"{endpoint}/_askbucket/pages").json()["pages"] == paid
    assert _start(textract, "token.pdf") != first


def test_a_named_version_is_read_and_not_the_newest(aws: str, textract: Any) -> None:
    old = _put(aws, "versions.pdf", _pdf(1))
    _put(aws, "versions.pdf", _pdf(2))
    pinned = textract.start_document_text_detection(
        DocumentLocation=_location("versions.pdf", Version=old)
    )["JobId"]
    assert _ended(textract, pinned)["DocumentMetadata"] == {"Pages": 1}
    newest = _start(textract, "versions.pdf")
    assert _ended(textract, newest)["DocumentMetadata"] == {"Pages": 2}


def test_pages_that_cannot_be_read_make_a_partial_success(aws: str, textract: Any) -> None:
    _put(aws, "partly.pdf", _pdf(4, wide=(2, 4)))
    reply = _ended(textract, _start(textract, "partly.pdf"))
    assert reply["JobStatus"] == "PARTIAL_SUCCESS"
    assert reply["Warnings"] == [{"ErrorCode": "UNREADABLE_PAGE", "Pages": [2, 4]}]
    assert reply["DocumentMetadata"] == {"Pages": 4}
    assert {block["Page"] for block in reply["Blocks"]} == {1, 3}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (_locked_pdf(), "The PDF is protected by a password"),
        (b"%PDF-1.7\nnot much of one", "The PDF cannot be opened"),
        (_pdf(6), "The document has 6 pages, the limit is 5"),
        (_pdf(1, wide=(1,)), "None of the 1 pages could be read: too wide"),
        (_picture("cut short")[:100], "None of the 1 pages could be read: Page 1 cannot"),
    ],
    ids=["password", "broken", "too many pages", "all pages fail", "half a picture"],
)
def test_documents_that_cannot_be_read_fail_with_a_reason(
    aws: str, textract: Any, body: bytes, reason: str
) -> None:
    _put(aws, "hopeless", body)
    reply = _ended(textract, _start(textract, "hopeless"))
    assert reply["JobStatus"] == "FAILED"
    assert reply["StatusMessage"].startswith(reason)
    assert "Blocks" not in reply


def test_start_refuses_what_it_can_see_at_once(aws: str, textract: Any) -> None:
    _put(aws, "words.docx", b"PK\x03\x04 not a picture")
    with refused("UnsupportedDocumentException"):
        _start(textract, "words.docx")
    with refused("InvalidS3ObjectException"):
        _start(textract, "missing.pdf")
    with refused("InvalidS3ObjectException"):
        textract.start_document_text_detection(
            DocumentLocation={"S3Object": {"Bucket": "no-such-bucket", "Name": "a.pdf"}}
        )
    with refused("InvalidParameterException"):
        _start(textract, "words.docx", JobTag="spaces are not allowed")


def test_get_refuses_unknown_jobs_and_tokens(aws: str, textract: Any) -> None:
    with refused("InvalidJobIdException"):
        textract.get_document_text_detection(JobId="f" * 64)
    _put(aws, "two.pdf", _pdf(2))
    job_id = _start(textract, "two.pdf")
    _ended(textract, job_id)
    with refused("InvalidParameterException"):
        textract.get_document_text_detection(JobId=job_id, NextToken="made up")


def test_operations_that_are_missing_say_so(endpoint: str) -> None:
    reply = httpx.post(endpoint, headers={"X-Amz-Target": "Textract.AnalyzeExpense"}, json={})
    assert reply.status_code == 400
    assert reply.json()["__type"] == "UnknownOperationException"
    assert "StartDocumentTextDetection" in reply.json()["Message"]


# ------------------------------------------------------------------------------------ completions


def _channel(aws: str, name: str) -> tuple[dict[str, str], str]:
    """A notification channel, and the URL of the queue that hears it (raw messages)."""
    topic = _client("sns", aws).create_topic(Name=name)["TopicArn"]
    sqs = _client("sqs", aws)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    _client("sns", aws).subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    return {"SNSTopicArn": topic, "RoleArn": ROLE}, queue


def _next_message(aws: str, queue: str) -> dict[str, Any]:
    sqs = _client("sqs", aws)

    def messages() -> Any:
        return sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages")

    (message,) = _wait_until(messages, "a message")
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return dict(json.loads(message["Body"]))


def test_completion_is_published_as_textract_does(aws: str, textract: Any) -> None:
    channel, queue = _channel(aws, "completions")
    key = "a folder/ü + 100%.pdf"
    _put(aws, key, _pdf(1))
    before = time.time_ns() // 1_000_000
    job_id = _start(textract, key, JobTag="tag-1", NotificationChannel=channel)
    message = _next_message(aws, queue)
    assert list(message) == FIELDS_OF_COMPLETION
    assert before <= message.pop("Timestamp") <= time.time_ns() // 1_000_000
    assert message == {
        "JobId": job_id,
        "Status": "SUCCEEDED",
        "API": "StartDocumentTextDetection",
        "JobTag": "tag-1",
        "DocumentLocation": {"S3ObjectName": key, "S3Bucket": BUCKET},
    }
    _put(aws, "locked.pdf", _locked_pdf())
    _start(textract, "locked.pdf", NotificationChannel=channel)
    failed = _next_message(aws, queue)
    assert failed["Status"] == "FAILED"
    assert "JobTag" not in failed


# -------------------------------------------------------------------------------------- restarts


def test_a_restart_keeps_finished_jobs_and_ends_the_others(aws: str, tmp_path: Path) -> None:
    channel, queue = _channel(aws, "restarts")
    _put(aws, "restart.pdf", _pdf(2))
    engine = KnownWords()
    with served(tmp_path, aws, engine) as url:
        textract = _client("textract", url)
        done = _start(textract, "restart.pdf", ClientRequestToken="restart")
        blocks = _ended(textract, done)["Blocks"]
    # A job that only a kill can leave behind: its record and document, and one of two pages.
    begun = _begun_job(tmp_path, done, channel["SNSTopicArn"])
    (tmp_path / "jobs" / "half-made" / "pages").mkdir(parents=True)

    with served(tmp_path, aws, engine) as url:
        textract = _client("textract", url)
        assert _start(textract, "restart.pdf", ClientRequestToken="restart") == done
        assert textract.get_document_text_detection(JobId=done)["Blocks"] == blocks
        assert _ended(textract, begun)["DocumentMetadata"] == {"Pages": 2}
        assert _next_message(aws, queue)["JobId"] == begun
        assert httpx.get(f"{url}/_askbucket/pages").json()["pages"] == 3
    assert not (tmp_path / "jobs" / "half-made").exists()


def _begun_job(data: Path, done: str, topic: str) -> str:
    """The finished job copied as one that was cut off after its first page."""
    job_id = "b" * 64
    folder = data / "jobs" / job_id
    (folder / "pages").mkdir(parents=True)
    first_page = (data / "jobs" / done / "pages" / "1.json").read_text()
    (folder / "pages" / "1.json").write_text(first_page)
    (folder / "document").write_bytes(_pdf(2))
    record = json.loads((data / "jobs" / done / "job.json").read_text())
    record |= {"job_id": job_id, "status": "IN_PROGRESS", "topic": topic, "token": None}
    record |= {"finished_ms": None, "announced": False}
    (folder / "job.json").write_text(json.dumps(record))
    return job_id


def test_a_completion_waits_for_its_topic(aws: str, tmp_path: Path) -> None:
    """Published late rather than never: the topic's endpoint may come up after us."""
    channel, queue = _channel(aws, "late")
    _client("sns", aws).delete_topic(TopicArn=channel["SNSTopicArn"])
    _put(aws, "late.pdf", _pdf(1))
    with served(tmp_path, aws, KnownWords()) as url:
        textract = _client("textract", url)
        job_id = _start(textract, "late.pdf", NotificationChannel=channel)
        _ended(textract, job_id)
    _client("sqs", aws).delete_queue(QueueUrl=queue)
    _, queue = _channel(aws, "late")
    with served(tmp_path, aws, KnownWords()):
        assert _next_message(aws, queue)["JobId"] == job_id


def test_a_long_document_does_not_hold_up_a_short_one(aws: str, tmp_path: Path) -> None:
    engine = KnownWords()
    engine.may_go_on.clear()
    _put(aws, "long.pdf", _pdf(200))
    _put(aws, "short.pdf", _pdf(1))
    with served(tmp_path, aws, engine) as url:
        textract = _client("textract", url)
        long = _start(textract, "long.pdf")
        short = _start(textract, "short.pdf")
        running = textract.get_document_text_detection(JobId=short)
        assert running["JobStatus"] == "IN_PROGRESS"
        assert "Blocks" not in running
        engine.may_go_on.set()
        _ended(textract, short)
        assert textract.get_document_text_detection(JobId=long)["JobStatus"] == "IN_PROGRESS"


# --------------------------------------------------------------------------------- shapes, parsers


def test_every_reply_fits_botocores_service_model(aws: str, endpoint: str) -> None:
    _put(aws, "shape.pdf", _pdf(3, wide=(3,)))
    _put(aws, "shape-locked.pdf", _locked_pdf())
    model = botocore.session.get_session().get_service_model("textract")

    def call(operation: str, **parameters: Any) -> Any:
        reply = httpx.post(
            endpoint, headers={"X-Amz-Target": f"Textract.{operation}"}, json=parameters
        )
        assert reply.headers["content-type"] == "application/x-amz-json-1.1"
        assert_fits(reply.json(), model.operation_model(operation).output_shape, operation)
        return reply.json()

    def status(job_id: str) -> str:
        return str(call("GetDocumentTextDetection", JobId=job_id, MaxResults=4)["JobStatus"])

    for key, outcome in (("shape.pdf", "PARTIAL_SUCCESS"), ("shape-locked.pdf", "FAILED")):
        job_id = call("StartDocumentTextDetection", DocumentLocation=_location(key))["JobId"]
        while status(job_id) == "IN_PROGRESS":
            time.sleep(0.05)
        assert status(job_id) == outcome
    _put(aws, "shape-1.pdf", _pdf(1))
    call("DetectDocumentText", Document=_location("shape-1.pdf"))


def assert_fits(value: Any, shape: Any, path: str) -> None:
    """No unknown field, every type right, enumerations kept, at every depth."""
    kinds = {"structure": dict, "list": list, "string": str, "integer": int, "float": (int, float)}
    assert isinstance(value, kinds[shape.type_name]), path
    if shape.type_name == "structure":
        assert set(value) <= set(shape.members), path
        assert set(shape.required_members) <= set(value), path
        for name, member in value.items():
            assert_fits(member, shape.members[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for index, member in enumerate(value):
            assert_fits(member, shape.member, f"{path}[{index}]")
    elif getattr(shape, "enum", None):
        assert value in shape.enum, path
    elif shape.type_name == "float" and shape.name == "Percent":
        assert 0 <= value <= 100, path


def test_the_textract_libraries_take_the_replies(aws: str, textract: Any) -> None:
    _put(aws, "libraries.pdf", _pdf(2))
    job_id = _start(textract, "libraries.pdf")
    _ended(textract, job_id)
    whole = get_full_json(job_id, Textract_API.DETECT, textract)
    document = response_parser.parse(whole)
    assert [len(page.lines) for page in document.pages] == [3, 3]
    assert document.pages[1].lines[0].text == "known words"
    assert document.pages[1].lines[0].bbox.y == pytest.approx(0.1)
