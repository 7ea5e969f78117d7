"""What becomes of a ticket from the queue: its question is answered once, then its caller is told.

Tickets may repeat, come in any order, and their workers may be killed. A question is claimed by one
conditional write before it is answered, and its answer kept by another, so that of all who try one
is heard. The lease only saves cost: who outlives it finds that its write is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from askbucket.answer.queued.question import Drawn, QueuedQuestion, Sent, Status, packed
from askbucket.answer.queued.questions import Questions, Ticket
from askbucket.clock import Clock
from askbucket.errors import CallerError, TryAgain, Unfinished
from askbucket.log import event as log

TRIES = 3  # to answer a question
BACKOFF_SECONDS = 10  # before the second try; twice that before the third
CALLBACK_DELAYS = (30, 120, 600)  # seconds from each callback that failed to the next one
CALLBACK_LEASE_MS = 60_000  # above the time that a callback may take
MOST_ANSWER_BYTES = 300_000  # compressed; an item of DynamoDB holds 400 KB


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer as JSON, and what it was drawn from."""

    answer: str
    drawn: Drawn


class Worker:
    """Deals with tickets. `answer` may raise whatever answering does; `call` tells a caller what
    came of a question, and raises TryAgain where that was not taken."""

    def __init__(
        self,
        questions: Questions,
        answer: Callable[[QueuedQuestion], Outcome],
        call: Callable[[QueuedQuestion], None],
        clock: Clock,
    ) -> None:
        self._questions = questions
        self._answer = answer
        self._call = call
        self._clock = clock

    def __call__(self, ticket: Ticket, until: int) -> int | None:
        """None where the ticket is done with; else the seconds after which to come back with it.

        `until` is when this worker's own time ends, in ms. Raises TryAgain.
        """
        found = self._questions.find(ticket)
        if found is None:
            return None  # it has expired
        held_ms = found.lease_until - self._clock()
        if held_ms > 0:
            return held_ms // 1000 + 1
        if found.at_rest:
            return self._told(found)
        if found.tries >= TRIES:
            return self._ended(found, Status.FAILED, found.reason or "its workers were lost")
        begun = replace(found, status=Status.ANSWERING, tries=found.tries + 1, lease_until=until)
        claimed = self._questions.save(begun)
        return self._answered(claimed) if claimed else BACKOFF_SECONDS

    def _answered(self, question: QueuedQuestion) -> int | None:
        try:
            outcome = self._answer(question)
        except CallerError as error:
            return self._ended(question, Status.FAILED, str(error))
        except Unfinished as error:
            return self._gone_on(question, error)
        except TryAgain as error:
            return self._put_back(question, str(error))
        except Exception as error:  # noqa: BLE001  (a worker's edge: the question is not lost)
            log("question_failed", question=question.id, error=repr(error))
            return self._put_back(question, "this is a fault of the service; it was logged")
        if len(packed(outcome.answer)) > MOST_ANSWER_BYTES:
            reason = f"the answer is over {MOST_ANSWER_BYTES} bytes; ask for fewer chunks by top_k"
            return self._ended(question, Status.FAILED, reason)
        done = replace(question, answer=outcome.answer, drawn=outcome.drawn)
        return self._ended(done, Status.ANSWERED, "")

    def _ended(self, question: QueuedQuestion, status: Status, reason: str) -> int | None:
        """Keeps what came of the question. Where another worker was first, its word counts."""
        log("question_ended", question=question.id, status=status, tries=question.tries)
        ended = replace(question, status=status, reason=reason, lease_until=0)
        kept = self._questions.save(ended)
        return self._told(kept) if kept else BACKOFF_SECONDS

    def _put_back(self, question: QueuedQuestion, reason: str) -> int | None:
        if question.tries >= TRIES:
            return self._ended(question, Status.FAILED, reason)
        back = replace(question, status=Status.QUEUED, reason=reason, lease_until=0)
        self._questions.save(back)
        return BACKOFF_SECONDS * question.tries

    def _gone_on(self, question: QueuedQuestion, cut: Unfinished) -> int | None:
        """A summary that got further than ever before goes on at once, which is no new try."""
        if cut.done <= question.progress:
            return self._put_back(question, str(cut))
        further = replace(
            question,
            status=Status.QUEUED,
            progress=cut.done,
            tries=question.tries - 1,
            lease_until=0,
        )
        kept = self._questions.save(further)
        if kept:
            self._questions.enqueue(kept, 0)  # a ticket of its own: its receives are not counted on
        return None if kept else BACKOFF_SECONDS

    def _told(self, question: QueuedQuestion) -> int | None:
        """Calls the caller back where that is still to be done, at most once at a time."""
        if question.callback is not Sent.PENDING:
            return None
        claimed = self._questions.save(
            replace(
                question,
                callback_tries=question.callback_tries + 1,
                lease_until=self._clock() + CALLBACK_LEASE_MS,
            )
        )
        if claimed is None:
            return BACKOFF_SECONDS
        if claimed.callback_tries > len(CALLBACK_DELAYS) + 1:
            return self._closed(claimed, Sent.FAILED, "its workers were lost")
        try:
            self._call(claimed)
        except TryAgain as error:
            return self._missed(claimed, str(error))
        return self._closed(claimed, Sent.DELIVERED, "")

    def _missed(self, question: QueuedQuestion, reason: str) -> int | None:
        log("callback_missed", question=question.id, tries=question.callback_tries)
        if question.callback_tries > len(CALLBACK_DELAYS):
            return self._closed(question, Sent.FAILED, reason)
        kept = self._questions.save(replace(question, callback_reason=reason, lease_until=0))
        if kept:
            self._questions.enqueue(kept, CALLBACK_DELAYS[question.callback_tries - 1])
        return None if kept else BACKOFF_SECONDS

    def _closed(self, question: QueuedQuestion, sent: Sent, reason: str) -> int | None:
        closed = replace(question, callback=sent, callback_reason=reason, lease_until=0)
        return None if self._questions.save(closed) else BACKOFF_SECONDS
