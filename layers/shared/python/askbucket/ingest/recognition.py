"""OCR of a document's pages, begun, found ended or left alone, but never waited for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from askbucket.clock import Clock, Deadline
from askbucket.entry import OcrJob
from askbucket.errors import UnreadableDocument
from askbucket.ingest.attempt import Attempt, Outcome
from askbucket.ingest.ocr import FAILED, RUNNING, Textract
from askbucket.ingest.pages import PageArtifacts
from askbucket.ingest.source import Source
from askbucket.manifest import Manifest
from askbucket.models import Status

OCR_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Recognition:
    """Runs one Textract job for the pages of one content."""

    textract: Textract
    manifest: Manifest
    bucket: str
    wait_ms: int
    clock: Clock

    def __call__(
        self,
        attempt: Attempt,
        pages: PageArtifacts,
        source: Source,
        waiting: list[int],
        deadline: Deadline,
        progress: Callable[[int], None],
    ) -> Outcome | None:
        """None once OCR's pages are kept; else the attempt ends here. Raises OutOfTime where part
        of them is kept; `progress` hears how many pages OCR has read.

        The job is stored before it is asked for its state: a completion that is told of in between
        finds the job, and one told of before shows in the state. Neither can be missed.
        """
        known = attempt.before.job
        job = known if known and known.content == pages.content else None
        first = attempt.before.ocr_failures  # a number tried before is its failed job for ever
        message = ""
        for number in range(job.attempt if job else first, first + OCR_ATTEMPTS):
            if job is None or job.attempt != number:
                job = self._started(attempt, pages, source, waiting, number)
            if not self._parked(attempt, job):
                return Outcome.SUPERSEDED
            state = self.textract.state(job.job_id)
            if state.state == RUNNING:
                return Outcome.PARKED
            if state.state != FAILED:
                warning = f"OCR was incomplete: {state.message}" if state.partial else None
                read = partial(self.textract.pages, job.job_id)
                pages.put_ocr_pages(job.job_id, read, waiting, warning, deadline, progress)
                attempt.note("ocr ended", f"{len(waiting)} pages")
                return None
            message = state.message
            attempt.note("ocr failed", message)
        attempt.show(Status.OCR, ocr_failures=first + OCR_ATTEMPTS)
        raise UnreadableDocument(f"OCR failed {OCR_ATTEMPTS} times: {message}")

    def _started(
        self,
        attempt: Attempt,
        pages: PageArtifacts,
        source: Source,
        waiting: list[int],
        number: int,
    ) -> OcrJob:
        attempt.release()  # first, or the lease would swallow a quick completion
        job_id = self.textract.start(
            self.bucket,
            pages.put_ocr_input(source, waiting),
            content=pages.content,
            tag=attempt.document.id,
            attempt=number,
        )
        attempt.note("ocr started", f"{len(waiting)} pages, job {job_id}")
        return OcrJob(job_id, pages.content, number, 0)

    def _parked(self, attempt: Attempt, job: OcrJob) -> bool:
        now = self.clock()
        due = OcrJob(job.job_id, job.content, job.attempt, now + self.wait_ms)
        return self.manifest.park(attempt.document.id, attempt.generation, due, now)
