"""Jobs from their first page to the published completion, and again after a restart."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from local.ocr.orientation import read_upright
from local.ocr.page_text import Engine, OcrFailed
from local.textract import jobs
from local.textract.analysis import analysed_blocks
from local.textract.blocks import Block, page_blocks
from local.textract.document import Document
from local.textract.emulated_aws import EmulatedAws, NotPublished, completion
from local.textract.errors import BadDocument
from local.textract.jobs import Job, JobFiles
from local.textract.ledger import PageLedger
from local.textract.page_workers import PageWorkers
from local.textract.structure import structure_of

log = logging.getLogger(__name__)

PUBLISH_PAUSES_S = (0.2, 1.0, 3.0, 10.0, 30.0)
"""Pauses between attempts to publish. After the last one the next start-up tries again."""
PUBLISHERS = 4
"""A topic that is gone holds up one of these threads, not the other completions."""


class JobRunner:
    """Reads pages in the background; `jobs` holds every job's latest state."""

    def __init__(self, files: JobFiles, ledger: PageLedger, engine: Engine, aws: EmulatedAws):
        self._files = files
        self._ledger = ledger
        self._engine = engine
        self._aws = aws
        self._lock = threading.Lock()
        self._unread: dict[str, int] = {}
        self._stopping = threading.Event()
        self.jobs: dict[str, Job] = {job.job_id: job for job in files.load_all()}

    def start(self, threads: int) -> None:
        """Start the threads and take up what the last run left."""
        self._workers = PageWorkers(threads)
        self._at_once = ThreadPoolExecutor(1, thread_name_prefix="textract-at-once")
        self._publisher = ThreadPoolExecutor(PUBLISHERS, thread_name_prefix="textract-publish")
        for job in self.jobs.values():
            if job.status == jobs.IN_PROGRESS:
                self._take_up(job)
            elif not job.announced:
                self._publisher.submit(self._announce, job)

    def stop(self) -> None:
        """Returns within the time of one page; unfinished jobs go on at the next start."""
        self._stopping.set()
        self._workers.stop()
        self._at_once.shutdown(cancel_futures=True)
        self._publisher.shutdown(cancel_futures=True)

    def add(self, job: Job) -> None:
        """Keep the new job and begin; its document already lies in place."""
        self._keep(job)
        self._take_up(job)

    def read_at_once(
        self, document: Document, job_id: str, features: tuple[str, ...]
    ) -> list[Block]:
        """The first page's blocks while the caller waits. One such page at a time: engines keep
        their models per thread, and requests come on many threads.

        Raises:
            BadDocument: the page cannot be drawn.
            OcrFailed: the engine gave up on it.
        """
        return self._at_once.submit(self._read, document, 1, job_id, features).result()

    def _read(
        self, document: Document, page: int, job_id: str, features: tuple[str, ...]
    ) -> list[Block]:
        """One page's blocks, counted in the ledger; raises as `read_at_once` does."""
        picture = document.picture(page)
        lines = read_upright(self._engine, picture)
        self._ledger.add_page()
        if not features:
            return page_blocks(lines, page, job_id)
        return analysed_blocks(lines, structure_of(picture, lines), features, page, job_id)

    def _take_up(self, job: Job) -> None:
        pages = range(1, job.pages + 1)
        unread = [page for page in pages if not self._files.is_read(job.job_id, page)]
        if not unread:
            self._workers.add([partial(self._finish, job)])
            return
        with self._lock:
            self._unread[job.job_id] = len(unread)
        self._workers.add(partial(self._read_page, job, page) for page in unread)

    def _read_page(self, job: Job, page: int) -> None:
        try:
            document = Document(self._files.document(job.job_id))
            blocks = self._read(document, page, job.job_id, job.features)
        except (BadDocument, OcrFailed) as error:
            self._files.save_failed_page(job.job_id, page, str(error))
        else:
            self._files.save_page(job.job_id, page, blocks)
        if self._was_last(job):
            self._finish(job)

    def _was_last(self, job: Job) -> bool:
        with self._lock:
            self._unread[job.job_id] -= 1
            return self._unread[job.job_id] == 0

    def _finish(self, job: Job) -> None:
        failed = self._files.failed_pages(job)
        ended = replace(
            job,
            status=_outcome(job.pages, len(failed)),
            status_message=job.status_message or self._why_failed(job, failed),
            failed_pages=failed,
            finished_ms=time.time_ns() // 1_000_000,
            announced=job.topic is None,
        )
        self._keep(ended)
        self._files.drop_document(job.job_id)
        if job.topic:
            self._publisher.submit(self._announce, ended)

    def _why_failed(self, job: Job, failed: tuple[int, ...]) -> str | None:
        """What was wrong with the first page, if no page could be read."""
        if len(failed) < job.pages:
            return None
        first = self._files.failure(job.job_id, failed[0])
        return f"None of the {job.pages} pages could be read: {first}"

    def _announce(self, job: Job) -> None:
        for pause_s in PUBLISH_PAUSES_S:
            try:
                self._aws.publish(str(job.topic), completion(job))
            except NotPublished as error:
                log.warning("textract completion not published: %s", error)
                if self._stopping.wait(pause_s):
                    return
            else:
                self._keep(replace(job, announced=True))
                return

    def _keep(self, job: Job) -> None:
        self._files.save(job)
        self.jobs[job.job_id] = job


def _outcome(pages: int, failed: int) -> str:
    if failed == pages:
        return jobs.FAILED
    return jobs.PARTIAL_SUCCESS if failed else jobs.SUCCEEDED
