"""Textract without waiting: jobs are started, told of by SNS, and read page by page.

A job that looks for features beside text is another kind of job, asked for by other calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from textractcaller import NotificationChannel, Textract_Features, call_textract

from askbucket.errors import TryAgain, UnreadableDocument
from askbucket.ingest.analysis import analysed_page
from askbucket.ingest.bookmark import Bookmark
from askbucket.ingest.features import Features
from askbucket.models import Box, Line, Page

FILE_FAULTS = {
    "BadDocumentException": "the file is damaged",
    "UnsupportedDocumentException": "the file is of a kind that OCR does not take",
    "DocumentTooLargeException": "the file is too large for OCR (500 MB, 3,000 pages)",
}
GONE = {"InvalidJobIdException", "InvalidParameterException"}
BLOCKS_PER_CALL = 1000  # Textract's most for one Get call
RUNNING, DONE, FAILED = "running", "done", "failed"


@dataclass(frozen=True, slots=True)
class OcrState:
    """How a job stands: RUNNING, DONE (`partial` where some pages were lost) or FAILED."""

    state: str
    message: str = ""
    partial: bool = False


class Textract:
    """StartDocumentTextDetection or, with features, StartDocumentAnalysis, and their results."""

    def __init__(self, client: Any, topic_arn: str, role_arn: str) -> None:
        self._client = client
        self._channel = NotificationChannel(role_arn=role_arn, sns_topic_arn=topic_arn)
        self._topic_arn = topic_arn

    def start(
        self,
        bucket: str,
        key: str,
        *,
        content: str,
        tag: str,
        attempt: int,
        features: Features = (),
    ) -> str:
        """The job id. The same content, features and attempt start one job, however often they are
        asked for.

        Raises UnreadableDocument where Textract refuses the file, TryAgain where it is busy.
        """
        token = f"{content}\0{key}\0{','.join(features)}\0{self._topic_arn}\0{attempt}"
        try:
            reply = call_textract(
                f"s3://{bucket}/{key}",
                features=[Textract_Features[kind.upper()] for kind in features],
                notification_channel=self._channel,
                client_request_token=hashlib.sha256(token.encode()).hexdigest(),
                job_tag=tag,
                return_job_id=True,
                force_async_api=True,
                boto3_textract_client=self._client,
            )
        except ClientError as error:
            raise self._fault(error) from error
        except BotoCoreError as error:
            raise TryAgain(f"OCR cannot be reached: {error}") from error
        return str(reply["JobId"])

    def state(self, job_id: str, features: Features = ()) -> OcrState:
        """A job that Textract no longer knows has failed: results are kept for seven days."""
        try:
            reply = self._get(job_id, features, MaxResults=1)
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return OcrState(FAILED, "OCR no longer knows the job")
            raise self._fault(error) from error
        match reply["JobStatus"]:
            case "SUCCEEDED":
                return OcrState(DONE)
            case "PARTIAL_SUCCESS":
                return OcrState(DONE, reply.get("StatusMessage", ""), partial=True)
            case "FAILED":
                return OcrState(FAILED, reply.get("StatusMessage", "OCR failed"))
        return OcrState(RUNNING)

    def pages(
        self, job_id: str, features: Features = (), bookmark: Bookmark | None = None
    ) -> Iterator[Page]:
        """The pages of a finished job as Textract counts them, one in memory at a time.

        They begin after the bookmark, which is moved on with every page.
        """
        parsed = analysed_page if features else _page
        bookmark = bookmark or Bookmark()
        read, number = bookmark.page, bookmark.page
        blocks: list[dict[str, Any]] = []
        for block, token in self._blocks(job_id, features, bookmark.token):
            page = int(block.get("Page", 1))
            if page <= read:
                continue
            if page != number and blocks:
                bookmark.page, bookmark.token = number, token
                yield parsed(number, blocks)
                blocks = []
            number = page
            blocks.append(block)
        if blocks:
            bookmark.page = number
            yield parsed(number, blocks)

    def _blocks(
        self, job_id: str, features: Features, start: str | None
    ) -> Iterator[tuple[dict[str, Any], str | None]]:
        """Every block from the reply to a token on, each with the token its reply was got by.

        A token to start from that Textract knows no more leads back to the first reply.
        """
        token = start
        while True:
            where = {"NextToken": token} if token else {}
            try:
                reply = self._get(job_id, features, MaxResults=BLOCKS_PER_CALL, **where)
            except ClientError as error:
                if token and token == start and error.response["Error"]["Code"] in GONE:
                    token = start = None
                    continue
                raise self._fault(error) from error
            yield from ((block, token) for block in reply["Blocks"])
            if "NextToken" not in reply:
                return
            token = reply["NextToken"]

    def _get(self, job_id: str, features: Features, **request: Any) -> dict[str, Any]:
        client = self._client
        ask = client.get_document_analysis if features else client.get_document_text_detection
        try:
            reply: dict[str, Any] = ask(JobId=job_id, **request)
        except BotoCoreError as error:
            raise TryAgain(f"OCR cannot be reached: {error}") from error
        return reply

    @staticmethod
    def _fault(error: ClientError) -> Exception:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code in FILE_FAULTS:
            return UnreadableDocument(f"{FILE_FAULTS[code]}: {message}")
        return TryAgain(f"OCR is busy ({code}): {message}")


def _page(number: int, blocks: list[dict[str, Any]]) -> Page:
    """textractor's parser on one page: whole documents cost it gigabytes.

    It sorts lines by height alone, which turns the cells of a row about on a page that is askew;
    Textract's own order is kept.
    """
    from textractor.parsers import response_parser  # half a second of import, only for OCR

    on_one_page = [{**block, "Page": 1} for block in blocks]
    parsed = response_parser.parse({"Blocks": on_one_page, "DocumentMetadata": {"Pages": 1}})
    found = {line.id: _line(line) for page in parsed.pages for line in page.lines}
    lines = [found[block["Id"]] for block in blocks if block["Id"] in found]
    return Page(number, tuple(line for line in lines if line.text.strip()), "ocr")


def _line(line: Any) -> Line:
    """textractor's confidence is a fraction; its boxes may reach past the page by rounding."""
    left, top = max(0.0, line.bbox.x), max(0.0, line.bbox.y)
    box = Box(left, top, min(line.bbox.width, 1 - left), min(line.bbox.height, 1 - top))
    return Line(" ".join(line.text.split()), box, 100 * float(line.confidence))
