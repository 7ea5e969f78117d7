"""Answers made of sentences quoted from the sources: no language model, nothing of its own.

Every sentence of every source is scored 0.6 x its cosine to the question + 0.4 x its BM25 as a
share of the best one's; less where it is of another year, or has no figure, time or name where one
is asked for. The best one to three are the answer, unless too little speaks for them (support.py).
A table's row is scored and said with its section, the names of its columns and its unit, and quoted
as it stands. Weights were chosen on the halves that evals.refusal calls `tune`; few of them matter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from local.bedrock import rows
from local.bedrock.asking import YEAR, Asked, asked_of
from local.bedrock.bm25 import bm25_scores, terms
from local.bedrock.disagreement import in_order_of_age
from local.bedrock.minilm import Vector
from local.bedrock.operands import operands
from local.bedrock.quoting import Quote, Source, searched
from local.bedrock.sentences import is_heading, is_title
from local.bedrock.statements import Statement, statements
from local.bedrock.support import LEAST_EVIDENCE, support

REFUSAL = "NOT_IN_DOCUMENTS"
MOST_SENTENCES = 3
MONTHS = frozenset(
    term
    for name in "January February March April May June July August September October November"
    " December ended".split()
    for term in terms(name)
)
COSINE_WEIGHT = 0.6
HEADING_WEIGHT = 0.6  # a heading is near many questions and answers few
OTHER_TIME_WEIGHT = 0.8  # what tells of other years than the question
LACKING_WEIGHT = 0.6  # of what has no figure, time or name where one is asked for
ROW_WEIGHT = 0.2  # x the share of a row's label that a question for a figure holds
LEAST_NEARNESS = 0.45  # of the nearest one's cosine
RANK_LOSS = 0.02  # for every source above its own, as sources come best first
LEAST_SHARE = 0.7  # of the first sentence's score; a weaker second or third is left out
LEAST_SHARE_BESIDE_FIGURE = 0.85  # the same where the first has the figure asked for
SAME_WORDS = 0.8  # share of the shorter sentence's words that the other has too

BETWEEN_HEADINGS = " > "

Embed = Callable[[str], Vector]  # text to unit vector


@dataclass(frozen=True)
class Answer:
    """One to three quotes, best first, or none; `evidence` is what the refusal was decided by."""

    quotes: tuple[Quote, ...]
    evidence: float

    def __str__(self) -> str:
        return "\n".join(map(str, self.quotes)) or REFUSAL


def answer(question: str, sources: Iterable[Source], embed: Embed) -> Answer:
    sources = list(sources)
    asked = asked_of(question, " ".join(source.name for source in sources))
    candidates = [quote for source in sources for quote in _candidates(source, asked)]
    ranked = _ranked(asked, candidates, embed)
    if not ranked:
        return Answer((), evidence=0.0)
    near = _near(ranked)
    chosen = operands(near, asked) or _of_the_row_named(_chosen(near, asked), question)
    evidence = support(asked, ranked, chosen, sources)
    told = in_order_of_age(chosen) if evidence >= LEAST_EVIDENCE else ()
    return Answer(told, round(evidence, 4))


def _candidates(source: Source, asked: Asked) -> list[Quote]:
    headings = set(source.place.casefold().split(BETWEEN_HEADINGS))
    return [
        _quote(source, each, asked)
        for each in statements(source.text, source.context)
        if each.text.casefold() not in headings and _says_something(each.text, asked)
    ]


def _quote(source: Source, statement: Statement, asked: Asked) -> Quote:
    if statement.is_row:
        return Quote(source, statement.text, rows.said(statement, asked), statement)
    return Quote(source, statement.text, statement.text)


def _says_something(sentence: str, asked: Asked) -> bool:
    """Words that are no date, and if it is only a heading, one that the question does not hold
    already; what ends in a colon only says that something follows."""
    words = {term for term in asked.terms_of(sentence) if not _is_number(term)} - MONTHS
    if sentence.endswith(":"):
        return False
    return bool(words - asked.terms - rows.NAMELY if is_heading(sentence) else words)


def _ranked(asked: Asked, candidates: Sequence[Quote], embed: Embed) -> list[Quote]:
    """The candidates with their scores, best first, equals in the order of the sources."""
    if not candidates or not asked.terms:
        return []
    about = embed(asked.text)
    cosines = [float(embed(c.said) @ about) for c in candidates]
    lexical = bm25_scores(sorted(asked.terms), [searched(c, asked) for c in candidates])
    best = max(lexical) or 1.0
    ranks = {each: at for at, each in enumerate(dict.fromkeys(c.source for c in candidates))}
    scored = [
        replace(
            c,
            cosine=cosine,
            score=_score(c, cosine, words / best, asked) - RANK_LOSS * ranks[c.source],
        )
        for c, cosine, words in zip(candidates, cosines, lexical, strict=True)
    ]
    return sorted(scored, key=lambda quote: -quote.score)


def _score(quote: Quote, cosine: float, lexical: float, asked: Asked) -> float:
    score = COSINE_WEIGHT * cosine + (1 - COSINE_WEIGHT) * lexical
    if _is_of_another_time(quote, asked):
        score *= OTHER_TIME_WEIGHT
    if asked.lacks(quote.text):
        score *= LACKING_WEIGHT
    if quote.row and asked.wants_figure():
        score += ROW_WEIGHT * rows.share_asked(quote.row, asked)
    return score * HEADING_WEIGHT if is_title(quote.text) else score


def _is_of_another_time(quote: Quote, asked: Asked) -> bool:
    """Whether it names years, or else its document does, and none that the question asks of.

    A sentence may tell another day of the year that its document is about; a row tells its years.
    """
    told, named = YEAR.findall(quote.said), YEAR.findall(quote.source.document)
    years = told if quote.row and told else [*told, *named]
    return bool(asked.years and years) and asked.times.isdisjoint(years)


def _near(ranked: Sequence[Quote]) -> list[Quote]:
    """Without those that share words with the question and hardly a meaning."""
    nearest = max(quote.cosine for quote in ranked)
    return [quote for quote in ranked if quote.cosine >= min(nearest, LEAST_NEARNESS * nearest)]


def _chosen(ranked: Sequence[Quote], asked: Asked) -> tuple[Quote, ...]:
    """The best sentences that are not much weaker than the first, none said twice.

    A sentence cut off at its source's edge gives way to the whole one of an overlapping source.
    """
    chosen: list[Quote] = []
    told = asked.wants_figure() and not asked.lacks(ranked[0].text)
    least = ranked[0].score * (LEAST_SHARE_BESIDE_FIGURE if told else LEAST_SHARE)
    for quote in ranked:
        if len(chosen) == MOST_SENTENCES or quote.score < least:
            break
        if chosen and _is_idle(quote, asked, chosen[0]):
            continue
        twin = next((i for i, other in enumerate(chosen) if _same(quote, other)), None)
        if twin is None:
            chosen.append(quote)
        elif chosen[twin].text in quote.text:
            chosen[twin] = quote
    return tuple(chosen)


def _is_idle(quote: Quote, asked: Asked, first: Quote) -> bool:
    """Whether it adds nothing to the first: a title, of another year, or without the figure, time
    or name that is asked for and the first has."""
    lacks = asked.lacks(quote.text) and not asked.lacks(first.text)
    return lacks or is_title(quote.text) or _is_of_another_time(quote, asked)


def _of_the_row_named(chosen: Sequence[Quote], question: str) -> Sequence[Quote]:
    """Without a table's other rows, where the question names one of its rows."""
    named = [quote for quote in chosen if quote.row and rows.is_named(quote.row, question)]
    tables = {quote.source for quote in named}
    return [
        quote for quote in chosen if not quote.row or quote.source not in tables or quote in named
    ]


def _same(one: Quote, other: Quote) -> bool:
    """Whether the shorter says hardly a word, and no number, that the longer does not."""
    shorter, longer = sorted((set(terms(one.text)), set(terms(other.text))), key=len)
    more = shorter - longer
    return len(more) <= (1 - SAME_WORDS) * len(shorter) and not any(map(_is_number, more))


def _is_number(term: str) -> bool:
    return term[0].isdigit()
