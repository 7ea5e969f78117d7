"""What the extractive answerer quotes from, and how it writes a quote."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.bedrock.asking import Asked
from local.bedrock.statements import Statement

WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True)
class Source:
    """A numbered source: `context` is what its text stands under, `document` and `uploaded` are
    whose it is and since when."""

    marker: str
    text: str
    context: str = ""
    document: str = ""
    uploaded: str = ""

    @property
    def place(self) -> str:
        """The title and the headings."""
        return self.context.partition("\n")[0]

    @property
    def name(self) -> str:
        """The words of the document's key."""
        return " ".join(WORD.findall(self.document))


@dataclass(frozen=True)
class Quote:
    """A sentence, verbatim up to white space, of a source, and the sentence made of it."""

    source: Source
    text: str
    said: str
    row: Statement | None = None  # where it is one of a table
    cosine: float = 0.0
    score: float = 0.0

    @property
    def marker(self) -> str:
        return self.source.marker

    def __str__(self) -> str:
        if self.said == self.text or '"' in self.text:
            return f"{self.text} [{self.marker}]"
        return f'{self.said} [{self.marker}: "{self.text}"]'


def searched(quote: Quote, asked: Asked) -> tuple[str, ...]:
    """Its terms, with those of its document's name, which it need not repeat. A row leaves to its
    table's name and to the headings what it is about."""
    place = quote.source.place if quote.row else ""
    return asked.terms_of(f"{quote.said} {place} {quote.source.name}")
