"""`python -m evals.retrieval`: how well questions find the places that answer them.

Documents go through the product's readers and chunker and the offline embedder; the search is
exact and fused as the product fuses. An option given several times is measured with each value.
Exit code 2 where a set is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import click

from askbucket.answer import naming, spread
from askbucket.ingest.chunking import Chunker
from askbucket.ingest.searched import meaning_of, words_of
from askbucket.ingest.trail import BETWEEN, parts_of, title_of
from askbucket.mixed_words import parted
from askbucket.models import Chunk
from evals import collections, measures
from evals.collections import Collection, Question
from evals.data import data_folder
from evals.embedding import CachedEmbedder, Vectors, fitting
from evals.index import DENSE_WEIGHT, Index, Indexed, Weights
from evals.measures import Mean, Place

XQUAD = ("en", "de", "es", "zh", "ar")
ACROSS = {
    f"xquad-{of}-en": partial(collections.xquad, asked=of, searched="en")
    for of in XQUAD
    if of != "en"
}
SETS: dict[str, Callable[[Path | None], Collection]] = {
    "financebench": collections.financebench,
    "filings-tune": partial(collections.filings, split="tune"),
    "filings-held-out": partial(collections.filings, split="held-out"),
    "statements": collections.statements,
    "filings-by-year": collections.filings_by_year,
    "cranfield": collections.cranfield,
    **{f"xquad-{of}": partial(collections.xquad, asked=of, searched=of) for of in XQUAD},
    # Asked in one language of documents in another: only the embedder can bridge the two.
    **ACROSS,
}
# Embedded for long, or asked across languages: measured only when named.
DEFAULT_SETS = [name for name in SETS if name != "filings-by-year" and name not in ACROSS]
PARTS = ("all", "title", "headings", "table", "none")
TEXTS = ("ours", *PARTS)
MOST_HITS = 20  # as the API gives
Figures = dict[str, list[float]]  # by measure, a value for every question


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to cut and index: what is embedded and what goes into the sparse index, the product's
    text or all of a chunk's text under a part of its context, and whether mixed words are parted
    there and in questions.
    """

    chars: int
    overlap: int
    embedded: str
    indexed: str
    words: str

    def meaning(self, chunk: Chunk) -> str:
        return meaning_of(chunk) if self.embedded == "ours" else _under(chunk, self.embedded)

    def terms(self, chunk: Chunk) -> str:
        if self.indexed == "ours":
            return words_of(chunk)
        return self.parted(_under(chunk, self.indexed))

    def parted(self, text: str) -> str:
        return parted(text) if self.words == "parted" else text

    def __str__(self) -> str:
        return (
            f"{self.chars}/{self.overlap} embedded={self.embedded} indexed={self.indexed} "
            f"words={self.words}"
        )


@click.command()
@click.option("--data", type=Path, help="The folder of the sets, else that of the environment.")
@click.option("--cache", default=".cache/evals", type=Path, help="Where vectors are kept.")
@click.option("--set", "names", multiple=True, type=click.Choice(list(SETS)), default=DEFAULT_SETS)
@click.option("--chars", multiple=True, type=int, default=[1000])
@click.option("--overlap", multiple=True, type=int, default=[0])
@click.option("--embedded", multiple=True, type=click.Choice(TEXTS), default=["ours"])
@click.option("--indexed", multiple=True, type=click.Choice(TEXTS), default=["ours"])
@click.option("--words", multiple=True, type=click.Choice(["parted", "plain"]), default=["parted"])
@click.option("--dense-weight", "dense", multiple=True, type=float, default=[DENSE_WEIGHT])
@click.option("--name-weight", "named", multiple=True, type=float, default=[naming.WEIGHT])
@click.option("--page-step", "step", multiple=True, type=float, default=[spread.STEP])
def main(data: Path | None, cache: Path, names: Sequence[str], **options: Sequence[Any]) -> None:
    """Measure every combination of the values given, on every set; after the first, also the
    differences to it, question by question."""
    folder = data_folder(data)
    embed = CachedEmbedder(cache)
    weighed = (options.pop(each) for each in ("dense", "named", "step"))
    weights = [Weights(*values) for values in product(*weighed)]
    for name in names:
        collection = SETS[name](folder)
        first: Figures = {}
        for variant in _variants(**options):
            for line in report(name, collection, variant, embed, weights, first):
                click.echo(line)


