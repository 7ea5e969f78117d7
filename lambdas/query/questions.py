"""The routes of questions that are answered later: queueing one, and looking at it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Header, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from askbucket import wiring, wiring_questions
from askbucket.answer.question import Caller
from askbucket.answer.queued.question import QueuedQuestion, Sent, Status, stands
from askbucket.answer.queued.questions import expires_at
from lambdas.query import asking
from lambdas.query.asking_schemas import AnswerReply, QueryBody
from lambdas.query.identity import Asking

LONGEST_URL = 2000
CHANGED = "a document it was drawn from has changed or is gone; ask again"
QuestionId = Annotated[str, Path(min_length=1, max_length=100)]
RepeatKey = Annotated[
    str | None,
    Header(
        alias="idempotency-key",
        min_length=1,
        max_length=255,
        description="any text of yours: the same one asks the same question once",
    ),
]


class QuestionBody(QueryBody):
    callback_url: str | None = Field(
        None,
        max_length=LONGEST_URL,
        description="https, at an allowed host: gets what GET shows, once there is an answer",
    )


class QueuedReply(BaseModel):
    id: str
    status: Status
    expires_at: int = Field(description="milliseconds since 1970")


class CallbackReply(BaseModel):
    status: Sent
    tries: int
    reason: str | None


class QuestionReply(QueuedReply):
    asked_at: int = Field(description="milliseconds since 1970")
    reason: str | None = Field(description="why it failed, was put off, or is not shown any more")
    answer: AnswerReply | None = Field(description="what POST /query would have said")
    callback: CallbackReply | None


def ask(body: QuestionBody, caller: Asking, repeat_key: RepeatKey = None) -> JSONResponse:
    """Takes a question whose answer may be fetched later."""
    asking.question_of(body, caller)  # what is wrong with it is said now
    if body.callback_url is not None:
        wiring_questions.callbacks().check(body.callback_url)
    question = wiring_questions.questions().ask(
        caller,
        body.model_dump_json(exclude={"callback_url"}, exclude_unset=True),
        callback_url=body.callback_url or "",
        repeat_key=repeat_key,
    )
    location = {"location": f"questions/{question.id}"}  # relative: stages have a path of their own
    return JSONResponse(_queued(question), 202, location)


def question(question_id: QuestionId, caller: Asking) -> JSONResponse:
    """A queued question of yours, with its answer once there is one."""
    return JSONResponse(shown(wiring_questions.questions().get(caller, question_id), caller))


def shown(question: QueuedQuestion, caller: Caller) -> dict[str, Any]:
    """What its caller, of those rights, is told now: no answer that is not true any more."""
    rights = wiring.ownership().rights(caller.tenant, caller.groups)
    answer = json.loads(question.answer) if question.answer else None
    reason = question.reason or None
    if answer is not None and not stands(question, wiring.manifest(), rights):
        answer, reason = None, CHANGED
    return {
        **_queued(question),
        "asked_at": question.asked_at,
        "reason": reason,
        "answer": answer,
        "callback": _callback(question),
    }


def _queued(question: QueuedQuestion) -> dict[str, Any]:
    return {
        "id": question.id,
        "status": question.status,
        "expires_at": expires_at(question),
    }


def _callback(question: QueuedQuestion) -> dict[str, Any] | None:
    if question.callback is Sent.NONE:
        return None
    return {
        "status": question.callback,
        "tries": question.callback_tries,
        "reason": question.callback_reason or None,
    }
