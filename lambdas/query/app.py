"""The HTTP API: one FastAPI app, served by uvicorn, by API Gateway's proxy, and as a stream."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from askbucket import wiring
from askbucket.version import VERSION
from lambdas.query import (
    asking,
    documents,
    feedback,
    problems,
    questions,
    reference,
    scraping,
    sessions,
)
from lambdas.query.asking_schemas import AnswerReply
from lambdas.query.body_limit import BodyLimit
from lambdas.query.correlation import Correlation
from lambdas.query.document_schemas import HealthReply
from lambdas.query.origins import Origins
from lambdas.query.questions import QuestionReply, QueuedReply


def create_app() -> FastAPI:
    """The app; nothing is read or connected to before the first request."""
    app = FastAPI(
        title="Askbucket",
        version=VERSION,
        description="Ask a bucket of documents; every answer points at its page and lines.",
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    problems.install(app)
    reference.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Origins)
    app.add_middleware(Correlation)
    app.post("/query", response_model=None, responses=_ok(AnswerReply))(asking.query)
    app.post("/query/stream", response_model=None)(asking.stream)
    app.post("/search")(asking.search)
    app.post("/feedback", status_code=202)(feedback.give)
    app.post("/questions", status_code=202, response_model=None, responses=_ok(QueuedReply, 202))(
        questions.ask
    )
    app.get("/questions/{question_id}", response_model=None, responses=_ok(QuestionReply))(
        questions.question
    )
    app.get("/sessions/{session_id:path}")(sessions.session)
    app.delete("/sessions/{session_id:path}", status_code=204)(sessions.delete)
    app.get("/documents", response_model_exclude_unset=True)(documents.documents)
    app.post("/documents", status_code=201)(documents.upload)
    app.get("/documents/{document_id}", response_model_exclude_unset=True)(documents.document)
    app.delete("/documents/{document_id}", status_code=202)(documents.delete)
    app.get("/documents/{document_id}/pages/{number}")(documents.page)
    app.get("/documents/{document_id}/content", status_code=307, response_model=None)(
        documents.content
    )
    app.get("/health")(health)
    app.get("/metrics", include_in_schema=False)(scraping.metrics)
    return app


def health() -> HealthReply:
    """Whether the vector store answers."""
    return HealthReply(store=wiring.store().health())


def _ok(model: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": model}}
