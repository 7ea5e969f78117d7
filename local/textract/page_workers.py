"""A small pool of threads that takes one page of each waiting document in turn.

A plain executor would finish a 3,000-page document before looking at the next one.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

log = logging.getLogger(__name__)

Step = Callable[[], None]


class PageWorkers:
    """Runs steps; the steps of one document in order of start, those of several interleaved."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="textract-page")
        self._waiting: deque[deque[Step]] = deque()
        self._lock = threading.Lock()

    def add(self, steps: Iterable[Step]) -> None:
        """Queue one document's steps; returns at once."""
        document = deque(steps)
        if not document:
            return
        turns = len(document)
        with self._lock:
            self._waiting.append(document)
        for _ in range(turns):
            self._pool.submit(self._next_step).add_done_callback(_log_fault)

    def stop(self) -> None:
        """Drop what waits; returns when the pages under way are done."""
        self._pool.shutdown(cancel_futures=True)

    def _next_step(self) -> None:
        with self._lock:
            document = self._waiting.popleft()
            step = document.popleft()
            if document:
                self._waiting.append(document)
        step()


def _log_fault(turn: Future[None]) -> None:
    """A fault of this program (a bad page is no fault); the job goes on at the next start."""
    if not turn.cancelled() and (fault := turn.exception()):
        log.error("textract page step failed", exc_info=fault)
