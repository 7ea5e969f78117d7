"""The routes that ask: answers, streamed answers, and plain search."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from fastapi.responses import JSONResponse, StreamingResponse

from askbucket import wiring, wiring_answers, wiring_chat
from askbucket.answer.question import Caller, Question
from askbucket.errors import CallerError, TooLarge
from lambdas.query import asking_schemas as schemas
from lambdas.query.identity import Asking
from lambdas.query.narrowing import Filter
from lambdas.query.streaming import server_sent_events


def query(body: schemas.QueryBody, caller: Asking) -> JSONResponse:
    """Answers a question from the documents, with a citation for every sentence."""
    try:
        question = question_of(body, caller)
        traced = wiring_answers.answerer(question).answer(question)
    finally:
        wiring.tracer().flush()
    return JSONResponse(schemas.answer_reply(traced, body.session_id))


async def stream(body: schemas.QueryBody, caller: Asking) -> StreamingResponse:
    """Server-sent events: `token` as the model writes, then the verified `answer`, or `error`."""
    pieces: AsyncIterator[str] = server_sent_events(question_of(body, caller))
    return StreamingResponse(pieces, media_type="text/event-stream")


def search(body: schemas.SearchBody, caller: Asking) -> schemas.SearchReply:
    """The chunks that match best; no language model is asked."""
    asked = _asked(body.query, body.top_k, body.filter, caller)
    try:
        hits = wiring_answers.answering().hits(asked)
    finally:
        wiring.tracer().flush()
    return schemas.SearchReply(hits=[schemas.hit_reply(hit) for hit in hits])


def question_of(body: schemas.QueryBody, caller: Caller) -> Question:
    """What the body asks. Raises CallerError, before a stream has begun."""
    asked = _asked(body.question, body.top_k, body.filter, caller)
    return replace(
        asked,
        session_id=body.session_id,
        model=body.model and wiring_chat.allowed_model(body.model).name,
        mode=body.mode,
    )


def _asked(text: str, top_k: int | None, narrowed: Filter, caller: Caller) -> Question:
    most = wiring.settings().max_question_chars
    if len(text) > most:
        raise TooLarge(f"the question has {len(text)} characters; {most} at most are taken")
    if not text.strip():
        raise CallerError("the question is blank")
    return Question(
        text,
        caller.tenant,
        top_k or wiring.settings().top_k,
        narrowed.scope(),
        subject=caller.subject,
        groups=caller.groups,
    )