def _variants(**options: Sequence[Any]) -> Iterator[Variant]:
    for values in product(*options.values()):
        yield Variant(**dict(zip(options, values, strict=True)))


def report(
    name: str,
    collection: Collection,
    variant: Variant,
    embed: CachedEmbedder,
    weights: Iterable[Weights],
    first: Figures,
) -> Iterator[str]:
    """A line for the index and one for each weight; `first` keeps the figures of the first."""
    index, chunks, cut = build(collection, variant, embed)
    vectors = embed([question.text for question in collection.questions])
    yield f"{name} {variant}: {chunks} chunks, {cut} of them cut for the embedder's limit"
    for weight in weights:
        figures = _figures(index, collection.questions, vectors, weight)
        yield (
            f"  dense {weight.dense:g} name {weight.name:g} page {weight.page:g}: {_shown(figures)}"
        )
        if first:
            yield f"    to the first: {_shown(_differences(figures, first))}"
        else:
            first |= figures


def build(
    collection: Collection, variant: Variant, embed: CachedEmbedder
) -> tuple[Index, int, int]:
    """The index, its chunks, and how many of them come of a cut for the embedder's limit."""
    indexed: list[Indexed] = []
    dense: list[str] = []
    whole = 0
    for document in collection.documents:
        chunker = Chunker(variant.chars, variant.overlap)
        cut = chunker.chunks(document.pages, paged=document.paged, title=title_of(document.key))
        for chunk in cut:
            whole += 1
            for piece in fitting([chunk], variant.meaning):
                dense.append(variant.meaning(piece))
                indexed.append(Indexed(document.key, piece, variant.terms(piece)))
    index = Index(indexed, embed(dense), variant.parted)
    return index, len(indexed), len(indexed) - whole


def shown_parts(context: str, parts: str) -> str:
    """The context without the parts not asked for."""
    title, headings, header = parts_of(context)
    kept = {
        "all": context,
        "title": title,
        "headings": BETWEEN.join(headings),
        "table": header,
        "none": "",
    }
    return kept[parts]


def _under(chunk: Chunk, parts: str) -> str:
    return "\n".join(filter(None, (shown_parts(chunk.context, parts), chunk.text)))


def _shown(figures: Figures) -> str:
    return "  ".join(f"{what} {Mean.of(values)}" for what, values in figures.items())


def _differences(figures: Figures, first: Figures) -> Figures:
    return {
        what: [ours - theirs for ours, theirs in zip(values, first[what], strict=True)]
        for what, values in figures.items()
    }


def _figures(
    index: Index, questions: Sequence[Question], vectors: Vectors, weights: Weights
) -> Figures:
    by_page = any(page is not None for each in questions for _, page in each.relevant)
    figures = _of_pages if by_page else _of_documents
    rows = [
        figures(index, question, vector, weights)
        for question, vector in zip(questions, vectors, strict=True)
    ]
    return {what: [row[what] for row in rows] for what in rows[0]}


def _of_pages(
    index: Index, question: Question, vector: Vectors, weights: Weights
) -> dict[str, float]:
    """The share of what is needed that is found, and how high, among all documents, then within
    the document asked about."""
    needs = question.needs or (question.relevant,)
    figures = {}
    for where, document in (("all", None), ("one", question.document)):
        hits = index.search(question.text, vector, weights, document)
        places: list[Place] = [(hit.document, hit.page) for hit in hits]
        for k in (5, 10):
            met = [measures.found(places, need, k) for need in needs]
            figures[f"{where} met@{k}"] = sum(met) / len(met)
        figures[f"{where} MRR"] = measures.reciprocal_rank(places, question.relevant, len(places))
    return figures


def _of_documents(
    index: Index, question: Question, vector: Vectors, weights: Weights
) -> dict[str, float]:
    hits = index.search(question.text, vector, weights)[:MOST_HITS]
    places: list[Place] = list(dict.fromkeys((hit.document, None) for hit in hits))
    return {
        "nDCG@10": measures.ndcg(places, question.relevant, 10),
        "R@5": measures.recall(places, question.relevant, 5),
        "R@10": measures.recall(places, question.relevant, 10),
        "MRR@10": measures.reciprocal_rank(places, question.relevant, 10),
    }


if __name__ == "__main__":
    main()
