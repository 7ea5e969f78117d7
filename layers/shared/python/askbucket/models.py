"""The nouns of Askbucket. Frozen, free of I/O, shared by every other module."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DEFAULT_TENANT = "default"  # whose documents are while nobody is told apart
DOCUMENT_NAMESPACE = uuid.UUID("6f0d3a54-2f1b-5d3e-9a64-6b0f4c1d7e21")


class Status(StrEnum):
    """Where a document stands; `READY`, `FAILED` and `DELETED` are at rest."""

    QUEUED = "queued"
    READING = "reading"
    OCR = "ocr"
    INDEXING = "indexing"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Document:
    """A key of the document bucket. Keys hold anything in up to 1,024 bytes, so only `id`,
    a UUIDv5 of bucket and key, is ever used as an identifier or as part of a path."""

    bucket: str
    key: str

    @property
    def id(self) -> str:
        return str(uuid.uuid5(DOCUMENT_NAMESPACE, f"{self.bucket}\0{self.key}"))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: fractions 0..1 of the page as displayed, from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `box` is None where the format has no pages, `confidence` is 0..100.

    `heading` is the level of a heading, 1 the highest, and 0 for all other text. `table` is 0, or
    the number, from 1, of the page's table that the line is a row of; then `text` is its cells
    joined by " | ", and `header` tells whether it names the columns.
    """

    text: str
    box: Box | None = None
    confidence: float = 100.0
    heading: int = 0
    table: int = 0
    header: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page in reading order.

    `number` counts from 1 as a viewer shows it; in a format without pages it counts parts and
    is never shown. `source` tells how it was read: "text", "ocr", or "waiting" for OCR. `hidden`
    tells that text was left out which nobody sees.
    """

    number: int
    lines: tuple[Line, ...]
    source: str = "text"
    hidden: bool = False

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one page: `text` is page.text[start:end], whole or cut lines joined by newlines.

    `boxes` holds one box for every line of `text`, in order; it is empty where lines have none.
    `page` is None where the format has no pages. `context` tells where the text stands: title of
    the document, headings above it, header of its table; it is searched with the text and shown
    to the model, but is no part of what can be quoted.
    """

    number: int
    page: int | None
    start: int
    end: int
    text: str
    boxes: tuple[Box, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Token ids and their weights, of equal length, ids ascending."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """What the bucket holds for a key now. `labels` are its user metadata and tags.

    `version` is "null" for an object from before versioning was switched on, so `etag` counts too.
    `modified` is when it was written, in ms since 1970.
    """

    version: str
    etag: str
    size: int
    labels: Mapping[str, str] = field(default_factory=dict)
    modified: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a document, under the version that readers see."""

    document_id: str
    document: str
    version: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found by a search, with its score: 0..1, the best possible 1.

    `context` is the chunk's: what the text stands under; `number` counts its document's chunks.
    `modified` is when the document's version was written to the bucket, in ms since 1970; 0 where
    the index is too old to tell. `duplicates` are other places that hold the same text.
    """

    chunk_id: str
    document_id: str
    generation: int
    tenant: str
    document: str
    version: str
    page: int | None
    text: str
    boxes: tuple[Box, ...]
    score: float
    context: str = ""
    modified: int = 0
    number: int = 0
    duplicates: tuple[Place, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.document_id, self.document, self.version, self.page)


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote, located in the lines of the document it came from."""

    marker: int
    quote: str
    boxes: tuple[Box, ...]
    hit: Hit


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens counted by the models and their list price in US dollars: None where a model is none
    of those whose price is known."""

    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            None if self.usd is None or other.usd is None else self.usd + other.usd,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Every sentence of `text` ends in the marker of a citation; `answered` is False where the
    documents do not hold the answer, and then nothing is cited. `stop` tells why the model stopped:
    `end`, `length` (a sentence that was cut is left out), `guardrail` or `refusal`.
    `cached` tells that the model had replied to the same prompt before, and was not asked."""

    text: str
    answered: bool
    citations: tuple[Citation, ...]
    model: str
    usage: Usage
    stop: str = "end"
    cached: bool = False
