"""Server-sent events from an answer in the making."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from contextvars import copy_context
from functools import partial
from typing import Any

from askbucket import wiring, wiring_answers
from askbucket.answer.question import Question, Traced
from askbucket.errors import AskbucketError, CallerError
from askbucket.log import event as log
from askbucket.log import fault_of
from lambdas.query.asking_schemas import answer_reply

HEARTBEAT_SECONDS = 10
HEARTBEAT = ": still at work\n\n"


async def server_sent_events(question: Question) -> AsyncIterator[str]:
    """`token` events, then one `answer` or `error`; a comment every ten seconds of silence.

    The answer is made in one thread from start to end, since a trace belongs to its thread. It
    ends at the model's next words once nobody listens, and the model with it.
    """
    left = threading.Event()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def send(piece: str | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(queue.put_nowait, piece)

    told = copy_context()  # the log's, which a thread would not have
    answer = partial(told.run, _answer, question, send, left)
    threading.Thread(target=answer, daemon=True).start()
    try:
        async for piece in _listening(queue):
            yield piece
    finally:
        left.set()


async def _listening(queue: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    while True:
        try:
            piece = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
        except TimeoutError:
            yield HEARTBEAT
            continue
        if piece is None:
            return
        yield piece


def _answer(question: Question, send: Any, left: threading.Event) -> None:
    try:
        _send_pieces(question, send, left)
    except CallerError as error:
        send(_event("error", {"status": error.status, "detail": str(error)}))
    except AskbucketError as error:
        send(_event("error", {"status": 503, "detail": str(error)}))
    except Exception as error:  # noqa: BLE001  (a handler's edge: the stream must end)
        log("stream_failed", level="error", **fault_of(error))
        send(_event("error", {"status": 500, "detail": "this is a fault of the service"}))
    finally:
        try:
            wiring.tracer().flush()
        finally:
            send(None)


def _send_pieces(question: Question, send: Any, left: threading.Event) -> None:
    with closing(wiring_answers.answerer(question).stream(question)) as pieces:
        for piece in pieces:
            if left.is_set():
                log("stream_left")
                return
            if isinstance(piece, Traced):
                send(_event("answer", answer_reply(piece, question.session_id)))
            else:
                send(_event("token", {"text": piece}))


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
