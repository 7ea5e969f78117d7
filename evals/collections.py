"""The collections of questions with known answers, as documents to index and places to find.

They are read from a folder outside the repository: none of them may be shipped with it. Each takes
that folder, and raises click.UsageError where its set is not there.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from askbucket.ingest.readers.reading import open_source
from askbucket.models import Page
from evals.data import set_folder
from evals.measures import Place

QUESTIONS = Path(__file__).parent / "questions" / "filings.jsonl"
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Document:
    """A read document: its key in the bucket, its pages, and whether they are shown."""

    key: str
    pages: Sequence[Page]
    paged: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the places that answer it, and the one document it is about, if it names one.

    Where several facts are needed, `needs` holds the places of each; one of every need is enough.
    """

    text: str
    relevant: frozenset[Place]
    document: str | None = None
    needs: Sequence[frozenset[Place]] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents and the questions asked of them."""

    documents: Sequence[Document]
    questions: Sequence[Question]


def financebench(data: Path | None) -> Collection:
    """Filings as PDFs; what is looked for is a page."""
    base = set_folder(data, "financebench")
    questions = [
        Question(
            row["question"],
            frozenset((f"{row['doc_name']}.pdf", page) for page in row["evidence_pages_1based"]),
            f"{row['doc_name']}.pdf",
        )
        for row in _rows(base / "questions.jsonl")
    ]
    return Collection(_filings(base), questions)


def filings(split: str) -> Callable[[Path | None], Collection]:
    """The same filings and one half of our own questions."""

    def collection(data: Path | None) -> Collection:
        rows = [row for row in _rows(QUESTIONS) if row["evidence"] and row["split"] == split]
        documents = _filings(set_folder(data, "financebench"))
        return Collection(documents, [_filing_question(row) for row in rows])

    return collection


def filings_by_year(data: Path | None) -> Collection:
    """Each filing beside itself a year earlier and a year later: the same text and name, but for
    the years in them. Asked are all of our own questions: only the years tell which is meant."""
    asked = [
        question for half in ("tune", "held-out") for question in filings(half)(data).questions
    ]
    documents = _filings(set_folder(data, "financebench"))
    return Collection([_moved(each, years) for years in (0, -1, 1) for each in documents], asked)


def _filings(base: Path) -> list[Document]:
    return [read(path, path.name) for path in sorted((base / "pdfs").glob("*.pdf"))]


def _filing_question(row: Mapping[str, Any]) -> Question:
    key = f"{row['doc_name']}.pdf"
    needs = [frozenset((key, page) for page in pages) for pages in row["evidence"]]
    return Question(row["question"], frozenset().union(*needs), key, needs)


def _moved(document: Document, years: int) -> Document:
    def moved(text: str) -> str:
        return YEAR.sub(lambda year: str(int(year[0]) + years), text)

    pages = [
        replace(page, lines=tuple(replace(line, text=moved(line.text)) for line in page.lines))
        for page in document.pages
    ]
    return replace(document, key=moved(document.key), pages=pages)


def cranfield(data: Path | None) -> Collection:
    folder = set_folder(data, "cranfield")
    return _judged(folder, folder / "qrels.tsv")


def xquad(asked: str, written: str) -> Callable[[Path | None], Collection]:
    """Paragraphs of one language and the same questions in that or in another one."""

    def collection(data: Path | None) -> Collection:
        folder = set_folder(data, "xquad")
        return _judged(folder / written, folder / "qrels.tsv", folder / asked)

    return collection


def read(path: Path, key: str) -> Document:
    """The file as the product reads it; pages that need OCR have no lines."""
    source = open_source(path, key)
    try:
        return Document(key, source.pages(1, source.page_count), source.paged)
    finally:
        source.close()


def _judged(folder: Path, judgements: Path, questions_in: Path | None = None) -> Collection:
    """A collection in BEIR's form: texts named by number, so that their names tell nothing."""
    relevant: dict[str, set[Place]] = {}
    for row in judgements.read_text("utf-8").splitlines()[1:]:
        query, document, _ = row.split("\t")
        relevant.setdefault(query, set()).add((f"{document}.txt", None))
    questions = [
        Question(row["text"], frozenset(relevant[row["_id"]]))
        for row in _rows((questions_in or folder) / "queries.jsonl")
        if row["_id"] in relevant
    ]
    return Collection(list(_texts(folder / "corpus.jsonl")), questions)


def _texts(corpus: Path) -> Iterator[Document]:
    with tempfile.TemporaryDirectory(prefix="askbucket-evals-") as name:
        path = Path(name) / "text.txt"
        for row in _rows(corpus):
            content = f"{row['title']}\n\n{row['text']}".strip()
            if content:
                path.write_text(content, "utf-8")
                yield read(path, f"{row['_id']}.txt")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
