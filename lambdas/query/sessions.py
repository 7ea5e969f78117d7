"""The routes of sessions: what was asked in one, and forgetting it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from askbucket import wiring, wiring_answers
from askbucket.answer.history import shown
from askbucket.answer.sessions import Turn
from lambdas.query.asking_schemas import SESSION_ID_LENGTH
from lambdas.query.identity import Asking

SessionId = Annotated[str, Path(min_length=1, max_length=SESSION_ID_LENGTH)]


class CitedReply(BaseModel):
    id: str = Field(description="of the document")
    chunk_id: str


class TurnReply(BaseModel):
    number: int = Field(description="counts from 1, older turns that are no longer kept included")
    asked_at: int = Field(description="milliseconds since 1970")
    question: str
    rewritten: str | None = Field(description="what was asked in place of a follow-up")
    answer: str | None = Field(description="null once a document it was drawn from has changed")
    answered: bool
    cited: list[CitedReply]


class SessionReply(BaseModel):
    session_id: str
    expires_at: int = Field(description="milliseconds since 1970, unless another turn is added")
    turns: list[TurnReply] = Field(description="the newest ones, oldest first")


def session(session_id: SessionId, caller: Asking) -> SessionReply:
    """The turns of a session of yours."""
    found = wiring_answers.sessions().get(caller, session_id)
    rights = wiring.ownership().rights(caller.tenant, caller.groups)
    turns = shown(found, wiring.manifest(), rights)
    return SessionReply(
        session_id=session_id,
        expires_at=found.expires_at * 1000,
        turns=[_turn_reply(turn) for turn in turns],
    )


def delete(session_id: SessionId, caller: Asking) -> None:
    """Forgets a session of yours."""
    wiring_answers.sessions().delete(caller, session_id)


def _turn_reply(turn: Turn) -> TurnReply:
    return TurnReply(
        number=turn.number,
        asked_at=turn.asked_at,
        question=turn.question,
        rewritten=turn.rewritten,
        answer=turn.answer,
        answered=turn.answered,
        cited=[CitedReply(id=each.document_id, chunk_id=each.chunk_id) for each in turn.cited],
    )
