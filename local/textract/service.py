"""The operations: one page at once, and jobs over whole documents, for text or for features too."""

import base64
import binascii
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.ocr.page_text import OcrFailed
from local.textract import jobs
from local.textract.analysis import FEATURES
from local.textract.blocks import Block
from local.textract.document import Document
from local.textract.emulated_aws import EmulatedAws
from local.textract.errors import (
    BadDocument,
    DocumentTooLarge,
    IdempotentParameterMismatch,
    InvalidJobId,
    InvalidParameter,
    UnsupportedDocument,
)
from local.textract.jobs import Job, JobFiles
from local.textract.runner import JobRunner

DETECTION = {"DetectDocumentTextModelVersion": "1.0"}
ANALYSIS = {"AnalyzeDocumentModelVersion": "1.0"}
UNAVAILABLE = ("OutputConfig", "KMSKeyId", "QueriesConfig", "AdaptersConfig", "HumanLoopConfig")
MAX_RESULTS = 1_000
"""Blocks per reply; larger wishes are cut down to it, as the service does."""
MB = 1 << 20

Reply = dict[str, Any]
Operation = Callable[[dict[str, Any]], Reply]


@dataclass(frozen=True)
class Limits:
    """Textract's hard limits, in bytes and pages; tests lower them."""

    sync_bytes: int = 10 * MB
    image_bytes: int = 10 * MB
    async_bytes: int = 500 * MB
    async_pages: int = 3_000


class TextractService:
    """Parameters arrive checked against the service model, so required ones are there."""

    def __init__(self, files: JobFiles, runner: JobRunner, aws: EmulatedAws, limits: Limits):
        self._files = files
        self._runner = runner
        self._aws = aws
        self._limits = limits
        self._starting = threading.Lock()
        self.operations: dict[str, Operation] = {
            "DetectDocumentText": self.detect,
            "StartDocumentTextDetection": self.start,
            "GetDocumentTextDetection": partial(self.result, analysis=False),
            "AnalyzeDocument": self.detect,
            "StartDocumentAnalysis": self.start,
            "GetDocumentAnalysis": partial(self.result, analysis=True),
        }

    def detect(self, parameters: dict[str, Any]) -> Reply:
        """The blocks of a one-page document, given as bytes or as an S3 object."""
        features = _features(parameters)
        with TemporaryDirectory(prefix="textract-") as folder:
            path = Path(folder) / "document"
            self._place(parameters["Document"], path)
            document = Document(path)
            if document.page_count() != 1:
                raise UnsupportedDocument(
                    f"Synchronous operations take one page, this document has "
                    f"{document.page_count()}; use the asynchronous ones"
                )
            try:
                blocks = self._runner.read_at_once(document, secrets.token_hex(32), features)
            except OcrFailed as error:
                raise BadDocument(str(error)) from error
        return {
            "DocumentMetadata": {"Pages": 1},
            "Blocks": blocks,
            **(ANALYSIS if features else DETECTION),
        }

    def start(self, parameters: dict[str, Any]) -> Reply:
        """A new job, or the one that the same token started before."""
        _features(parameters)  # raises
        with self._starting:
            job = self._started_before(parameters) or self._new_job(parameters)
        return {"JobId": job.job_id}

    def result(self, parameters: dict[str, Any], *, analysis: bool) -> Reply:
        """A job's state, and once it has ended up to MaxResults of its blocks. A job of the other
        kind is unknown."""
        job = self._runner.jobs.get(parameters["JobId"])
        if job is None or bool(job.features) != analysis:
            raise InvalidJobId("Request has invalid Job Id")
        reply: Reply = {"JobStatus": job.status, **(ANALYSIS if analysis else DETECTION)}
        if job.status == jobs.IN_PROGRESS:
            return reply
        if job.status == jobs.FAILED:
            return reply | {"StatusMessage": job.status_message}
        blocks, next_token = self._slice(job, parameters)
        reply |= {"DocumentMetadata": {"Pages": job.pages}, "Blocks": blocks}
        if next_token:
            reply["NextToken"] = next_token
        if job.failed_pages:
            reply["Warnings"] = [{"ErrorCode": "UNREADABLE_PAGE", "Pages": list(job.failed_pages)}]
        return reply

    def _place(self, document: dict[str, Any], path: Path) -> None:
        if ("Bytes" in document) == ("S3Object" in document):
            raise InvalidParameter("Document needs either Bytes or S3Object")
        if "S3Object" in document:
            self._aws.fetch(document["S3Object"], path, self._limits.sync_bytes)
            return
        if len(document["Bytes"]) > self._limits.sync_bytes:
            raise DocumentTooLarge(
                f"The document has {len(document['Bytes'])} bytes, "
                f"the limit is {self._limits.sync_bytes}"
            )
        path.write_bytes(document["Bytes"])

    def _started_before(self, parameters: dict[str, Any]) -> Job | None:
        token = parameters.get("ClientRequestToken")
        if token is None:
            return None
        known = (job for job in self._runner.jobs.values() if job.token == token)
        job = next(known, None)
        if job is not None and job.request != _request_hash(parameters):
            raise IdempotentParameterMismatch(
                "ClientRequestToken was used before with other parameters"
            )
        return job

    def _new_job(self, parameters: dict[str, Any]) -> Job:
        """The job, begun. What only opening the document shows becomes a job that fails."""
        s3_object = parameters["DocumentLocation"].get("S3Object", {})
        job_id = secrets.token_hex(32)
        path = self._files.prepare(job_id)
        try:
            self._aws.fetch(s3_object, path, self._limits.async_bytes)
            document = Document(path)
            self._check_image_size(document, path.stat().st_size)
        except BaseException:
            self._files.discard(job_id)
            raise
        pages, problem = self._opened(document)
        job = Job(
            job_id=job_id,
            bucket=s3_object["Bucket"],
            name=s3_object["Name"],
            request=_request_hash(parameters),
            pages=pages,
            token=parameters.get("ClientRequestToken"),
            tag=parameters.get("JobTag"),
            topic=parameters.get("NotificationChannel", {}).get("SNSTopicArn"),
            status_message=problem,
            features=_features(parameters),
        )
        self._runner.add(job)
        return job

    def _check_image_size(self, document: Document, size: int) -> None:
        if document.format in ("png", "jpeg") and size > self._limits.image_bytes:
            raise DocumentTooLarge(
                f"The picture has {size} bytes, the limit is {self._limits.image_bytes}"
            )

    def _opened(self, document: Document) -> tuple[int, str | None]:
        """The number of pages, or 0 and the reason why there are none to read."""
        try:
            pages = document.page_count()
        except BadDocument as error:
            return 0, str(error)
        if pages > self._limits.async_pages:
            limit = self._limits.async_pages
            return 0, f"The document has {pages} pages, the limit is {limit}"
        return (pages, None) if pages else (0, "The document has no pages")

    def _slice(self, job: Job, parameters: dict[str, Any]) -> tuple[list[Block], str | None]:
        """Up to MaxResults blocks from where the token says, and the token for the rest."""
        wanted = min(parameters.get("MaxResults", MAX_RESULTS), MAX_RESULTS)
        page, skip = _position(job, parameters.get("NextToken"))
        found = list(islice(self._blocks_from(job, page, skip), wanted + 1))
        if len(found) <= wanted:
            return [block for _, _, block in found], None
        next_page, next_index, _ = found[wanted]
        return [block for _, _, block in found[:wanted]], _token(job, next_page, next_index)

    def _blocks_from(self, job: Job, page: int, skip: int) -> Iterator[tuple[int, int, Block]]:
        """(page, index in page, block), reading one page's file at a time."""
        for number in range(page, job.pages + 1):
            for index, block in enumerate(self._files.page_blocks(job.job_id, number)):
                if number > page or index >= skip:
                    yield number, index, block


