"""`python -m evals.retrieval`: how well questions find the places that answer them.

Documents go through the product's readers and chunker and the offline embedder; the search is
exact and fused as the product fuses. An option given several times is measured with each value.
Exit code 2 where a set is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import click

from askbucket.ingest.chunking import Chunker
from askbucket.ingest.trail import title_of
from evals import collections, measures
from evals.collections import Collection, Question
from evals.data import data_folder
from evals.embedding import CachedEmbedder, Vectors, fitting
from evals.index import Index, Indexed
from evals.measures import Mean, Place

XQUAD = ("en", "de", "es", "zh", "ar")
SETS: dict[str, Callable[[Path | None], Collection]] = {
    "financebench": collections.financebench,
    "cranfield": collections.cranfield,
    **{f"xquad-{of}": collections.xquad(of, of) for of in XQUAD},
    # Asked in one language of documents in another: only the embedder can bridge the two.
    **{f"xquad-{of}-en": collections.xquad(of, "en") for of in XQUAD if of != "en"},
}
DEFAULT_SETS = [name for name in SETS if name.count("-") < 2]
CONTEXTS = ("both", "dense", "sparse", "none")
PARTS = ("all", "title", "headings", "table")
MOST_HITS = 20  # as the API gives


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to cut and index: which `parts` of the context are kept, and what is made of it."""

    chars: int
    overlap: int
    parts: str
    context: str

    @property
    def dense(self) -> bool:
        return self.context in ("both", "dense")

    @property
    def sparse(self) -> bool:
        return self.context in ("both", "sparse")

    def __str__(self) -> str:
        return f"{self.chars}/{self.overlap} parts={self.parts} context={self.context}"


@click.command()
@click.option("--data", type=Path, help="The folder of the sets, else that of the environment.")
@click.option("--cache", default=".cache/evals", type=Path, help="Where vectors are kept.")
@click.option("--set", "names", multiple=True, type=click.Choice(list(SETS)), default=DEFAULT_SETS)
@click.option("--chars", multiple=True, type=int, default=[1000])
@click.option("--overlap", multiple=True, type=int, default=[0])
@click.option("--parts", multiple=True, type=click.Choice(PARTS), default=["all"])
@click.option("--context", multiple=True, type=click.Choice(CONTEXTS), default=["both"])
@click.option("--dense-weight", "weights", multiple=True, type=float, default=[0.35])
def main(
    data: Path | None,
    cache: Path,
    names: Sequence[str],
    chars: Sequence[int],
    overlap: Sequence[int],
    parts: Sequence[str],
    context: Sequence[str],
    weights: Sequence[float],
) -> None:
    """Measure every combination of the values given, on every set."""
    folder = data_folder(data)
    embed = CachedEmbedder(cache)
    for name in names:
        collection = SETS[name](folder)
        for values in product(chars, overlap, parts, context):
            for line in report(name, collection, Variant(*values), embed, weights):
                click.echo(line)


def report(
    name: str,
    collection: Collection,
    variant: Variant,
    embed: CachedEmbedder,
    weights: Iterable[float],
) -> Iterator[str]:
    """A line for the index and one for each weight."""
    index, chunks, cut = build(collection, variant, embed)
    vectors = embed([question.text for question in collection.questions])
    yield f"{name} {variant}: {chunks} chunks, {cut} of them cut for the embedder's limit"
    for weight in weights:
        figures = _figures(index, collection.questions, vectors, weight)
        shown = "  ".join(f"{what} {mean}" for what, mean in figures.items())
        yield f"  dense {weight:g}: {shown}"


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
            context = shown_parts(chunk.context, variant.parts)
            embedded = replace(chunk, context=context if variant.dense else "")
            whole += 1
            for piece in fitting([embedded]):
                dense.append(piece.searched)
                known = replace(piece, context=context if variant.sparse else "")
                indexed.append(Indexed(document.key, piece, known.searched))
    return Index(indexed, embed(dense)), len(indexed), len(indexed) - whole


def shown_parts(context: str, parts: str) -> str:
    """The context without the parts not asked for; its first line is title and headings."""
    path, *header = context.split("\n")
    title, *headings = path.split(" > ")
    kept = {
        "all": [path, *header],
        "title": [title],
        "headings": [" > ".join(headings)],
        "table": header,
    }
    return "\n".join(filter(None, kept[parts]))


def _figures(
    index: Index, questions: Sequence[Question], vectors: Vectors, weight: float
) -> dict[str, Mean]:
    by_page = any(page is not None for each in questions for _, page in each.relevant)
    figures = _of_pages if by_page else _of_documents
    rows = [
        figures(index, question, vector, weight)
        for question, vector in zip(questions, vectors, strict=True)
    ]
    return {what: Mean.of([row[what] for row in rows]) for what in rows[0]}


def _of_pages(index: Index, question: Question, vector: Vectors, weight: float) -> dict[str, float]:
    """Page recall among all documents, then within the document asked about."""
    found = {}
    for where, document in (("all", None), ("one", question.document)):
        hits = index.search(question.text, vector, weight, document)
        places: list[Place] = [(hit.document, hit.page) for hit in hits]
        for k in (1, 5, 10):
            found[f"{where} R@{k}"] = measures.recall(places, question.relevant, k)
        found[f"{where} any@5"] = measures.found(places, question.relevant, 5)
    return found


def _of_documents(
    index: Index, question: Question, vector: Vectors, weight: float
) -> dict[str, float]:
    hits = index.search(question.text, vector, weight)[:MOST_HITS]
    places: list[Place] = list(dict.fromkeys((hit.document, None) for hit in hits))
    return {
        "nDCG@10": measures.ndcg(places, question.relevant, 10),
        "R@5": measures.recall(places, question.relevant, 5),
        "R@10": measures.recall(places, question.relevant, 10),
        "MRR@10": measures.reciprocal_rank(places, question.relevant, 10),
    }


if __name__ == "__main__":
    main()
