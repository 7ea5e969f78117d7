"""Tickets of queued questions -> answers, with a verdict for each.

In: an SQS batch; every record's body names a question that lies in the answers table:

    {"Records": [{"messageId": "…", "receiptHandle": "…",
                  "body": "{\\"tenant\\": \\"…\\", \\"subject\\": \\"…\\", \\"id\\": \\"…\\"}"}]}

Out: `{"batchItemFailures": [{"itemIdentifier": messageId}]}`: the tickets to be handed out again.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from askbucket import wiring, wiring_answers, wiring_questions
from askbucket.answer.queued.question import QueuedQuestion
from askbucket.answer.queued.questions import Ticket
from askbucket.answer.queued.worker import Outcome, Worker
from askbucket.clock import now_ms
from askbucket.log import event as log
from lambdas.query.asking import question_of
from lambdas.query.asking_schemas import QueryBody, answer_reply
from lambdas.query.questions import shown


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One verdict for each record; never raises for a record's sake."""
    until = now_ms() + context.get_remaining_time_in_millis()
    failed = [record for record in event["Records"] if not _done(record, until)]
    wiring.tracer().flush()
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _done(record: dict[str, Any], until: int) -> bool:
    """Whether the message may be forgotten."""
    try:
        ticket = Ticket(**json.loads(record["body"]))
    except (ValueError, TypeError) as error:
        log("message_refused", message=record["messageId"], reason=str(error))
        return True
    try:
        seconds = _worker()(ticket, until)
        if seconds is not None:
            _show_again(record, seconds)
    except Exception as error:  # noqa: BLE001  (a handler's edge: the queue tries again)
        log("ticket_failed", question=ticket.id, error=repr(error))
        return False
    return seconds is None


@cache
def _worker() -> Worker:
    return Worker(wiring_questions.questions(), answered, call, now_ms)


def answered(question: QueuedQuestion) -> Outcome:
    """The reply that POST /query would have given."""
    body = QueryBody.model_validate_json(question.request)
    asked = question_of(body, question.caller)
    traced = wiring_answers.answerer(asked).answer(asked)
    hits = (citation.hit for citation in traced.answer.citations)
    drawn = dict.fromkeys((hit.document_id, hit.generation) for hit in hits)
    reply = answer_reply(traced, body.session_id)
    return Outcome(json.dumps(reply, ensure_ascii=False), tuple(drawn))


def call(question: QueuedQuestion) -> None:
    """Posts to the caller what GET shows. Raises TryAgain."""
    wiring_questions.callbacks()(
        question.callback_url, json.dumps(shown(question, question.caller)).encode()
    )


def _show_again(record: dict[str, Any], seconds: int) -> None:
    """When the queue hands the message out next."""
    wiring.client("sqs").change_message_visibility(
        QueueUrl=wiring.settings().questions_queue_url,
        ReceiptHandle=record["receiptHandle"],
        VisibilityTimeout=seconds,
    )
