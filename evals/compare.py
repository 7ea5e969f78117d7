"""`python -m evals.compare`: our retrieval beside that of others, same texts, same embedder.

Each system reads, cuts and searches by its own defaults. The sets with pages are asked twice: among
all documents, and within the one that the question names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from evals import collections, measures
from evals.collections import Collection, Question
from evals.data import data_folder
from evals.embedding import CachedEmbedder
from evals.measures import Difference, Mean, Place
from evals.systems.port import Build, Search

LANGUAGES = ("de", "es", "zh", "ar")
SYSTEMS = {  # module: the library it needs
    "ours": "askbucket",
    "langchain": "langchain_core",
    "llamaindex": "llama_index",
    "haystack": "haystack",
}
SETS: dict[str, Callable[[Path | None], Collection]] = {
    "shipped": lambda _: collections.shipped(),
    "financebench": collections.financebench,
    "filings": collections.filings,
    "statements": collections.statements,
    "cranfield": collections.cranfield,
    **{
        f"xquad-{asked}-{searched}": partial(collections.xquad, asked=asked, searched=searched)
        for asked, searched in (
            ("en", "en"),
            *((each, each) for each in LANGUAGES),
            *((each, "en") for each in LANGUAGES),
        )
    },
}
Rows = Mapping[str, Sequence[float]]
"""By measure, one value for each question."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One set: the rows of each system, ours first."""

    name: str
    systems: Mapping[str, Rows]

    def lines(self) -> Iterator[str]:
        """A line for each measure and system; the others' say how far ours is ahead."""
        ours = next(iter(self.systems.values()))
        for measure, own in ours.items():
            yield f"{self.name} {measure}, {len(own)} questions"
            for system, rows in self.systems.items():
                ahead = "" if rows is ours else _ahead(Difference.of(own, rows[measure]))
                yield f"  {system:<14} {Mean.of(rows[measure])}{ahead}"


def _ahead(difference: Difference) -> str:
    return f"   ours {difference}" + ("" if difference.certain else "  not told apart")


def installed() -> list[str]:
    """The systems whose libraries are there."""
    return [name for name, library in SYSTEMS.items() if find_spec(library)]


def compared(
    name: str, collection: Collection, embed: CachedEmbedder, systems: Sequence[str]
) -> Compared:
    """Ours first, also with each of its two lists alone."""
    rows: dict[str, Rows] = {}
    for system in systems:
        click.echo(f"{name}: {system}", err=True)
        build: Build = import_module(f"evals.systems.{system}").build
        for way, search in build(collection, embed).items():
            rows[way] = rows_of(collection.questions, search)
    return Compared(name, rows)


def rows_of(questions: Sequence[Question], search: Search) -> dict[str, list[float]]:
    """Every measure of every question, in the order of the questions."""
    rows: dict[str, list[float]] = {}
    for question in questions:
        for measure, value in _measured(question, search).items():
            rows.setdefault(measure, []).append(value)
    return rows


def _measured(question: Question, search: Search) -> dict[str, float]:
    if question.document is None:
        return by_document(search(question.text, None), question)
    return by_page("all", search(question.text, None), question) | by_page(
        "one", search(question.text, question.document), question
    )


def by_document(ranked: Sequence[Place], question: Question) -> dict[str, float]:
    """Places without a page are documents, and each counts once, at its best chunk."""
    places = list(dict.fromkeys(ranked))
    return {
        "nDCG@10": measures.ndcg(places, question.relevant, 10),
        "R@5": measures.recall(places, question.relevant, 5),
        "R@10": measures.recall(places, question.relevant, 10),
        "MRR@10": measures.reciprocal_rank(places, question.relevant, 10),
    }


def by_page(where: str, ranked: Sequence[Place], question: Question) -> dict[str, float]:
    """Any page of the evidence, and the share of what it takes, among the first k chunks."""
    row = {f"{where} any@{k}": measures.found(ranked, question.relevant, k) for k in (1, 5, 10)}
    needs = question.needs or [{place} for place in question.relevant]
    row |= {f"{where} R@{k}": measures.covered(ranked, needs, k) for k in (1, 5, 10)}
    return row | {f"{where} MRR@10": measures.reciprocal_rank(ranked, question.relevant, 10)}


@click.command()
@click.option("--data", type=Path, help="The folder of the sets, else that of the environment.")
@click.option("--cache", default=".cache/evals", type=Path, help="Where vectors are kept.")
@click.option("--set", "names", multiple=True, type=click.Choice(list(SETS)), default=list(SETS))
@click.option("--system", "systems", multiple=True, type=click.Choice(list(SYSTEMS)))
def main(data: Path | None, cache: Path, names: Sequence[str], systems: Sequence[str]) -> None:
    """Compare the systems named, or all that are installed, on every set."""
    folder, embed = data_folder(data), CachedEmbedder(cache)
    for name in names:
        collection = SETS[name](folder)
        for line in compared(name, collection, embed, systems or installed()).lines():
            click.echo(line)


if __name__ == "__main__":
    main()
