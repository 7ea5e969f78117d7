"""The HTTP API's bodies and replies, as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from askbucket.answer.answering import Traced
from askbucket.answer.retrieval import Scope
from askbucket.entry import Entry, progress_fields
from askbucket.ingest.recipe import Recipe
from askbucket.models import Box, Hit, Line, Page

KEY_BYTES = 1024  # S3's limit
MAX_TOP_K = 20
Key = Annotated[str, StringConstraints(min_length=1, max_length=KEY_BYTES)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=256)]
# User metadata travels as HTTP headers: x-amz-meta-NAME: VALUE.
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=1024)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Filter(_Body):
    """Narrows a question down; everything given must hold."""

    prefix: Key | None = Field(None, description="only keys that begin so")
    document: Key | None = Field(None, description="only this key")
    metadata: dict[Label, Label] = Field(
        default_factory=dict, max_length=10, description="user metadata or tags, all of them"
    )

    def scope(self) -> Scope:
        return Scope(self.prefix, self.document, self.metadata)


class QueryBody(_Body):
    question: str = Field(min_length=1, description="what to answer from the documents")
    top_k: int | None = Field(None, ge=1, le=MAX_TOP_K, description="chunks to answer from")
    filter: Filter = Filter()
    session_id: str | None = Field(
        None, min_length=1, max_length=128, description="groups the traces of a conversation"
    )


class SearchBody(_Body):
    query: str = Field(min_length=1, description="what to look for")
    top_k: int | None = Field(None, ge=1, le=MAX_TOP_K, description="hits to return")
    filter: Filter = Filter()


class UploadBody(_Body):
    key: Key
    content_type: HeaderValue | None = None
    metadata: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, max_length=20, description="user metadata, in ASCII"
    )
    size: int | None = Field(None, ge=1, description="bytes; signed into the upload when given")


class BoxReply(BaseModel):
    """Fractions 0..1 of the page as displayed, from its top left corner."""

    page: int
    left: float
    top: float
    width: float
    height: float


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
    usd: float


class AnswerReply(BaseModel):
    answer: str
    answered: bool
    citations: list[CitationReply]
    model: str
    usage: UsageReply
    trace_id: str
    session_id: str | None = None


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
    updated_at: int = Field(description="milliseconds since 1970")
    outdated: bool = Field(description="indexed by an older recipe; `reindex` renews it")


class AttemptReply(BaseModel):
    """The newest attempt at the document."""

    generation: int
    finished: bool
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


def answer_reply(traced: Traced, session_id: str | None) -> dict[str, Any]:
    answer = traced.answer
    reply = AnswerReply(
        answer=answer.text,
        answered=answer.answered,
        citations=[
            CitationReply(
                marker=cite.marker,
                quote=cite.quote,
                boxes=_boxes(cite.hit.page, cite.boxes),
                **_of(cite.hit),
            )
            for cite in answer.citations
        ],
        model=answer.model,
        usage=UsageReply(
            input_tokens=answer.usage.input_tokens,
            output_tokens=answer.usage.output_tokens,
            usd=answer.usage.usd,
        ),
        trace_id=traced.trace_id,
        session_id=session_id,
    )
    unset = {"session_id"} if session_id is None else set[str]()
    return reply.model_dump(exclude=unset)


def hit_reply(hit: Hit) -> HitReply:
    return HitReply(
        text=hit.text, context=hit.context, boxes=_boxes(hit.page, hit.boxes), **_of(hit)
    )


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
        "updated_at": entry.updated_at,
        "outdated": entry.recipe is not None
        and not recipe.is_current(entry.recipe, entry.document.key),
    }
    progress = {"progress": progress_fields(entry.progress)} if entry.progress else {}
    return reply | ({"reason": entry.reason} if entry.reason else {}) | progress


def attempt_reply(entry: Entry) -> dict[str, Any]:
    return {
        "generation": entry.generation,
        "finished": entry.generation == entry.committed,
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


def _of(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.document_id,
        "document": hit.document,
        "version": hit.version,
        "page": hit.page,
        "score": hit.score,
        "chunk_id": hit.chunk_id,
    }


def _boxes(page: int | None, boxes: tuple[Box, ...]) -> list[BoxReply]:
    return [_box(page, box) for box in boxes] if page is not None else []


def _box(page: int, box: Box) -> BoxReply:
    return BoxReply(page=page, left=box.left, top=box.top, width=box.width, height=box.height)


def _line(page: int, line: Line) -> LineReply:
    box = _box(page, line.box) if line.box else None
    return LineReply(
        text=line.text,
        confidence=line.confidence,
        box=box,
        heading=line.heading,
        table=line.table,
        header=line.header,
    )
