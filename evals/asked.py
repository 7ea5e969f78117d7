"""Documents to index and questions to answer, with what a right answer is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evals.collections import QUESTIONS, SHIPPED, shipped_files
from evals.data import json_lines, set_folder
from evals.measures import Place

FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; without `places` the documents do not answer it.

    `wanted` are strings that the answer or its quotes must hold, all of them; blank where the truth
    is no string. `narrowed` is the API's filter.
    """

    name: str
    text: str
    places: frozenset[Place]
    wanted: tuple[str, ...] = ()
    narrowed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """Documents by key, and the questions asked of them."""

    contents: Mapping[str, bytes]
    asked: Sequence[Asked]


def shipped(_: Path | None = None) -> AnswerSet:
    asked = [
        Asked(
            row["id"],
            row["question"],
            frozenset((each["document"], each["page"]) for each in row["places"]),
            (row["answer"],) if row["answer"] else (),
        )
        for row in json_lines(SHIPPED / "questions.jsonl")
    ]
    return AnswerSet({path.name: path.read_bytes() for path in shipped_files()}, asked)


def financebench(data: Path | None) -> AnswerSet:
    """Of an answer only its numbers are looked for: most of them are computed, and no document
    holds them."""
    base = set_folder(data, "financebench")
    asked = [
        Asked(
            row["qid"],
            row["question"],
            frozenset((f"{row['doc_name']}.pdf", page) for page in row["evidence_pages_1based"]),
            tuple(map(str, row["answer_numbers"] or ())),
        )
        for row in json_lines(base / "questions.jsonl")
    ]
    asked += [
        Asked(row["qid"], row["question"], frozenset())
        for row in json_lines(base / "unanswerable.jsonl")
    ]
    files = sorted((base / "pdfs").glob("*.pdf"))
    return AnswerSet({path.name: path.read_bytes() for path in files}, asked)


def filings(data: Path | None) -> AnswerSet:
    """What was written for this project. Only a figure that stands on a page can be looked for."""
    asked = [
        Asked(
            row["id"],
            row["question"],
            frozenset((f"{row['doc_name']}.pdf", page) for need in row["evidence"] for page in need)
            if row["answer"] is not None
            else frozenset(),
            tuple(FIGURE.findall(row["answer"] or "")[:1]) if row["kind"] == "figure" else (),
        )
        for row in json_lines(QUESTIONS)
    ]
    return AnswerSet(financebench(data).contents, asked)


def xquad(data: Path | None) -> AnswerSet:
    """Every question twice: of all paragraphs, and of the half that its article is not in."""
    folder = set_folder(data, "xquad") / "en"
    articles = sorted({row["title"] for row in json_lines(folder / "corpus.jsonl")})
    half = {title: "ab"[at % 2] for at, title in enumerate(articles)}
    halves = {row["_id"]: half[row["title"]] for row in json_lines(folder / "corpus.jsonl")}
    contents = {
        f"{halves[row['_id']]}/{row['_id']}.txt": f"{row['title']}\n\n{row['text']}".encode()
        for row in json_lines(folder / "corpus.jsonl")
    }
    truth = {row["_id"]: row for row in json_lines(folder / "answers.jsonl")}
    asked: list[Asked] = []
    for row in json_lines(folder / "queries.jsonl"):
        about = truth[row["_id"]]["doc_id"]
        place = (f"{halves[about]}/{about}.txt", None)
        wanted = tuple(truth[row["_id"]]["answers"][:1])
        other = {"prefix": "b/" if halves[about] == "a" else "a/"}
        asked += [
            Asked(row["_id"], row["text"], frozenset({place}), wanted),
            Asked(f"{row['_id']} taken out", row["text"], frozenset(), narrowed=other),
        ]
    return AnswerSet(contents, asked)


SETS: dict[str, Callable[[Path | None], AnswerSet]] = {
    "shipped": shipped,
    "financebench": financebench,
    "filings": filings,
    "xquad-en": xquad,
}
