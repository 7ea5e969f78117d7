"""Documents, their pages and uploads, as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from askbucket.entry import Entry, Spent, progress_fields
from askbucket.ingest.prices import usd
from askbucket.ingest.recipe import Recipe
from askbucket.models import Line, Page
from askbucket.tracing import ingest_trace_id
from lambdas.query.boxes import BoxReply, box_reply
from lambdas.query.narrowing import Body, Key

# User metadata travels as HTTP headers: x-amz-meta-NAME: VALUE.
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=1024)]


class UploadBody(Body):
    key: Key
    content_type: HeaderValue | None = None
    metadata: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, max_length=20, description="user metadata, in ASCII"
    )
    size: int | None = Field(None, ge=1, description="bytes; signed into the upload when given")


class StepReply(BaseModel):
    at: int = Field(description="milliseconds since 1970")
    step: str
    detail: str
    generation: int


class ProgressReply(BaseModel):
    """How far the attempt under way is; without `chunks` until all of them are counted."""

    pages_read: int
    pages: int = Field(description="0 in a format without pages")
    chunks_embedded: int
    chunks: int | None = None


class DollarsReply(BaseModel):
    """What the version cost so far at list prices, all attempts at it together."""

    ocr: float
    embedding: float


class DocumentReply(BaseModel):
    id: str
    document: str
    version: str | None
    active_version: str | None
    status: str
    reason: str | None = None
    progress: ProgressReply | None = None
    warnings: list[str]
    pages: int
    ocr_pages: int
    chunks: int
    embedded_chunks: int
    size: int
    usd: DollarsReply
    updated_at: int = Field(description="milliseconds since 1970")
    outdated: bool = Field(description="indexed by an older recipe; `reindex` renews it")


class AttemptReply(BaseModel):
    """The newest attempt at the document."""

    generation: int
    finished: bool
    trace_id: str = Field(description="of its trace, if attempts are traced")
    due_at: int | None = Field(description="when it is looked at again; milliseconds since 1970")


class DocumentDetailReply(DocumentReply):
    attempt: AttemptReply
    steps: list[StepReply]


class DocumentsReply(BaseModel):
    documents: list[DocumentReply]
    cursor: str | None = None


class LineReply(BaseModel):
    text: str
    confidence: float
    box: BoxReply | None
    heading: int = Field(description="level of a heading, from 1; 0 for other text")
    table: int = Field(description="the page's table it is a row of, from 1; 0 for other text")
    header: bool = Field(description="whether the row names its table's columns")


class PageReply(BaseModel):
    id: str
    document: str
    version: str | None
    page: int
    source: str
    lines: list[LineReply]


class UploadReply(BaseModel):
    id: str
    url: str
    method: Literal["PUT"] = "PUT"
    headers: dict[str, str]
    expires_at: int = Field(description="milliseconds since 1970")
    max_bytes: int


class HealthReply(BaseModel):
    status: Literal["ok"] = "ok"
    store: str


def document_reply(entry: Entry, recipe: Recipe) -> dict[str, Any]:
    reply = {
        "id": entry.document.id,
        "document": entry.document.key,
        "version": entry.version,
        "active_version": entry.active_version if entry.active is not None else None,
        "status": str(entry.status),
        "warnings": list(entry.warnings),
        "pages": entry.pages,
        "ocr_pages": entry.ocr_pages,
        "chunks": entry.chunks,
        "embedded_chunks": entry.embedded,
        "size": entry.size,
        "usd": _usd(entry),
        "updated_at": entry.updated_at,
        "outdated": entry.recipe is not None
        and not recipe.is_current(entry.recipe, entry.document.key),
    }
    progress = {"progress": progress_fields(entry.progress)} if entry.progress else {}
    return reply | ({"reason": entry.reason} if entry.reason else {}) | progress


def _usd(entry: Entry) -> dict[str, float]:
    """Nothing where what was paid is of another version, whose bytes were the same."""
    paid = entry.spent if entry.spent and entry.spent.version == entry.version else Spent("")
    return {"ocr": usd(paid.ocr), "embedding": usd(paid.embedding)}


def attempt_reply(entry: Entry) -> dict[str, Any]:
    return {
        "generation": entry.generation,
        "finished": entry.generation == entry.committed,
        "trace_id": ingest_trace_id(entry.document.id, entry.generation),
        "due_at": entry.due_at,
    }


def page_reply(entry: Entry, page: Page) -> PageReply:
    return PageReply(
        id=entry.document.id,
        document=entry.document.key,
        version=entry.active_version,
        page=page.number,
        source=page.source,
        lines=[_line(page.number, line) for line in page.lines],
    )


def _line(page: int, line: Line) -> LineReply:
    box = box_reply(page, line.box) if line.box else None
    return LineReply(
        text=line.text,
        confidence=line.confidence,
        box=box,
        heading=line.heading,
        table=line.table,
        header=line.header,
    )
