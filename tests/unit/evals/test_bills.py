"""Estimates beside what was paid: the rows, the sums, and which files are asked of."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from askbucket.embedders import EMBEDDERS, BedrockEmbedder
from evals.bills import SETS, Bill, Compared, _disagreed, files_by_set, together
from local.bedrock.minilm import tokens
from local.estimating import Estimate
from tests.unit.bedrock_served import bedrock_client, served_bedrock

HALF = Compared("a.pdf", Bill(1, 50, 0.5), Bill(1, 100, 1.0))


def test_a_row_tells_both_and_how_they_compare() -> None:
    assert HALF.row == "| a.pdf | 1 | 1 | 50 | 100 | 0.500 | $0.500000 | $1.000000 | 0.500 |"
    nothing = Compared("b.pdf", Bill(0, 0, 0.0), Bill(0, 0, 0.0), "estimated as refused")
    assert nothing.row.startswith("| b.pdf (estimated as refused) | 0 | 0 | 0 | 0 | - |")
    assert Compared("c.pdf", Bill(0, 9, 0.1), Bill(0, 0, 0.0)).row.count("| inf |") == 2


def test_sets_add_up_before_they_are_compared() -> None:
    other = Compared("b.pdf", Bill(0, 150, 1.5), Bill(2, 100, 1.0))
    whole = together("both", [HALF, other])
    assert (whole.estimated, whole.paid) == (Bill(1, 200, 2.0), Bill(3, 200, 2.0))


@pytest.mark.parametrize(
    ("refused", "status", "words"),
    [
        ("", "ready", ""),
        ("why", "failed", ""),
        ("", "failed", "estimated as readable, became failed"),
        ("why", "ready", "estimated as refused, became ready"),
    ],
)
def test_a_refusal_only_one_of_them_knows_is_told(refused: str, status: str, words: str) -> None:
    assert _disagreed(Estimate("a", refused=refused), status) == words


def test_sets_that_are_not_there_are_left_out_and_long_ones_unless_named(tmp_path: Path) -> None:
    for folder in SETS.values():
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "one.txt").write_text("one")
    assert [name for name, _ in files_by_set((), None)] == ["demo", "shipped"]
    everything = dict(files_by_set((), tmp_path))
    assert "financebench" not in everything
    assert everything["formats"] == [tmp_path / SETS["formats"] / "one.txt"]
    assert [name for name, _ in files_by_set(("financebench",), tmp_path)] == ["financebench"]


def test_the_offline_embedder_counts_the_tokens_it_would_charge_for() -> None:
    texts = ["one two three", "four"]
    with served_bedrock() as url:
        client = bedrock_client(url)
        BedrockEmbedder(client, EMBEDDERS["askbucket.minilm-l6-v2"], 1).embed_all(texts)
        client.close()
        counted = httpx.get(f"{url}/_askbucket/calls", trust_env=False).json()
    assert counted == {"embeddings": 2, "tokens": sum(map(tokens, texts))}
