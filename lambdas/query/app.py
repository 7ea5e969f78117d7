"""The HTTP API: one FastAPI app, served by uvicorn, by API Gateway's proxy, and as a stream."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse

from askbucket import wiring
from askbucket.answer.answering import Question
from askbucket.bucket import UPLOAD_SECONDS
from askbucket.clock import now_ms
from askbucket.entries import OWN_ITEM
from askbucket.entry import Entry
from askbucket.errors import CallerError, NotFound, TooLarge
from askbucket.ingest.pages import PageArtifacts
from askbucket.ingest.recipe import ocr_of
from askbucket.models import Document, Status
from lambdas.query import problems, schemas
from lambdas.query.body_limit import BodyLimit
from lambdas.query.identity import tenant_of
from lambdas.query.streaming import server_sent_events

LARGEST_PAGE = 1_000_000  # a number beyond it makes no artifact's key
MAX_LIST = 200
ID_LENGTH = 36  # of a UUID as text
Tenant = Annotated[str, Depends(tenant_of)]


def create_app() -> FastAPI:
    """The app; nothing is read or connected to before the first request."""
    app = FastAPI(
        title="Askbucket",
        version="0.1.0",
        description="Ask a bucket of documents; every answer points at its page and lines.",
        responses=problems.RESPONSES,
    )
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.post("/query", response_model=None, responses=_ok(schemas.AnswerReply))(query)
    app.post("/query/stream", response_model=None)(stream)
    app.post("/search")(search)
    app.get("/documents", response_model_exclude_unset=True)(documents)
    app.post("/documents", status_code=201)(upload)
    app.get("/documents/{document_id}", response_model_exclude_unset=True)(document)
    app.delete("/documents/{document_id}", status_code=202)(delete)
    app.get("/documents/{document_id}/pages/{number}")(page)
    app.get("/documents/{document_id}/content", status_code=307, response_model=None)(content)
    app.get("/health")(health)
    return app


def query(body: schemas.QueryBody, tenant: Tenant) -> JSONResponse:
    """Answers a question from the documents, with a citation for every sentence."""
    try:
        traced = wiring.answering().answer(_question(body, tenant))
    finally:
        wiring.tracer().flush()
    return JSONResponse(schemas.answer_reply(traced, body.session_id))


async def stream(body: schemas.QueryBody, tenant: Tenant) -> StreamingResponse:
    """Server-sent events: `token` as the model writes, then the verified `answer`, or `error`."""
    pieces: AsyncIterator[str] = server_sent_events(_question(body, tenant))
    return StreamingResponse(pieces, media_type="text/event-stream")


def search(body: schemas.SearchBody, tenant: Tenant) -> schemas.SearchReply:
    """The chunks that match best; no language model is asked."""
    asked = _asked(body.query, body.top_k, body.filter, tenant)
    try:
        hits = wiring.answering().hits(asked)
    finally:
        wiring.tracer().flush()
    return schemas.SearchReply(hits=[schemas.hit_reply(hit) for hit in hits])


def documents(
    tenant: Tenant,  # noqa: ARG001  (only its presence counts while there is one tenant)
    prefix: Annotated[str, Query(max_length=schemas.KEY_BYTES)] = "",
    key: Annotated[str | None, Query(max_length=schemas.KEY_BYTES)] = None,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIST)] = 50,
    cursor: str | None = None,
) -> schemas.DocumentsReply:
    """Documents in key order. A page may be short; only a missing cursor ends the list."""
    listing = wiring.manifest().list(
        wiring.settings().bucket,
        prefix=prefix,
        key=key or None,
        status=status,
        limit=limit,
        cursor=_cursor_in(cursor, key or prefix),
    )
    recipe = wiring.recipe()
    shown = [schemas.document_reply(entry, recipe) for entry in listing.entries]
    reply: dict[str, Any] = {"documents": shown}
    if listing.cursor:
        reply["cursor"] = _cursor_out(listing.cursor)
    return schemas.DocumentsReply.model_validate(reply)


def upload(body: schemas.UploadBody, tenant: Tenant) -> schemas.UploadReply:  # noqa: ARG001
    """A URL to PUT the file to; the version id that the PUT returns is the version to wait for."""
    most = wiring.settings().max_file_bytes
    if len(body.key.encode("utf-8", "replace")) > schemas.KEY_BYTES:
        raise CallerError(f"the key is over {schemas.KEY_BYTES} bytes in UTF-8")
    if body.size is not None and body.size > most:
        raise TooLarge(f"size is {body.size} bytes; {most} at most are indexed")
    url, headers = wiring.bucket().upload_url(body.key, body.content_type, body.metadata, body.size)
    return schemas.UploadReply(
        id=Document(wiring.settings().bucket, body.key).id,
        url=url,
        headers=headers,
        expires_at=now_ms() + UPLOAD_SECONDS * 1000,
        max_bytes=most,
    )


def document(document_id: str, tenant: Tenant) -> schemas.DocumentDetailReply:
    """One document with the history of its steps."""
    entry = _entry(document_id, tenant)
    steps = wiring.manifest().steps(document_id)
    return schemas.DocumentDetailReply.model_validate(
        schemas.document_reply(entry, wiring.recipe())
        | {"steps": steps, "attempt": schemas.attempt_reply(entry)}
    )


def delete(document_id: str, tenant: Tenant) -> dict[str, str]:
    """Removes the object from the bucket; the index follows by itself."""
    entry = _entry(document_id, tenant)
    wiring.bucket().delete(entry.document.key)
    return {"id": document_id, "document": entry.document.key}


def page(document_id: str, number: int, tenant: Tenant) -> schemas.PageReply:
    """The lines of one page, with their boxes."""
    entry = _entry(document_id, tenant)
    if entry.active is None or entry.content is None:
        raise NotFound(f"{entry.document.key} has no readable version; its status: {entry.status}")
    ocr = ocr_of(entry.recipe)
    pages = PageArtifacts(wiring.artifacts(), document_id, entry.content, ocr)
    found = pages.page(number) if 1 <= number <= LARGEST_PAGE else None
    if found is None:
        raise NotFound(f"there is no page {number} in {entry.document.key}; pages: {entry.pages}")
    return schemas.page_reply(entry, found)


def content(document_id: str, tenant: Tenant) -> RedirectResponse:
    """Redirects to the file's bytes, in the version that answers use."""
    entry = _entry(document_id, tenant)
    return RedirectResponse(
        wiring.bucket().download_url(entry.document.key, entry.active_version), 307
    )


