"""Exact schedules for what random histories meet too seldom; each ends at rest."""

from __future__ import annotations

from collections.abc import Callable

from tests.property.history import History, played
from tests.property.variant import Variant

Schedule = Callable[[History], None]
SETTLED_MS = 10_000  # long after a commit, so that readers need no second search


def undone_overwrite(history: History) -> None:
    """A worker holds the bytes of a version that is then removed for good: the version below it,
    which is the committed one, is current again, and a second worker finds it unchanged."""
    history.finish(history.start(history.put("log.txt", history.body("log.txt", 3))))
    overwrite = history.put("log.txt", history.body("log.txt", 2))
    slow = history.start(overwrite)
    slow.task.run_to("store.upsert")
    undone = history.remove_newest("log.txt")
    assert undone
    history.finish(history.start(undone))
    history.finish(slow)


def quick_completion(history: History) -> None:
    """OCR ends, and is told of, before the worker who began it has stored the job."""
    worker = history.start(history.put("scan.tiff", history.body("scan.tiff", 2)))
    worker.task.run_to("textract.start")
    history.advance(worker)
    for completion in history.end_ocr():
        history.finish(history.start(completion))
    history.finish(worker)


def commit_under_the_search(history: History) -> None:
    """A search finds the half that is stored; the rest and the commit come before the check."""
    worker = history.start(history.put("log.txt", history.body("log.txt", 4)))
    worker.task.run_to("store.upsert", times=2)
    reader = history.read("log.txt")
    reader.task.run_to("entries.get_many")
    history.finish(worker)
    history.finish(reader)


def commit_reply_repeated(history: History) -> None:
    """The reply of every write is lost, and the client's own second try gets another one."""
    history.fate = lambda what, _: "made" if what == "call" else "repeated"
    history.finish(history.start(history.put("log.txt", history.body("log.txt", 3))))


def sweep_during_staging(history: History) -> None:
    """A sweep has seen points of an attempt under way, which has proved them to be there."""
    worker = history.start(history.put("log.txt", history.body("log.txt", 3)))
    worker.task.run_to("store.search")
    history.finish(history.sweep())
    history.finish(worker)
    history.queue.clear()


def lost_table(history: History) -> None:
    """A worker from before the loss goes on staging, under a number that is given out again."""
    history.finish(history.start(history.put("log.txt", history.body("log.txt", 2))))
    old = history.start(history.put("log.txt", history.body("log.txt", 6)))
    old.task.run_to("store.upsert")
    history.lose_table()
    for size in (3, 2):
        history.finish(history.start(history.put("log.txt", history.body("log.txt", size))))
    history.advance(old)
    history.wait(SETTLED_MS)
    history.look()
    history.finish(old)


SCHEDULES: dict[str, Schedule] = {
    schedule.__name__: schedule
    for schedule in (
        undone_overwrite,
        quick_completion,
        commit_under_the_search,
        commit_reply_repeated,
        sweep_during_staging,
        lost_table,
    )
}


def play(schedule: str, variant: Variant) -> History:
    """That schedule, to its rest."""
    with played(variant) as history:
        SCHEDULES[schedule](history)
        history.rest()
        return history
