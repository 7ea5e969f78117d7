"""The route that takes what people thought of an answer."""

from __future__ import annotations

from pydantic import BaseModel, Field

from askbucket import wiring
from askbucket.metrics import FEEDBACK
from lambdas.query.identity import Asking
from lambdas.query.narrowing import Body

MAX_COMMENT_CHARS = 1000


class FeedbackBody(Body):
    trace_id: str = Field(pattern=r"^[0-9a-f]{32}$", description="of the answer's reply")
    score: int = Field(ge=-1, le=1, description="-1: bad, 0: neither, 1: good")
    comment: str | None = Field(
        None, min_length=1, max_length=MAX_COMMENT_CHARS, description="kept as it is written"
    )


class FeedbackReply(BaseModel):
    trace_id: str
    score: int


def give(body: FeedbackBody, caller: Asking) -> FeedbackReply:
    """Keeps a score with the answer's trace; a later one takes its place."""
    wiring.tracer().feedback(
        body.trace_id, tenant=caller.tenant, score=body.score, comment=body.comment
    )
    wiring.metrics().count(FEEDBACK, score={-1: "down", 0: "neither", 1: "up"}[body.score])
    return FeedbackReply(trace_id=body.trace_id, score=body.score)
