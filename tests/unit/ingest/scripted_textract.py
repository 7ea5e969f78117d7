"""Textract without OCR: pages are pictures of one shade of grey, and are read as that shade."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from botocore.exceptions import ClientError
from PIL import Image, ImageSequence

from askbucket.errors import TryAgain
from askbucket.ingest.bookmark import Bookmark
from askbucket.ingest.features import Features
from askbucket.ingest.ocr import DONE, FAILED, RUNNING, OcrState
from askbucket.models import Box, Line, Page

PDF_START = b"%PDF-"


@dataclass(slots=True)
class Job:
    """A job as it was asked for, what its pages say, and how it stands."""

    tag: str
    attempt: int
    shades: tuple[int, ...]
    state: OcrState
    lost: tuple[int, ...] = ()
    features: Features = ()


class ScriptedTextract:
    """The methods of `askbucket.ingest.ocr.Textract`. A job runs until `finish` is called, or ends
    as `at_once` says. The same content, key and attempt are one job, billed once."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self.jobs: dict[str, Job] = {}
        self.billed = 0
        self.handed_out = 0  # pages of results
        self.at_once: OcrState | None = None

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
        token = f"{content} {key} {attempt}"
        job_id = hashlib.sha256(token.encode()).hexdigest()[:16]
        if job_id not in self.jobs:
            shades = shades_of(self._body(bucket, key))
            self.billed += len(shades)
            state = self.at_once or OcrState(RUNNING)
            self.jobs[job_id] = Job(tag, attempt, shades, state, features=features)
        return job_id

    def _body(self, bucket: str, key: str) -> bytes:
        """An object that another attempt cleared away is Textract's InvalidS3ObjectException."""
        try:
            body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise TryAgain(f"OCR cannot read its input: {error}") from error
        return body

    def state(self, job_id: str, features: Features = ()) -> OcrState:
        return self._job(job_id, features).state

    def pages(
        self, job_id: str, features: Features = (), bookmark: Bookmark | None = None
    ) -> Iterator[Page]:
        job, bookmark = self._job(job_id, features), bookmark or Bookmark()
        for number, shade in enumerate(job.shades, 1):
            if number > bookmark.page and number not in job.lost:
                bookmark.page = number
                self.handed_out += 1
                line = Line(text_of_shade(shade), Box(0.1, 0.1, 0.5, 0.02), 98.0)
                yield Page(number, (line,), "ocr")

    def _job(self, job_id: str, features: Features) -> Job:
        """A job of one kind is unknown to the calls of the other kind."""
        job = self.jobs[job_id]
        assert bool(job.features) == bool(features), "asked for by the wrong call"
        return job

    def finish(self, *, lost: Sequence[int] = (), message: str = "") -> None:
        """Every running job ends, without the pages that are lost."""
        for job in self.jobs.values():
            if job.state.state == RUNNING:
                job.state, job.lost = OcrState(DONE, message, partial=bool(lost)), tuple(lost)

    def fail(self, message: str = "internal error") -> None:
        """Every running job fails."""
        for job in self.jobs.values():
            if job.state.state == RUNNING:
                job.state = OcrState(FAILED, message)


def shades_of(data: bytes) -> tuple[int, ...]:
    """The grey in the middle of every page."""
    if not data.startswith(PDF_START):
        with Image.open(io.BytesIO(data)) as image:
            return tuple(_middle(frame) for frame in ImageSequence.Iterator(image))
    pdf = pdfium.PdfDocument(data)
    try:
        return tuple(_middle(page.render(scale=0.2).to_pil()) for page in pdf)
    finally:
        pdf.close()


def text_of_shade(shade: int) -> str:
    return f"scanned sheet of shade {shade} about the lighthouse"


def _middle(image: Image.Image) -> int:
    grey = image.convert("L").getpixel((image.width // 2, image.height // 2))
    assert isinstance(grey, int)
    return grey
