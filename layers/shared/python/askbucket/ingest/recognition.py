"""OCR of a document's pages, begun, found ended or left alone, but never waited for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from askbucket.clock import Clock, Deadline
from askbucket.entry import OcrJob
from askbucket.errors import UnreadableDocument
from askbucket.ingest.attempt import Attempt, Outcome
from askbucket.ingest.features import Features
from askbucket.ingest.ocr import FAILED, RUNNING, Textract
from askbucket.ingest.pages import PageArtifacts
from askbucket.ingest.readers.source import Source
from askbucket.log import correlation_id
from askbucket.manifest import Manifest
from askbucket.models import Status

OCR_ATTEMPTS = 3
MOST_PAGES = 3000  # of one job; Textract's quotas, which cannot be raised
MOST_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recognition:
    """Runs Textract jobs for the pages of one content: one, or one after another where they are
    more than a job takes."""

    textract: Textract
    manifest: Manifest
    bucket: str
    wait_ms: int
    clock: Clock
    most_pages: int = MOST_PAGES
    most_bytes: int = MOST_BYTES

    def __call__(
        self,
        attempt: Attempt,
        pages: PageArtifacts,
        source: Source,
        waiting: list[int],
        features: Features,
        deadline: Deadline,
        progress: Callable[[int], None],
    ) -> Outcome | None:
        """None once OCR's pages are kept; else the attempt ends here. Raises OutOfTime where part
        of them is kept; `progress` hears how many pages OCR has read."""
        while left := pages.ocr.left(waiting):
            outcome = self._part(attempt, pages, source, left, features, deadline, progress)
            if outcome:
                return outcome
        return None

    def _part(
        self,
        attempt: Attempt,
        pages: PageArtifacts,
        source: Source,
        left: list[int],
        features: Features,
        deadline: Deadline,
        progress: Callable[[int], None],
    ) -> Outcome | None:
        """None once the first of the pages left are kept.

        The job is stored before it is asked for its state: a completion that is told of in between
        finds the job, and one told of before shows in the state. Neither can be missed.
        """
        job = _job_for(attempt, pages, left)
        first = attempt.before.ocr_failures  # a number tried before is its failed job for ever
        message = ""
        for number in range(job.attempt if job else first, first + OCR_ATTEMPTS):
            if job is None or job.attempt != number:
                job = self._started(attempt, pages, source, left, number, features)
            if not self._parked(attempt, job):
                return Outcome.SUPERSEDED
            state = self.textract.state(job.job_id, features)
            if state.state == RUNNING:
                return Outcome.PARKED
            if state.state != FAILED:
                attempt.paid_ocr(job, features)  # before what may be cut short
                warning = f"OCR was incomplete: {state.message}" if state.partial else None
                pages.ocr.put_pages(
                    job.job_id,
                    partial(self.textract.pages, job.job_id, features),
                    left[: job.pages],
                    left=len(left) - job.pages,
                    warning=warning,
                    deadline=deadline,
                    progress=progress,
                )
                attempt.note("ocr ended", f"{job.pages} pages")
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
        left: list[int],
        number: int,
        features: Features,
    ) -> OcrJob:
        attempt.release()  # first, or the lease would swallow a quick completion
        given = pages.ocr.put_input(source, left[: self.most_pages], self.most_bytes)
        job_id = self.textract.start(
            self.bucket,
            given.key,
            content=pages.content,
            tag=attempt.document.id,
            attempt=number,
            features=features,
        )
        attempt.note("ocr started", f"{given.pages} pages, job {job_id}")
        story = correlation_id() or ""
        return OcrJob(job_id, pages.reading, number, 0, given.part, given.pages, story)

    def _parked(self, attempt: Attempt, job: OcrJob) -> bool:
        now = self.clock()
        due = replace(job, due_at=now + self.wait_ms)
        return self.manifest.park(attempt.document.id, attempt.generation, due, now)


def _job_for(attempt: Attempt, pages: PageArtifacts, left: list[int]) -> OcrJob | None:
    """The stored job, if it reads the first of these pages in this way."""
    job = attempt.before.job
    return job if job and (job.content, job.part) == (pages.reading, left[0]) else None
