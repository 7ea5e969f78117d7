"""What a question asks, apart from how it wants to be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from askbucket.answer.figures import worded
from askbucket.language import ENGLISH, LETTERS, languages_of
from local.bedrock.bm25 import terms
from local.bedrock.sentences import split

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
PREFIXED = re.compile(r"\b(?:FY|CY|[1-4]?Q[1-4]?)\s?'?(?=\d\d)", re.IGNORECASE)
SHORT_YEAR = re.compile(r"\b(?:FY|CY)\s?'?(\d\d)\b")
# What is put in brackets or tells how to answer, as analysts do: no document speaks of it.
TASK = re.compile(
    r"\s?\([^()]{1,60}\)"
    r"|,?\s\bin (?:(?:units of )?percents?|(?:USD|US dollars?|dollars?|EUR|GBP)?"
    r"\s?(?:thousands?|millions?|billions?)|USD)\b[^.?,]*"
    r"|,? (?:as|to|with) (?:one|two|three|\d) decimals?(?: places?)?"
    r"|,? (?:according to|from|using) (?:its|the|their) P&L(?: statement)?",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"^(?:how|what|which|who|whom|when|where|why|is|are|was|were|did|does|do)\b", re.I
)
QUARTER = re.compile(r"\bquarter|\bQ[1-4]\b|\b[1-4]Q|three months", re.IGNORECASE)
AMOUNT = re.compile(
    r"\bhow (?:much|many|high|large|big|long|far|fast|old|heavy|loud|often|deep|wide|tall)\b"
    r"|\b(?:what|which) (?:amount|average|percentage|percent|share|portion|price|rate|number|value"
    r"|sum|total|ratio|proportion)\b|\bwie ?(?:viele?|hoch|lange?|groß|schwer|weit|oft|alt)\b"
    r"|\bcuánt[oa]s?\b|\bcombien\b|\bquant[oaie]\b|\bhoeveel\b|多少|几",
    re.IGNORECASE,
)
TIME = re.compile(
    r"\bwhen (?:did|do|does|was|were|is|are|will|has|have|had|can|must|may|should)\b"
    r"|\b(?:what|which) years?\b|\b(?:wann|cuándo|quand)\b|什么时候|哪年",
    re.IGNORECASE,
)
WHO = re.compile(r"\b(?:who|whom|whose|wer|wem|wen|quién|quiénes)\b|^qui\b", re.IGNORECASE)
NAME = re.compile(
    r"[^\W\d_a-z][\w'’.-]+ (?:[a-z]{1,3} )?[A-ZÀ-ÞА-Я]|(?<=[a-z,] )[A-ZÀ-ÞА-Я]|[\u3040-\u9fff]"
)
MONTHS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
MONTH = re.compile(rf"\b{MONTHS}\b")
MOMENT = re.compile(
    r"(?<![\d.,])[12]\d{3}(?![\d,.]\d)|\d{1,2}[:h]\d\d|\d\s?(?:[ap]\.?m\b|Uhr\b|[年月日时点])|\bcentur"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\b(?:noon|midnight|morning|evening|ago|age)\b"
)
DAY = re.compile(rf"\b\d{{1,2}} {MONTHS}\b|\b{MONTHS} \d{{1,2}}\b")
DATE = re.compile(rf"{DAY.pattern}|{YEAR.pattern}")
FIGURE = re.compile(r"(?<![^\W_])\d|[一二两三四五六七八九十百千万]|\b(?:once|twice)\b")
COMPUTED = re.compile(
    r"\b(?:ratio|margin|turnover|percentages?|share of|portion of|rate of|growth|by how much"
    r"|by what|how fast|how many times|year-over-year|days \w+ outstanding|debt-to-\w+)\b|as a %",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Asked:
    """A question: as it was put, what of it asks, years as four figures, and the words of the
    documents' names."""

    whole: str
    text: str
    names: str = ""

    @cached_property
    def language(self) -> str:
        """The name of its stemmer; English where that is not to be told."""
        return (*languages_of(LETTERS.findall(self.text.lower())), ENGLISH)[0]

    def terms_of(self, text: str) -> tuple[str, ...]:
        """As the question's own are."""
        return terms(text, self.language)

    @cached_property
    def terms(self) -> frozenset[str]:
        """Stems of its words that carry meaning, the year of a date without its day."""
        return frozenset(self.terms_of(DAY.sub("", self.text) if self.years else self.text))

    @cached_property
    def named(self) -> frozenset[str]:
        """Of its terms those by which documents are named: they tell which, and not what of it."""
        return (self.terms & frozenset(self.terms_of(self.names))) - self.years

    @cached_property
    def years(self) -> frozenset[str]:
        return frozenset(YEAR.findall(self.text))

    @cached_property
    def times(self) -> frozenset[str]:
        """The years that figures are asked of; what grows is measured by the year before."""
        before = {str(int(year) - 1) for year in self.years} if len(self.years) == 1 else set()
        return self.years | (before if self.computed() else frozenset())

    def wants_figure(self) -> bool:
        return any(each.search(self.whole) for each in (AMOUNT, TASK))

    def lacks(self, text: str) -> bool:
        """Whether it asks for a figure, a time or a name, and the text has none."""
        if TIME.search(self.whole):
            return not (MOMENT.search(text) or MONTH.search(text))
        if self.wants_figure():
            told = DATE.sub("", text)
            return not (FIGURE.search(told) or worded(told))
        return bool(WHO.search(self.whole)) and not NAME.search(MONTH.sub("", text))

    def of_a_quarter(self) -> bool:
        return QUARTER.search(self.whole) is not None

    def computed(self) -> bool:
        """Whether it may ask for what a document need not print."""
        return COMPUTED.search(self.whole) is not None


def asked_of(question: str, names: str = "") -> Asked:
    """Of several sentences those that end in a question mark, without orders of how to answer."""
    dated = PREFIXED.sub("", SHORT_YEAR.sub(r"20\1", question))
    sentences = split(" ".join(dated.split()))
    asking = [_asking(each) for each in sentences if each.rstrip("\"')").endswith(("?", "？"))]
    text = TASK.sub("", " ".join(asking or sentences))
    return Asked(question, " ".join(text.split()) or question, names)


def _asking(sentence: str) -> str:
    """What comes after a colon, where that alone asks."""
    _, colon, rest = sentence.rpartition(": ")
    return rest if colon and ASKS.match(rest) else sentence
