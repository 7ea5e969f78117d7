"""What a question asks, apart from how it wants to be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from askbucket.answer.figures import worded
from askbucket.language import FUNCTION_WORDS, LETTERS, languages_of
from local.bedrock.bm25 import terms
from local.bedrock.sentences import split

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
PREFIXED = re.compile(r"\b(?:FY|CY|[1-4]?Q[1-4]?)\s?'?(?=\d\d)", re.IGNORECASE)
SHORT_YEAR = re.compile(r"\b(?:FY|CY)\s?'?(\d\d)\b")
# What is put in brackets or tells how to answer, as analysts do: no document speaks of it.
TASK = re.compile(
    r"\([^()]{1,60}\)|,?\s\bin (?:(?:units of )?percents?|(?:USD|US dollars?|dollars?|EUR|GBP)?\s?"
    r"(?:thousands?|millions?|billions?)|USD)\b[^.?,]*"
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
MONTH = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
MOMENT = re.compile(
    r"(?<![\d.,])[12]\d{3}(?![\d,.]\d)|\d{1,2}[:h]\d\d|\d\s?(?:[ap]\.?m\b|Uhr\b|[年月日时点])|\bcentur"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\b(?:noon|midnight|morning|evening|ago|age)\b"
)
DATE = re.compile(r"\b[A-Z][a-z]{2,8} \d{1,2}\b|(?<!\d)(?:19|20)\d\d(?!\d)")
DAY = re.compile(r"\b[A-Z][a-z]{2,8} \d{1,2}\b")
FIGURE = re.compile(r"(?<![^\W_])\d|[一二两三四五六七八九十百千万]|\b(?:once|twice)\b")
COMPUTED = re.compile(
    r"\b(?:ratio|margin|turnover|percentage|share of|rate of|growth|grow|grew|change[sd]?|differ\w*"
    r"|increase[sd]?|decrease[sd]?|declined?|fell|rose|rise|average|sum|coverage|outstanding"
    r"|year-over-year|by how much|by what)\b",
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
    def terms(self) -> frozenset[str]:
        """Stems of its words that carry meaning, without those of its own language that do not."""
        languages = languages_of(LETTERS.findall(self.text.lower()))
        idle = {word for name in languages for word in FUNCTION_WORDS[name].split()}
        dated = DAY.sub("", self.text) if self.years else self.text
        words = [word for word in dated.split() if word.strip("¿?.,").lower() not in idle]
        return frozenset(terms(" ".join(words)))

    @cached_property
    def named(self) -> frozenset[str]:
        """Of its terms those by which documents are named: they tell which, and not what of it."""
        return (self.terms & frozenset(terms(self.names))) - self.years

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
