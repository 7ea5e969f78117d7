"""A hostile document on its whole way: reader, chunks, search, prompt, chat model, verification."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askbucket.answer.answering import Answering
from askbucket.answer.chat import Chat, Reply
from askbucket.answer.question import Question, Scope
from askbucket.answer.sourcing import Sourcing
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.readers.reading import open_source
from askbucket.ingest.searched import meaning_of, words_of
from askbucket.ingest.trail import title_of
from askbucket.models import Answer, Chunk, Hit, Page, Usage
from askbucket.tracing import Untraced
from evals.embedding import fitting
from evals.index import Index, Indexed, Weights
from evals.injection.hostile import QUESTION, Hostile
from evals.reading.offline_ocr import OfflineOcr
from local.bedrock.converse import parsed_prompt
from local.bedrock.extractive import answer as extracted
from local.bedrock.minilm import MiniLM

CHUNK_CHARS, CONTEXT_TOKENS, TOP_K = 1000, 6000, 5  # as the settings'


@dataclass(frozen=True, slots=True)
class Read:
    """What of a document is indexed: its chunks, and what was told of it."""

    chunks: Sequence[Chunk]
    warnings: Sequence[str]
    hidden: bool

    @property
    def told(self) -> bool:
        return self.hidden or bool(self.warnings)


class ExtractiveChat:
    """The offline answerer in this process; it sees what it would over the wire."""

    model_id = "askbucket.extractive"

    def __init__(self, model: MiniLM) -> None:
        self._model = model

    def reply(self, system: str, user: str, **_: Any) -> Reply:  # noqa: ARG002  (the port's)
        prompt = parsed_prompt(user)
        found = extracted(prompt.question, prompt.sources, self._model.sentence_vector)
        return Reply(str(found), Usage())

    def stream(self, system: str, user: str, **_: Any) -> Iterator[str | Reply]:
        reply = self.reply(system, user)
        yield reply.text
        yield reply


def read(document: Hostile, ocr: OfflineOcr) -> Read:
    """The document as ingest reads and cuts it."""
    with tempfile.TemporaryDirectory(prefix="askbucket-evals-") as folder:
        path = Path(folder) / "object"
        path.write_bytes(document.body)
        source = open_source(path, document.key)
        try:
            pages: list[Page] = list(source.pages(1, source.page_count))
            waiting = [page.number for page in pages if page.source == "waiting"]
            if waiting:
                digest = hashlib.sha256(document.body).hexdigest()
                pages = ocr.pages(source, digest, waiting)  # of these documents it is every page
        finally:
            source.close()
    chunks = Chunker(CHUNK_CHARS, 0).chunks(pages, paged=source.paged, title=title_of(document.key))
    return Read(fitting(chunks), source.warnings, any(page.hidden for page in pages))


def found(document: Hostile, chunks: Sequence[Chunk], model: MiniLM) -> list[Hit]:
    """The hits of the question, best first."""
    import numpy as np

    indexed = [Indexed(document.key, chunk, words_of(chunk)) for chunk in chunks]
    dense = np.array([model.embed(meaning_of(chunk)) for chunk in chunks])
    return Index(indexed, dense).search(QUESTION, model.embed(QUESTION), Weights())[:TOP_K]


def asked(hits: Sequence[Hit], chat: Chat) -> Answer:
    """The verified answer to the question from these hits."""
    retriever: Any = lambda *_, **__: list(hits)  # noqa: E731
    sourcing = Sourcing(retriever, Untraced())
    answering = Answering(sourcing, chat, Untraced(), CONTEXT_TOKENS)
    return answering.answer(Question(QUESTION, "default", TOP_K, Scope())).answer
