"""`python -m evals.refusal`: what the offline answerer refuses, rightly and falsely, by threshold.

Every question is asked once, with the threshold off, through the product's own HTTP API; what the
answer would have been decided by is kept. The threshold was chosen on the `tune` halves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click

from evals.answers import variables
from evals.asked import SETS, AnswerSet, Asked
from evals.bedrock import served_bedrock
from evals.collections import QUESTIONS
from evals.data import data_folder, json_lines
from evals.embedding import CachedEmbedder
from evals.library import Library, library
from evals.measures import Mean
from local.bedrock import converse, extractive
from local.bedrock.support import LEAST_EVIDENCE

THRESHOLDS = tuple(sorted({*(round(0.6 + step * 0.04, 2) for step in range(7)), LEAST_EVIDENCE}))
TUNE, HELD_OUT = "tune", "held-out"
UNSUPPORTED = -math.inf  # of a question refused whatever the threshold


@dataclass(frozen=True, slots=True)
class Judged:
    """A question: its half, whether the documents answer it, and what speaks for the answer."""

    half: str
    answerable: bool
    evidence: float


def judged(name: str, answers: AnswerSet, embed: CachedEmbedder, bedrock: str) -> list[Judged]:
    """Every question of the set, asked once."""
    halves = halves_of(name, answers.asked)
    with library(answers.contents, embed, variables(bedrock, None)) as of, _unrefused() as seen:
        return [
            Judged(halves[each.name], bool(each.places), _evidence(of, each, seen))
            for each in answers.asked
        ]


def halves_of(name: str, asked: Sequence[Asked]) -> Mapping[str, str]:
    """By question: filings as their file says, XQuAD by its articles; other sets chose nothing."""
    if name == "filings":
        return {row["id"]: row["split"] for row in json_lines(QUESTIONS)}
    if name.startswith("xquad"):
        return {each.name: _half_of_article(each) for each in asked}
    return {each.name: HELD_OUT for each in asked}


def _half_of_article(asked: Asked) -> str:
    """Articles are in folders a and b; with its article taken out a question is asked of the
    other folder."""
    (folder,) = {key[0] for key, _ in asked.places} or {
        "b" if asked.narrowed["prefix"] == "a/" else "a"
    }
    return TUNE if folder == "a" else HELD_OUT


@contextmanager
def _unrefused() -> Iterator[list[float]]:
    """While the block runs the answerer refuses nothing; the list gets what it would decide by."""
    seen: list[float] = []

    def observed(*arguments: Any) -> extractive.Answer:
        found = extractive.answer(*arguments)
        seen.append(found.evidence)
        return found

    with (
        patch.object(extractive, "LEAST_EVIDENCE", UNSUPPORTED),
        patch.object(converse, "answer", observed),
    ):
        yield seen


def _evidence(of: Library, asked: Asked, seen: list[float]) -> float:
    seen.clear()
    answered = of.ask(asked.text, asked.narrowed)["answered"]
    return seen[-1] if answered and seen else UNSUPPORTED


def refused(all_judged: Sequence[Judged], answerable: bool, threshold: float) -> Mean | None:
    """The share that is refused of those with an answer, or of those without; None if none are."""
    values = [
        float(each.evidence < threshold) for each in all_judged if each.answerable == answerable
    ]
    return Mean.of(values) if values else None


def lines_of(name: str, all_judged: Sequence[Judged]) -> Iterator[str]:
    """For each half and threshold what is refused falsely, and rightly."""
    for half in sorted({each.half for each in all_judged}, reverse=True):
        some = [each for each in all_judged if each.half == half]
        without = sum(not each.answerable for each in some)
        yield f"{name} {half}: {len(some) - without} answerable, {without} not"
        for threshold in THRESHOLDS:
            falsely, rightly = (refused(some, having, threshold) for having in (True, False))
            mark = "  <" if threshold == LEAST_EVIDENCE else ""
            yield f"  {threshold:.2f}  falsely {falsely}  rightly {rightly}{mark}"


@click.command()
@click.option("--data", type=Path, help="The folder of the sets, else that of the environment.")
@click.option("--cache", default=".cache/evals", type=Path, help="Where vectors are kept.")
@click.option("--set", "names", multiple=True, type=click.Choice(list(SETS)), default=list(SETS))
def main(data: Path | None, cache: Path, names: Sequence[str]) -> None:
    """Ask every set and print shares with 95 % intervals; `<` marks the threshold in use."""
    folder, embed = data_folder(data), CachedEmbedder(cache)
    with served_bedrock() as bedrock:
        for name in names:
            for line in lines_of(name, judged(name, SETS[name](folder), embed, bedrock)):
                click.echo(line)


if __name__ == "__main__":
    main()
