"""From a PUT to an answer that points at the words: text layer, scan, HTML and plain text."""

from __future__ import annotations

import pypdfium2 as pdfium
import pytest

from local.serve import ROOT
from samples.texts import LETTER
from tests.e2e.driver import Answer, Driver

SAMPLES = ROOT / "samples"
ROUNDING = 0.002  # of the page

Box = tuple[float, float, float, float]  # left, top, right, bottom, as fractions of the page


@pytest.fixture(scope="module")
def samples(stack: Driver) -> str:
    """The prefix below which the samples are ready."""
    prefix = "samples/"
    names = ("handbook.pdf", "notice.html", "notes.txt")
    versions = {name: stack.put(prefix + name, (SAMPLES / name).read_bytes()) for name in names}
    for name, version in versions.items():
        stack.ready(prefix + name, version)
    return prefix


both_ways = pytest.mark.parametrize("gateway", [False, True], ids=["uvicorn", "gateway"])


@both_ways
def test_an_answer_points_at_the_words_in_a_pdf(stack: Driver, samples: str, gateway: bool) -> None:
    answer = stack.ask("How much is the deposit for boat shed B?", gateway=gateway, prefix=samples)

    cite = citation(answer, "510 pounds")
    assert cite["document"] == f"{samples}handbook.pdf"
    assert cite["page"] == 3
    assert cite["quote"].startswith("Boat shed B")
    boxes = boxes_of(cite)
    for word in characters(3, "Boat shed B") + characters(3, "510 pounds"):
        assert any(covers(box, word) for box in boxes), (word, boxes)
    row_above, row_below = characters(3, "620 pounds"), characters(3, "340 pounds")
    assert not any(covers(box, other) for box in boxes for other in row_above + row_below)


@both_ways
def test_a_format_without_pages_is_quoted_without_page_and_boxes(
    stack: Driver, samples: str, gateway: bool
) -> None:
    answer = stack.ask("What was the surplus of 2025?", gateway=gateway, prefix=samples)

    cite = citation(answer, "8,730 pounds")
    assert cite["document"] == f"{samples}notice.html"
    assert cite["page"] is None
    assert cite["boxes"] == []


@both_ways
def test_what_no_document_says_is_not_answered(stack: Driver, samples: str, gateway: bool) -> None:
    answer = stack.ask("Which submarine won the chess tournament?", gateway=gateway, prefix=samples)

    assert not answer["answered"]
    assert answer["citations"] == []


def test_a_filter_keeps_other_documents_out(stack: Driver, samples: str) -> None:
    question = "How much is the deposit for boat shed B?"

    answer = stack.ask(question, document=f"{samples}notes.txt")

    assert {cite["document"] for cite in answer["citations"]} <= {f"{samples}notes.txt"}
    assert "510" not in answer["answer"]


def test_a_scan_is_read_by_ocr_once_and_answered_with_its_lines(stack: Driver, prefix: str) -> None:
    billed = stack.pages_billed()

    document = stack.put_ready(f"{prefix}scan.pdf", (SAMPLES / "scan.pdf").read_bytes())

    assert (document["pages"], document["ocr_pages"]) == (1, 1)
    assert stack.pages_billed() == billed + 1
    answer = stack.ask("Who inspected the bridge?", prefix=prefix)
    cite = citation(answer, "Ingrid Solheim")
    assert cite["document"] == f"{prefix}scan.pdf"
    assert cite["page"] == 1
    drawn = LETTER.splitlines()
    shown = [n for n, line in enumerate(drawn) if line and line in cite["quote"]] or [
        n for n, line in enumerate(drawn) if "Ingrid Solheim examined" in line
    ]
    top, bottom = ends_of_the_letter(stack, document["id"])
    spacing = (bottom - top) / (len(drawn) - 1)
    first = boxes_of(cite)[0]
    assert first[1] == pytest.approx(top + shown[0] * spacing, abs=spacing / 2)
    assert all(box[3] - box[1] < 2 * spacing for box in boxes_of(cite))


def ends_of_the_letter(stack: Driver, document_id: str) -> tuple[float, float]:
    """The tops of its first and its last line, between which it was drawn evenly."""
    page = stack.http.get(f"{stack.running.api_url}/documents/{document_id}/pages/1").json()
    tops = {line["text"]: line["box"]["top"] for line in page["lines"]}
    return tops["Ellery Marine Surveys"], tops["Senior bridge inspector"]


def citation(answer: Answer, words: str) -> Answer:
    return next(cite for cite in answer["citations"] if words in cite["quote"])


def boxes_of(cite: Answer) -> list[Box]:
    assert cite["boxes"]
    assert {box["page"] for box in cite["boxes"]} == {cite["page"]}
    return [
        (b["left"], b["top"], b["left"] + b["width"], b["top"] + b["height"]) for b in cite["boxes"]
    ]


def characters(page: int, words: str) -> list[Box]:
    """Where pdfium finds each visible character of the words on that page of the handbook."""
    document = pdfium.PdfDocument(SAMPLES / "handbook.pdf")
    try:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        text = sheet.get_textpage()
        start, count = text.search(words).get_next()
        found = [
            text.get_charbox(index)
            for index in range(start, start + count)
            if text.get_text_range(index, 1).strip()
        ]
    finally:
        document.close()
    return [
        (left / width, 1 - top / height, right / width, 1 - bottom / height)
        for left, bottom, right, top in found
    ]


def covers(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] + ROUNDING
        and outer[1] <= inner[1] + ROUNDING
        and outer[2] >= inner[2] - ROUNDING
        and outer[3] >= inner[3] - ROUNDING
    )
