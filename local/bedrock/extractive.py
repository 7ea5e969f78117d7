"""Answers made of sentences quoted from the sources: no language model, nothing of its own.

Every sentence of every source is scored 0.6 x its cosine to the question + 0.4 x its BM25 as a
share of the best one's. The best one to three are the answer, unless too little speaks for them.
A table's row is scored and said with the names of its columns, and quoted as it stands.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from local.bedrock import rows
from local.bedrock.bm25 import bm25_scores, terms
from local.bedrock.disagreement import in_order_of_age
from local.bedrock.minilm import Vector
from local.bedrock.quoting import Quote, Source
from local.bedrock.sentences import is_heading, sentences

REFUSAL = "NOT_IN_DOCUMENTS"
MOST_SENTENCES = 3
MONTHS = frozenset(
    term
    for name in "January February March April May June July August September October November"
    " December ended".split()
    for term in terms(name)
)
COSINE_WEIGHT = 0.6
HEADING_WEIGHT = 0.7  # a heading is near many questions and answers few
LEAST_SHARE = 0.7  # of the first sentence's score; a weaker second or third is left out
SAME_WORDS = 0.8  # share of the shorter sentence's words that the other has too

# Evidence is the best cosine + 0.4 x the share of the question's words in the best three sentences.
# Every second question of XQuAD-en (393): refuses 5.6 % with the answer at hand, 69 % with only its
# paragraph taken out, 98 % with its article taken out.
COVERAGE_WEIGHT = 0.4
LEAST_EVIDENCE = 0.745

Embed = Callable[[str], Vector]  # text to unit vector


@dataclass(frozen=True)
class Answer:
    """One to three quotes, best first, or none; `evidence` is what the refusal was decided by."""

    quotes: tuple[Quote, ...]
    evidence: float

    def __str__(self) -> str:
        return "\n".join(map(str, self.quotes)) or REFUSAL


def answer(question: str, sources: Iterable[Source], embed: Embed) -> Answer:
    candidates = [quote for source in sources for quote in _candidates(source, question)]
    ranked = _ranked(question, [c for c in candidates if _says_something(c.text, question)], embed)
    if not ranked:
        return Answer((), evidence=0.0)
    chosen = in_order_of_age(_of_the_row_named(_chosen(ranked), question))
    evidence = _evidence(question, ranked)
    return Answer(chosen if evidence >= LEAST_EVIDENCE else (), round(evidence, 4))


def _candidates(source: Source, question: str) -> list[Quote]:
    header = rows.header_of(source.context, source.text)
    return [
        Quote(source, text, rows.said(text, header, question))
        for text in sentences(source.text)
        if not rows.is_header(text, header)
    ]


def _says_something(sentence: str, question: str) -> bool:
    """Words that are no date, and if it is only a heading, one that the question does not hold
    already; what ends in a colon only says that something follows."""
    words = {term for term in terms(sentence) if not _is_number(term)} - MONTHS
    if sentence.endswith(":"):
        return False
    return bool(words - set(terms(question)) if is_heading(sentence) else words)


def _ranked(question: str, candidates: Sequence[Quote], embed: Embed) -> list[Quote]:
    """The candidates with their scores, best first, equals in the order of the sources."""
    if not candidates or not terms(question):
        return []
    about = embed(question)
    cosines = [float(embed(c.said) @ about) for c in candidates]
    lexical = bm25_scores(terms(question), [_searched(c) for c in candidates])
    best = max(lexical) or 1.0
    scored = [
        replace(c, cosine=cosine, score=_score(c.text, cosine, words / best))
        for c, cosine, words in zip(candidates, cosines, lexical, strict=True)
    ]
    return sorted(scored, key=lambda quote: -quote.score)


def _searched(quote: Quote) -> tuple[str, ...]:
    """A row leaves to its table's name and to the headings what it is about."""
    place = quote.source.place if rows.BAR in quote.text else ""
    return terms(f"{quote.said} {place}")


def _score(sentence: str, cosine: float, lexical: float) -> float:
    score = COSINE_WEIGHT * cosine + (1 - COSINE_WEIGHT) * lexical
    return score * HEADING_WEIGHT if is_heading(sentence) else score


def _chosen(ranked: Sequence[Quote]) -> tuple[Quote, ...]:
    """The best sentences that are not much weaker than the first, none said twice.

    A sentence cut off at its source's edge gives way to the whole one of an overlapping source.
    """
    chosen: list[Quote] = []
    for quote in ranked:
        if len(chosen) == MOST_SENTENCES or quote.score < LEAST_SHARE * ranked[0].score:
            break
        twin = next((i for i, other in enumerate(chosen) if _same(quote, other)), None)
        if twin is None:
            chosen.append(quote)
        elif chosen[twin].text in quote.text:
            chosen[twin] = quote
    return tuple(chosen)


def _of_the_row_named(chosen: Sequence[Quote], question: str) -> Sequence[Quote]:
    """Without a table's other rows, where the question names one of its rows."""
    tables = {quote.source for quote in chosen if rows.is_named(quote.text, question)}
    return [
        quote
        for quote in chosen
        if rows.BAR not in quote.text
        or quote.source not in tables
        or rows.is_named(quote.text, question)
    ]


def _same(one: Quote, other: Quote) -> bool:
    """Whether the shorter says hardly a word, and no number, that the longer does not."""
    shorter, longer = sorted((set(terms(one.text)), set(terms(other.text))), key=len)
    more = shorter - longer
    return len(more) <= (1 - SAME_WORDS) * len(shorter) and not any(map(_is_number, more))


def _is_number(term: str) -> bool:
    return term[0].isdigit()


def _evidence(question: str, ranked: Sequence[Quote]) -> float:
    asked = set(terms(question))
    said = {term for quote in ranked[:MOST_SENTENCES] for term in _searched(quote)}
    return max(q.cosine for q in ranked) + COVERAGE_WEIGHT * len(asked & said) / len(asked)
