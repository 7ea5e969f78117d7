"""Questions, hits and answers, as the OpenAPI document shows them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from askbucket.answer.question import Mode, Traced
from askbucket.models import Hit, Place
from lambdas.query.body_limit import MAX_BODY_BYTES
from lambdas.query.boxes import BoxReply, box_replies
from lambdas.query.narrowing import Body, Filter

MAX_TOP_K = 20
SESSION_ID_LENGTH = 128
OPTIONAL = (
    "session_id",
    "rewritten",
    "summary",
)  # left out where there is nothing to tell

# The setting `max_question_chars` has the last word; this is what no body can be over.
Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_BODY_BYTES)]


class QueryBody(Body):
    question: Text = Field(description="what to answer from the documents")
    top_k: int | None = Field(None, ge=1, le=MAX_TOP_K, description="chunks to answer from")
    filter: Filter = Filter()
    model: str | None = Field(
        None, min_length=1, max_length=200, description="one of the chat models that are allowed"
    )
    mode: Mode = Field(
        "answer", description="`summary` reads all that the filter leaves, not the best chunks"
    )
    session_id: str | None = Field(
        None,
        min_length=1,
        max_length=SESSION_ID_LENGTH,
        description="any text of yours; questions that share it are one session",
    )


class SearchBody(Body):
    query: Text = Field(description="what to look for")
    top_k: int | None = Field(None, ge=1, le=MAX_TOP_K, description="hits to return")
    filter: Filter = Filter()


class PlaceReply(BaseModel):
    id: str
    document: str
    version: str
    page: int | None


class HitReply(BaseModel):
    id: str
    document: str
    version: str
    page: int | None
    text: str
    context: str = Field(description="title, headings and table header that the text stands under")
    boxes: list[BoxReply]
    score: float
    chunk_id: str
    duplicates: list[PlaceReply] = Field(description="other places that hold the same text")


class SearchReply(BaseModel):
    hits: list[HitReply]


class CitationReply(BaseModel):
    marker: int = Field(description="stands in the answer as [marker]")
    id: str
    document: str
    version: str
    page: int | None
    quote: str
    boxes: list[BoxReply]
    score: float
    chunk_id: str


class UsageReply(BaseModel):
    input_tokens: int
    output_tokens: int
    usd: float | None = Field(description="list price; null where the model's is not known")


class SummaryReply(BaseModel):
    """What a summary covers; `reused` of its groups had been summarised before."""

    chunks: int
    groups: int
    reused: int


class AnswerReply(BaseModel):
    answer: str
    answered: bool
    citations: list[CitationReply]
    model: str
    stop: str = Field(
        description="why the model stopped: `end`; `length`, a sentence that was cut is left out; "
        "`guardrail` or `refusal`, then nothing is answered"
    )
    cached: bool = Field(description="whether a reply to the same prompt was used again")
    usage: UsageReply
    trace_id: str
    session_id: str | None = None
    rewritten: str | None = Field(None, description="what was asked in place of a follow-up")
    summary: SummaryReply | None = None


def answer_reply(traced: Traced, session_id: str | None) -> dict[str, Any]:
    answer = traced.answer
    reply = AnswerReply(
        answer=answer.text,
        answered=answer.answered,
        citations=[
            CitationReply(
                marker=cite.marker,
                quote=cite.quote,
                boxes=box_replies(cite.hit.page, cite.boxes),
                **_of(cite.hit),
            )
            for cite in answer.citations
        ],
        model=answer.model,
        stop=answer.stop,
        cached=answer.cached,
        usage=UsageReply(
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            usd=answer.usage.usd,
        ),
        trace_id=traced.trace_id,
        session_id=session_id,
        rewritten=traced.rewritten,
        summary=SummaryReply(**asdict(traced.summary)) if traced.summary else None,
    )
    unset = {name for name in OPTIONAL if getattr(reply, name) is None}
    return reply.model_dump(exclude=unset)


def hit_reply(hit: Hit) -> HitReply:
    return HitReply(
        text=hit.text,
        context=hit.context,
        boxes=box_replies(hit.page, hit.boxes),
        duplicates=[_place_reply(place) for place in hit.duplicates],
        **_of(hit),
    )


def _place_reply(place: Place) -> PlaceReply:
    return PlaceReply(
        id=place.document_id, document=place.document, version=place.version, page=place.page
    )


def _of(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.document_id,
        "document": hit.document,
        "version": hit.version,
        "page": hit.page,
        "score": hit.score,
        "chunk_id": hit.chunk_id,
    }