def _features(parameters: dict[str, Any]) -> tuple[str, ...]:
    """What is to be looked for beside text; nothing in a text detection.

    Raises:
        InvalidParameter: something that only the service itself can do.
    """
    for name in UNAVAILABLE:
        if name in parameters:
            raise InvalidParameter(f"{name} is not available offline")
    features = tuple(parameters.get("FeatureTypes", ()))
    unknown = ", ".join(name for name in features if name not in FEATURES)
    if unknown:
        raise InvalidParameter(
            f"Request has invalid parameters: FeatureTypes {unknown} not available offline; "
            f"there is {', '.join(FEATURES)}"
        )
    if "FeatureTypes" in parameters and not features:
        raise InvalidParameter("Request has invalid parameters: FeatureTypes is empty")
    return features


def _request_hash(parameters: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def _token(job: Job, page: int, index: int) -> str:
    return base64.urlsafe_b64encode(f"{job.job_id}:{page}:{index}".encode()).decode()


def _position(job: Job, token: str | None) -> tuple[int, int]:
    if token is None:
        return 1, 0
    try:
        job_id, page, index = base64.urlsafe_b64decode(token).decode().split(":")
        position = int(page), int(index)
    except (ValueError, binascii.Error) as error:
        raise InvalidParameter("Request has invalid parameters: NextToken") from error
    if job_id != job.job_id:
        raise InvalidParameter("Request has invalid parameters: NextToken is of another job")
    return position
