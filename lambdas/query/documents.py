"""The routes of documents: lists, uploads, one document, its pages and its bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import RedirectResponse

from askbucket import wiring
from askbucket.answer.question import Caller
from askbucket.bucket import UPLOAD_SECONDS
from askbucket.clock import now_ms
from askbucket.entries import OWN_ITEM
from askbucket.entry import Entry
from askbucket.errors import CallerError, Forbidden, NotFound, TooLarge
from askbucket.ingest.pages import PageArtifacts
from askbucket.ingest.recipe import ocr_of
from askbucket.models import Document, Status
from askbucket.ownership import Rights
from lambdas.query import document_schemas as schemas
from lambdas.query.identity import Asking
from lambdas.query.narrowing import KEY_BYTES

LARGEST_PAGE = 1_000_000  # a number beyond it makes no artifact's key
MAX_LIST = 200
ID_LENGTH = 36  # of a UUID as text


def documents(
    caller: Asking,
    prefix: Annotated[str, Query(max_length=KEY_BYTES)] = "",
    key: Annotated[str | None, Query(max_length=KEY_BYTES)] = None,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIST)] = 50,
    cursor: str | None = None,
) -> schemas.DocumentsReply:
    """Documents in key order. A page may be short; only a missing cursor ends the list."""
    own = wiring.ownership().narrowed(caller.tenant, key or prefix)
    if own is None or (key and own != key):
        return schemas.DocumentsReply(documents=[])
    asked = {"key": key} if key else {"prefix": own}
    start = _cursor_in(cursor, own)
    entries, onward = _known(caller, start, status=status, limit=limit, **asked)
    recipe = wiring.recipe()
    reply: dict[str, Any] = {
        "documents": [schemas.document_reply(entry, recipe) for entry in entries]
    }
    if onward:
        reply["cursor"] = _cursor_out(onward)
    return schemas.DocumentsReply.model_validate(reply)


def upload(body: schemas.UploadBody, caller: Asking) -> schemas.UploadReply:
    """A URL to PUT the file to; the version id that the PUT returns is the version to wait for."""
    most = wiring.settings().max_file_bytes
    if len(body.key.encode("utf-8", "replace")) > KEY_BYTES:
        raise CallerError(f"the key is over {KEY_BYTES} bytes in UTF-8")
    if body.size is not None and body.size > most:
        raise TooLarge(f"size is {body.size} bytes; {most} at most are indexed")
    _require_own(body.key, caller)
    url, headers = wiring.bucket().upload_url(body.key, body.content_type, body.metadata, body.size)
    return schemas.UploadReply(
        id=Document(wiring.settings().bucket, body.key).id,
        url=url,
        headers=headers,
        expires_at=now_ms() + UPLOAD_SECONDS * 1000,
        max_bytes=most,
    )


def document(document_id: str, caller: Asking) -> schemas.DocumentDetailReply:
    """One document with the history of its steps."""
    entry = _entry(document_id, caller)
    steps = wiring.manifest().steps(document_id)
    return schemas.DocumentDetailReply.model_validate(
        schemas.document_reply(entry, wiring.recipe())
        | {"steps": steps, "attempt": schemas.attempt_reply(entry)}
    )


def delete(document_id: str, caller: Asking) -> dict[str, str]:
    """Removes the object from the bucket; the index follows by itself."""
    entry = _entry(document_id, caller)
    wiring.bucket().delete(entry.document.key)
    return {"id": document_id, "document": entry.document.key}


def page(document_id: str, number: int, caller: Asking) -> schemas.PageReply:
    """The lines of one page, with their boxes."""
    entry = _entry(document_id, caller)
    if entry.active is None or entry.content is None:
        raise NotFound(f"{entry.document.key} has no readable version; its status: {entry.status}")
    ocr = ocr_of(entry.recipe)
    pages = PageArtifacts(wiring.artifacts(), document_id, entry.content, ocr)
    found = pages.page(number) if 1 <= number <= LARGEST_PAGE else None
    if found is None:
        raise NotFound(f"there is no page {number} in {entry.document.key}; pages: {entry.pages}")
    return schemas.page_reply(entry, found)


def content(document_id: str, caller: Asking) -> RedirectResponse:
    """Redirects to the file's bytes, in the version that answers use."""
    entry = _entry(document_id, caller)
    return RedirectResponse(
        wiring.bucket().download_url(entry.document.key, entry.active_version or entry.version), 307
    )


def _entry(document_id: str, caller: Caller) -> Entry:
    entry = wiring.manifest().get(document_id) if len(document_id) == ID_LENGTH else None
    if entry is None or not _rights(caller).know(entry) or entry.status is Status.DELETED:
        raise NotFound(f"there is no document {document_id}; GET /documents lists them")
    return entry


def _rights(caller: Caller) -> Rights:
    return wiring.ownership().rights(caller.tenant, caller.groups)


def _require_own(key: str, caller: Caller) -> None:
    """Raises Forbidden for a key that is not the caller's to write."""
    own = wiring.ownership().prefix_of(caller.tenant)
    if not key.startswith(own) or key == own:
        raise Forbidden(f"the key {key!r} is not yours: it must begin with {own!r}, and go on")
    there = wiring.manifest().get(Document(wiring.settings().bucket, key).id)
    if there and there.status is not Status.DELETED and not _rights(caller).know(there):
        raise Forbidden(f"the key {key!r} is taken by a document of other groups; choose another")


def _known(
    caller: Caller, start: Mapping[str, Any] | None, **asked: Any
) -> tuple[list[Entry], Mapping[str, Any] | None]:
    """A page of what the caller may know of, and where to go on.

    A cursor names a key. So where some documents are hidden, it is the last one shown.
    """
    rights = _rights(caller)
    while True:
        page = wiring.manifest().list(wiring.settings().bucket, cursor=start, **asked)
        known = [entry for entry in page.entries if rights.know(entry)]
        if page.cursor is None or rights.groups is None:
            return known, page.cursor
        if known:
            return known, _cursor_of(known[-1].document)
        start = page.cursor


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
