"""Questions become a dataset, and answers a run of it with scores that follow from the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from askbucket.langfuse_tracer import langfuse_client
from evals.langfuse import SAMPLES, push, rows_of, run, scores
from tests.contract.langfuse_served import LangfuseServer, langfuse_served, some_keys

PLACES = (("handbook.pdf", 3), ("notes.txt", None))


@pytest.fixture
def langfuse() -> Iterator[LangfuseServer]:
    with langfuse_served() as server:
        yield server


def reply(*cited: tuple[str, int | None, str], text: str = "") -> dict[str, Any]:
    cites = [{"document": d, "page": page, "quote": quote} for d, page, quote in cited]
    return {"answer": text, "answered": bool(cited), "citations": cites, "trace_id": "t"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            reply(("handbook.pdf", 3, "a deposit of 510\n Pounds")),
            {"answered": 1, "document": 1, "page": 1, "words": 1},
        ),
        (
            reply(("handbook.pdf", 2, "none"), text="It is 510 pounds."),
            {"answered": 1, "document": 1, "page": 0, "words": 1},
        ),
        (
            reply(("scan.pdf", 3, "255 pounds")),
            {"answered": 1, "document": 0, "page": 0, "words": 0},
        ),
        (reply(), {"answered": 0, "document": 0, "page": 0, "words": 0}),
    ],
)
def test_an_answer_is_scored_by_place_and_words(
    given: dict[str, Any], expected: dict[str, float]
) -> None:
    assert scores(given, "510 pounds", PLACES) == expected


def test_where_there_is_no_answer_only_silence_is_right() -> None:
    assert scores(reply(), None, ()) == {"answered": 1.0}
    assert scores(reply(("scan.pdf", 1, "Ada")), None, ()) == {"answered": 0.0}


def test_a_page_counts_only_where_the_format_has_pages() -> None:
    cited = reply(("notice.html", None, "8,730 pounds"))
    assert scores(cited, "8,730 pounds", [("notice.html", None)]) == {
        "answered": 1,
        "document": 1,
        "words": 1,
    }


def test_the_samples_become_a_dataset_and_a_run_with_a_score_for_each_question(
    langfuse: LangfuseServer,
) -> None:
    # given
    client = langfuse_client(some_keys(), langfuse.url, timeout_s=20)
    rows = rows_of(SAMPLES)
    known = {row.question: row for row in rows}

    def ask(question: str) -> dict[str, Any]:
        row = known[question]
        return reply(*[(*place, row.answer or "") for place in row.places])

    # when
    for _ in range(2):
        push(client, "samples", rows)
    done = run(client, "samples", "first", ask)
    client.shutdown()
    # then: pushed twice, there once
    items = langfuse.items.values()
    assert [(item["id"], item["input"]) for item in items] == [
        (f"samples-{row.id}", {"question": row.question}) for row in rows
    ]
    means = {each.name: (each.value, each.comment) for each in done.run_evaluations}
    assert means == {
        "mean answered": (1.0, "of 4 questions"),
        "mean document": (1.0, "of 3 questions"),
        "mean page": (1.0, "of 2 questions"),
        "mean words": (1.0, "of 3 questions"),
    }
    of_items = [score for score in langfuse.scores if "traceId" in score]
    of_run = [score for score in langfuse.scores if "datasetRunId" in score]
    assert len(of_items) == 4 + 3 + 2 + 3
    assert {score["name"] for score in of_run} == set(means)
    asked = [span for span in langfuse.spans if span["name"] == "experiment-item-task"]
    assert {span["langfuse.experiment.item.id"] for span in asked} == set(langfuse.items)
    assert {span["trace"] for span in asked} == {score["traceId"] for score in of_items}
    assert {json.loads(span["langfuse.observation.input"])["question"] for span in asked} == set(
        known
    )
