"""The figures of the shipped set alone: what CI asks of every change, in seconds."""

from __future__ import annotations

from collections.abc import Sequence

from evals import answers, collections
from evals.asked import AnswerSet, shipped
from evals.baseline import Figure, Figures
from evals.compare import Compared, compared
from evals.embedding import CachedEmbedder
from evals.library import Library, library
from evals.measures import Difference, Mean

SHIPPED = "shipped"
ALONE = ("bm25", "dense")


def gate_figures(embed: CachedEmbedder, bedrock: str) -> Figures:
    """Retrieval without the others' systems, and answers by the offline answerer."""
    asked = shipped()
    with library(asked.contents, embed, answers.variables(bedrock, None)) as of:
        return retrieval_figures(embed) | answer_figures(SHIPPED, asked, of)


def retrieval_figures(embed: CachedEmbedder) -> Figures:
    return figures_of(compared(SHIPPED, collections.shipped(), embed, ["ours"]))


def answer_figures(name: str, asked: AnswerSet, of: Library) -> Figures:
    rows = {each.name: answers.row_of(each, of) for each in asked.asked}
    return {
        f"answers {name} {measure}": Figure.of(list(values.values()))
        for measure, values in answers.by_measure(rows).items()
    }


def figures_of(result: Compared) -> Figures:
    """Ours with all others beside it, then each of its two lists alone, since a list that broke
    may hide behind the other."""
    ours, *others = result.systems
    figures = {
        _name(result, measure): Figure.of(
            own, {other: _beside(own, result.systems[other][measure]) for other in others}
        )
        for measure, own in result.systems[ours].items()
    }
    alone = {
        _name(result, f"{way} {measure}"): Figure.of(values)
        for way in ALONE
        for measure, values in result.systems[way].items()
    }
    return figures | alone


def _name(result: Compared, measure: str) -> str:
    return f"retrieval {result.name} {measure}"


def _beside(own: Sequence[float], theirs: Sequence[float]) -> str:
    return f"{Mean.of(theirs)}, ours {Difference.of(own, theirs)}"
