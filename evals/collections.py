"""The collections of questions with known answers, as documents to index and places to find.

All but the shipped one are read from a folder outside the repository, which they take: they may
not be shipped with it. Each raises click.UsageError where its set is not there.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from askbucket.ingest.readers.reading import open_source
from askbucket.models import Page
from evals.data import json_lines, set_folder
from evals.measures import Place
from local.serve import ROOT

STATEMENTS = ROOT / "evals" / "questions" / "statements.jsonl"
QUESTIONS = ROOT / "evals" / "questions" / "filings.jsonl"
SHIPPED = ROOT / "evals" / "shipped"
SAMPLES = ROOT / "samples"
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
SAMPLE_NAMES = ("handbook.pdf", "notes.txt", "notice.html")


@dataclass(frozen=True, slots=True)
class Document:
    """A read document: its key in the bucket, its pages, whether they are shown, and its file if
    that stays."""

    key: str
    pages: Sequence[Page]
    paged: bool
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the places that answer it, and the one document it is about, if it names one.

    Where an answer takes several things, `needs` holds for each the places that have it.
    """

    text: str
    relevant: frozenset[Place]
    document: str | None = None
    needs: tuple[frozenset[Place], ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents and the questions asked of them."""

    documents: Sequence[Document]
    questions: Sequence[Question]


def financebench(data: Path | None) -> Collection:
    """Filings as PDFs; what is looked for is a page."""
    base = set_folder(data, "financebench")
    documents = [kept(path) for path in sorted((base / "pdfs").glob("*.pdf"))]
    questions = [
        Question(
            row["question"],
            frozenset((f"{row['doc_name']}.pdf", page) for page in row["evidence_pages_1based"]),
            f"{row['doc_name']}.pdf",
        )
        for row in json_lines(base / "questions.jsonl")
    ]
    return Collection(documents, questions)


def filings(data: Path | None, split: str = "") -> Collection:
    """The same filings, asked what was written for this project: all of it, or of one split."""
    rows = (row for row in json_lines(QUESTIONS) if row["evidence"])
    asked = [_filing_question(row) for row in rows if split in ("", row["split"])]
    return Collection(financebench(data).documents, asked)


def statements(data: Path | None) -> Collection:
    """The same filings, asked as an analyst is instructed: by which statement, and how to count."""
    asked = [_filing_question(row) for row in json_lines(STATEMENTS)]
    return Collection(financebench(data).documents, asked)


def filings_by_year(data: Path | None) -> Collection:
    """Each filing beside itself a year earlier and a year later: the same text and name, but for
    the years in them, so that only the years tell which is meant."""
    whole = filings(data)
    moved = [_moved(each, years) for years in (0, -1, 1) for each in whole.documents]
    return Collection(moved, whole.questions)


def _filing_question(row: Mapping[str, Any]) -> Question:
    key = f"{row['doc_name']}.pdf"
    needs = tuple(frozenset((key, page) for page in pages) for pages in row["evidence"])
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
    """Abstracts in BEIR's form, named by number, so that their names tell nothing."""
    folder = set_folder(data, "cranfield")
    questions = _questions(folder / "queries.jsonl", judgements(folder / "qrels.tsv"))
    return Collection(list(_texts(folder / "corpus.jsonl")), questions)


def xquad(data: Path | None, asked: str, searched: str) -> Collection:
    """Questions in one language, paragraphs in another or the same."""
    folder = set_folder(data, "xquad")
    relevant = judgements(folder / "qrels.tsv")
    questions = _questions(folder / asked / "queries.jsonl", relevant)
    return Collection(list(_texts(folder / searched / "corpus.jsonl")), questions)


def shipped() -> Collection:
    """The documents and questions of this project; the questions without an answer left out."""
    questions = [
        Question(row["question"], places)
        for row in json_lines(SHIPPED / "questions.jsonl")
        if (places := frozenset((each["document"], each["page"]) for each in row["places"]))
    ]
    return Collection([kept(path) for path in shipped_files()], questions)


def shipped_files() -> list[Path]:
    """The documents of `evals/shipped` and the samples that have a text."""
    return [*sorted((SHIPPED / "documents").iterdir()), *(SAMPLES / name for name in SAMPLE_NAMES)]


def kept(path: Path) -> Document:
    """The file as the product reads it, under its name."""
    return replace(read(path, path.name), path=path)


def read(path: Path, key: str) -> Document:
    """The file as the product reads it; pages that need OCR have no lines."""
    source = open_source(path, key)
    try:
        return Document(key, source.pages(1, source.page_count), source.paged)
    finally:
        source.close()


def judgements(path: Path) -> dict[str, set[Place]]:
    """By question id, the relevant documents; the first line of the file is its header."""
    relevant: dict[str, set[Place]] = {}
    for row in path.read_text("utf-8").splitlines()[1:]:
        query, document, _ = row.split("\t")
        relevant.setdefault(query, set()).add((f"{document}.txt", None))
    return relevant


def _questions(path: Path, relevant: Mapping[str, Set[Place]]) -> list[Question]:
    return [
        Question(row["text"], frozenset(relevant[row["_id"]]))
        for row in json_lines(path)
        if row["_id"] in relevant
    ]


def _texts(corpus: Path) -> Iterator[Document]:
    with tempfile.TemporaryDirectory(prefix="askbucket-evals-") as name:
        path = Path(name) / "text.txt"
        for row in json_lines(corpus):
            content = f"{row['title']}\n\n{row['text']}".strip()
            if content:
                path.write_text(content, "utf-8")
                yield read(path, f"{row['_id']}.txt")
