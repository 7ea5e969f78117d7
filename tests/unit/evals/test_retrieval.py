"""The measuring command on a collection small enough to be sure of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from evals.retrieval import PARTS, main, shown_parts

TEXTS = {
    "d1": "The lighthouse keeper paints the stairs every spring.",
    "d2": "Bread rises faster in a warm kitchen than in a cold one.",
    "d3": "The violin was made in 1741 and restored twice.",
}
QUESTIONS = {"q1": ("Who paints the stairs?", "d1"), "q2": ("When was the violin made?", "d3")}


def write(path: Path, rows: Iterable[object]) -> None:
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "cranfield"
    folder.mkdir(parents=True)
    write(
        folder / "corpus.jsonl",
        [{"_id": name, "title": "", "text": text} for name, text in TEXTS.items()],
    )
    write(
        folder / "queries.jsonl",
        [{"_id": name, "text": text} for name, (text, _) in QUESTIONS.items()],
    )
    judged = [f"{name}\t{document}\t1" for name, (_, document) in QUESTIONS.items()]
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]))
    return folder.parent


def test_questions_find_their_documents(data: Path, tmp_path: Path) -> None:
    asked = ["--data", str(data), "--cache", str(tmp_path / "cache"), "--set", "cranfield"]
    first = CliRunner().invoke(main, asked)
    assert (first.exit_code, first.exception) == (0, None)
    assert "3 chunks, 0 of them cut" in first.output
    assert "nDCG@10 1.000 (1.00-1.00)" in first.output
    assert CliRunner().invoke(main, asked).output == first.output  # by kept vectors


def test_absent_collections_are_named(tmp_path: Path) -> None:
    absent = CliRunner().invoke(main, ["--data", str(tmp_path / "nowhere")])
    assert absent.exit_code == 2
    assert "nowhere" in absent.output


def test_parts_of_a_context_are_kept_as_asked() -> None:
    context = "report > Part I > Sales\nYear | Sum\n--- | ---"
    assert [shown_parts(context, parts) for parts in PARTS] == [
        context,
        "report",
        "Part I > Sales",
        "Year | Sum\n--- | ---",
        "",
    ]