def health() -> schemas.HealthReply:
    """Whether the vector store answers."""
    return schemas.HealthReply(store=wiring.store().health())


def _question(body: schemas.QueryBody, tenant: str) -> Question:
    return _asked(body.question, body.top_k, body.filter, tenant, body.session_id)


def _asked(
    text: str,
    top_k: int | None,
    narrowed: schemas.Filter,
    tenant: str,
    session_id: str | None = None,
) -> Question:
    most = wiring.settings().max_question_chars
    if len(text) > most:
        raise TooLarge(f"the question has {len(text)} characters; {most} at most are taken")
    if not text.strip():
        raise CallerError("the question is blank")
    return Question(text, tenant, top_k or wiring.settings().top_k, narrowed.scope(), session_id)


def _entry(document_id: str, tenant: str) -> Entry:
    entry = wiring.manifest().get(document_id) if len(document_id) == ID_LENGTH else None
    if entry is None or entry.tenant != tenant or entry.status is Status.DELETED:
        raise NotFound(f"there is no document {document_id}; GET /documents lists them")
    return entry


def _cursor_out(cursor: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(dict(cursor)).encode()).decode()


def _cursor_in(cursor: str | None, prefix: str) -> dict[str, str] | None:
    """Raises CallerError for anything that _cursor_out did not make for the same list."""
    if cursor is None:
        return None
    try:
        value = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        document = Document(wiring.settings().bucket, value["key"])
        made_here = value == _cursor_of(document) and document.key.startswith(prefix)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise CallerError("the cursor is not one that this API gave out") from error
    if not made_here:
        raise CallerError("the cursor is of another list; leave it out to begin this one")
    return _cursor_of(document)


def _cursor_of(document: Document) -> dict[str, str]:
    """Where a list goes on after this document, as the manifest's index names it."""
    return {
        "id": document.id,
        "item": OWN_ITEM,
        "bucket": document.bucket,
        "key": document.key,
    }


def _ok(model: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model}}
