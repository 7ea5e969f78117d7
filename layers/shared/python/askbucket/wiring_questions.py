"""Queued questions: where they wait, and who is told of their answers."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from askbucket import wiring
from askbucket.clock import now_ms
from askbucket.errors import NotFound, TryAgain
from askbucket.once import once

if TYPE_CHECKING:
    from askbucket.answer.queued.callbacks import Callbacks
    from askbucket.answer.queued.questions import Questions, Ticket


@once
def questions() -> Questions:
    """Raises NotFound where none are taken."""
    from askbucket.answer.queued.questions import Questions
    from askbucket.answer.records import Records

    of = wiring.settings()
    if not of.answers_table or not of.questions_queue_url:
        raise NotFound("no questions are queued here: ASKBUCKET_QUESTIONS_QUEUE_URL is not set")
    records = Records(wiring.answers(), now_ms)
    return Questions(records, _send_ticket, hours=of.question_hours, clock=now_ms)


@once
def callbacks() -> Callbacks:
    from askbucket.answer.queued.callbacks import Callbacks

    of = wiring.settings()
    hosts = [host.strip() for host in of.callback_hosts.split(",") if host.strip()]
    return Callbacks(hosts, lambda: wiring.secret(of.callback_secret_arn).get("key", ""), now_ms)


def _send_ticket(ticket: Ticket, seconds: int) -> None:
    try:
        wiring.client("sqs").send_message(
            QueueUrl=wiring.settings().questions_queue_url,
            MessageBody=json.dumps(asdict(ticket)),
            DelaySeconds=seconds,
        )
    except (ClientError, BotoCoreError) as error:
        raise TryAgain(f"the queue of questions cannot be reached: {error}") from error
