"""Born-digital filings: every text layer, and the passages that questions are answered by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2 as pdfium

from evals.data import json_lines
from evals.reading.read import read
from evals.reading.scores import page_text, recall, shingle_share, words
from evals.reading.table import Table

COLUMNS = (
    "filing", "pages", "pages right", "word recall", "evidence", "found on its page",
    "number right",
)  # fmt: skip
FOUND_SHARE = 0.8  # of an evidence's shingles, from which it counts as found
SAMPLED = 20  # every so manieth page goes to the slow baselines


def measured(folder: Path) -> Table:
    """A row for each filing. Truth for words is pdfium's own plain text of the page: it shows what
    our lines lost or joined, not what pdfium misread.

    `number right`: the passage stands on the page of the number stated, no less than on the pages
    before and after it. A number off by one would lose it.
    """
    table = Table("Filings: text layers against pdfium's plain text, evidence on its page", COLUMNS)
    questions = json_lines(folder / "questions.jsonl")
    recalls: dict[str, list[float]] = {name: [] for name in ("word recall", *_sample_names())}
    found: dict[str, list[float]] = {"evidence found": [], "page number right": []}
    for document in json_lines(folder / "documents.jsonl"):
        path = folder / document["file"]
        texts = [page_text(page.lines) for page in read(path).pages]
        own = _recalls(path, texts, recalls)
        passages = [
            (evidence["page_number_1based"], evidence["evidence_text"])
            for question in questions
            if question["doc_name"] == document["doc_name"]
            for evidence in question["evidence"]
        ]
        placed = [placed_right(texts, number, text) for number, text in passages]
        found["evidence found"] += [float(on_page) for on_page, _ in placed]
        found["page number right"] += [float(right) for _, right in placed]
        table.rows.append(
            (
                document["doc_name"], len(texts), int(len(texts) == document["pages"]),
                sum(own) / len(own), len(placed),
                sum(on_page for on_page, _ in placed), sum(right for _, right in placed),
            )
        )  # fmt: skip
    table.add_means(recalls | found)
    return table


def placed_right(texts: Sequence[str], number: int, passage: str) -> tuple[bool, bool]:
    """Whether the page (from 1) has the passage, and whether none of its neighbours has more."""
    if not 1 <= number <= len(texts):
        return False, False
    near = {
        at: shingle_share(passage, texts[at - 1])
        for at in (number - 1, number, number + 1)
        if 1 <= at <= len(texts)
    }
    return near[number] >= FOUND_SHARE, near[number] == max(near.values())


def _recalls(path: Path, texts: Sequence[str], into: dict[str, list[float]]) -> list[float]:
    """Our recall of every page; with the baselines' of the sampled ones, also added to `into`."""
    truth = _plain_texts(path)
    own = [recall(words(wanted), words(text)) for wanted, text in zip(truth, texts, strict=True)]
    sample = range(0, len(truth), SAMPLED)
    into["word recall"] += own
    into[_sampled("ours")] += [own[at] for at in sample]
    for name, text_of in BASELINES.items():
        found = text_of(path, sample)
        into[_sampled(name)] += [
            recall(words(truth[at]), words(text)) for at, text in zip(sample, found, strict=True)
        ]
    return own


def _sampled(name: str) -> str:
    return f"word recall, every {SAMPLED}th page: {name}"


def _sample_names() -> list[str]:
    return [_sampled(name) for name in ("ours", *BASELINES)]


def _plain_texts(path: Path) -> list[str]:
    """pdfium marks a hyphen at a line's end by U+FFFE or U+0002: it is shown as a hyphen."""
    pdf = pdfium.PdfDocument(path)
    try:
        return [
            page.get_textpage().get_text_range().replace("\ufffe", "-").replace("\x02", "-")
            for page in pdf
        ]
    finally:
        pdf.close()


def _pypdf(path: Path, pages: Sequence[int]) -> list[str]:
    import pypdf

    reader = pypdf.PdfReader(path)
    return [reader.pages[at].extract_text() for at in pages]


def _pdfplumber(path: Path, pages: Sequence[int]) -> list[str]:
    import pdfplumber

    with pdfplumber.open(path, pages=[at + 1 for at in pages]) as pdf:
        return [page.extract_text() for page in pdf.pages]


BASELINES: dict[str, Callable[[Path, Sequence[int]], list[str]]] = {
    "pypdf": _pypdf,
    "pdfplumber": _pdfplumber,
}
