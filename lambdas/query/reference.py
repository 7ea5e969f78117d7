"""What the OpenAPI document says beyond signatures: names, tags, examples, and for each route the
errors that it can answer with, no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from lambdas.query.body_limit import MAX_BODY_BYTES
from lambdas.query.examples import (
    ANSWER,
    ATTEMPT,
    DOCUMENT,
    HIT,
    LINE,
    PLACE,
    QUESTION,
    QUEUED,
    QUEUED_ANSWER,
    SESSION,
    STEP,
    STREAM,
    TRACE,
    UUID,
)
from lambdas.query.problems import MEDIA_TYPE, PROBLEM_SCHEMA, UNPARSED, problem_body

ERRORS: Mapping[int, str] = {
    400: "The request cannot be served as it stands; `detail` says why.",
    401: "The caller has to prove again who they are.",
    403: "The request did not come through the API's gateway, or is not this caller's to make.",
    404: "What the request names does not exist.",
    409: "The stack, as it is set up, cannot do this.",
    413: "Something that was sent is over a limit, which `detail` names.",
    422: "A field is missing or not as described; `errors` lists each, unless the gateway saw it.",
    429: "The caller's requests are used up; try again after the seconds in `Retry-After`.",
    500: "A fault of the service; it was logged.",
    503: "A passing fault; try again after the seconds in `Retry-After`.",
}


@dataclass(frozen=True)
class Reference:
    """`errors` are status and the `detail` of an example, beside 500 and 503 of every route."""

    name: str
    tag: str
    summary: str
    reply: Any
    errors: Mapping[int, str]
    body: Any = None
    media_type: str = "application/json"
    parameters: Mapping[str, Any] = field(default_factory=dict)


REFUSED = {
    401: "the token has expired: sign in again",
    403: "this address is not the API's: send requests to the gateway's URL",
    429: "this caller's 120 requests a minute are used up; try again in 17 seconds",
}
NO_DOCUMENT = REFUSED | {404: f"there is no document {UUID}; GET /documents lists them"}
LARGE = {413: f"the body is over {MAX_BODY_BYTES} bytes, the most that is taken"}
ASKED = REFUSED | LARGE | {400: "the question is blank", 422: "question: Field required"}
ONE = {"document_id": UUID}
OF_SESSION = {"session_id": "kitchen-table"}
IN_SESSION = REFUSED | {
    404: "there is no session 'kitchen-table' of yours",
    422: "session_id: String should have at most 128 characters",
}

ROUTES: Mapping[tuple[str, str], Reference] = {
    ("/query", "post"): Reference("ask", "ask", "Answer a question", ANSWER, ASKED, QUESTION),
    ("/query/stream", "post"): Reference(
        "stream", "ask", "Answer as it is written", STREAM, ASKED, QUESTION, "text/event-stream"
    ),
    ("/questions", "post"): Reference(
        "queue_question",
        "ask",
        "Take a question to be answered later",
        QUEUED | {"status": "queued"},
        ASKED | {404: "no questions are queued here: ASKBUCKET_QUESTIONS_QUEUE_URL is not set"},
        QUESTION,
        parameters={"idempotency-key": "order 7"},
    ),
    ("/questions/{question_id}", "get"): Reference(
        "get_question",
        "ask",
        "A queued question and its answer",
        QUEUED_ANSWER,
        REFUSED
        | {
            404: f"there is no question '{QUEUED['id']}': it may have expired",
            422: "question_id: String should have at most 100 characters",
        },
        parameters={"question_id": QUEUED["id"]},
    ),
    ("/search", "post"): Reference(
        "search",
        "ask",
        "Find chunks",
        {"hits": [HIT]},
        ASKED | {422: "query: Field required"},
        {"query": "monthly rent", "top_k": 10},
    ),
    ("/feedback", "post"): Reference(
        "give_feedback",
        "ask",
        "Say how good an answer was",
        {"trace_id": TRACE, "score": 1},
        REFUSED
        | LARGE
        | {
            400: UNPARSED,
            404: f"there is no answer with the trace id '{TRACE}'",
            409: "answers are not traced here, so there is nothing to score",
            422: "score: Input should be less than or equal to 1",
        },
        {"trace_id": TRACE, "score": 1, "comment": "just what I looked for"},
    ),
    ("/sessions/{session_id}", "get"): Reference(
        "get_session",
        "ask",
        "What was asked in a session",
        SESSION,
        IN_SESSION,
        parameters=OF_SESSION,
    ),
    ("/sessions/{session_id}", "delete"): Reference(
        "delete_session", "ask", "Forget a session", None, IN_SESSION, parameters=OF_SESSION
    ),
    ("/documents", "get"): Reference(
        "list_documents",
        "documents",
        "List documents in key order",
        {"documents": [DOCUMENT], "cursor": "eyJpZCI6ICIwYjBmIn0="},
        REFUSED
        | {
            400: "the cursor is not one that this API gave out",
            422: "limit: Input should be less than or equal to 200",
        },
        parameters={"prefix": "leases/", "limit": 50, "status": "ready"},
    ),
    ("/documents", "post"): Reference(
        "upload_document",
        "documents",
        "Get a URL to upload a file to",
        {
            "id": UUID,
            "url": "https://BUCKET.s3.amazonaws.com/leases/main%20street.pdf?X-Amz-Signature=…",
            "method": "PUT",
            "headers": {"content-type": "application/pdf", "x-amz-meta-team": "legal"},
            "expires_at": 1_790_000_000_000,
            "max_bytes": 104857600,
        },
        REFUSED
        | {
            400: "the key is over 1024 bytes in UTF-8",
            413: "size is 104857601 bytes; 104857600 at most are indexed",
            422: "key: Field required",
        },
        {
            "key": "leases/main street.pdf",
            "content_type": "application/pdf",
            "metadata": {"team": "legal"},
            "size": 88213,
        },
    ),
    ("/documents/{document_id}", "get"): Reference(
        "get_document",
        "documents",
        "One document with its history",
        DOCUMENT | {"attempt": ATTEMPT, "steps": [STEP]},
        NO_DOCUMENT,
        parameters=ONE,
    ),
    ("/documents/{document_id}", "delete"): Reference(
        "delete_document",
        "documents",
        "Remove a document's object",
        {"id": UUID, "document": "leases/main street.pdf"},
        NO_DOCUMENT,
        parameters=ONE,
    ),
    ("/documents/{document_id}/pages/{number}", "get"): Reference(
        "get_page",
        "documents",
        "A page's lines and boxes",
        PLACE | {"source": "text", "lines": [LINE]},
        NO_DOCUMENT | {422: "number: Input should be a valid integer"},
        parameters=ONE | {"number": 3},
    ),
    ("/documents/{document_id}/content", "get"): Reference(
        "get_content",
        "documents",
        "A redirect to the file's bytes",
        None,
        NO_DOCUMENT,
        parameters=ONE,
    ),
    ("/health", "get"): Reference(
        "health", "service", "Whether the store answers", {"status": "ok", "store": "1.18.0"}, {}
    ),
}
ALWAYS = {
    500: "this is a fault of the service; it was logged",
    503: "the vector store cannot be reached; try again in a few seconds",
}


def install(app: FastAPI) -> None:
    """Makes the app's OpenAPI document the one described here; it is built when first asked for."""

    @cache
    def document() -> dict[str, Any]:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        for (path, method), reference in ROUTES.items():
            _describe(made["paths"][path][method], reference)
        return made

    app.openapi = document  # type: ignore[method-assign]


def _describe(operation: dict[str, Any], reference: Reference) -> None:
    operation["operationId"], operation["tags"] = reference.name, [reference.tag]
    operation["summary"] = reference.summary
    done = {k: v for k, v in operation["responses"].items() if k.startswith(("2", "3"))}
    for reply in done.values():
        _show(reply, reference)
    errors = {**reference.errors, **ALWAYS}
    operation["responses"] = done | {str(s): _error(s, errors[s]) for s in sorted(errors)}
    if reference.body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = reference.body
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in reference.parameters:
            parameter["example"] = reference.parameters[parameter["name"]]


def _show(reply: dict[str, Any], reference: Reference) -> None:
    """The example of a reply; one without a body has no content at all."""
    if reference.reply is None:
        reply.pop("content", None)
        return
    text = reference.media_type != "application/json"
    content = {} if text else reply["content"]["application/json"]
    reply["content"] = {reference.media_type: content | {"example": reference.reply}}


def _error(status: int, detail: str) -> dict[str, Any]:
    example = problem_body(HTTPStatus(status), detail)
    reply: dict[str, Any] = {
        "description": ERRORS[status],
        "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA, "example": example}},
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        reply["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "example": 5}}
    return reply
