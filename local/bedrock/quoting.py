"""What the extractive answerer quotes from, and how it writes a quote."""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True)
class Quote:
    """A sentence, verbatim up to white space, of a source, and the sentence made of it."""

    source: Source
    text: str
    said: str
    cosine: float = 0.0
    score: float = 0.0

    @property
    def marker(self) -> str:
        return self.source.marker

    def __str__(self) -> str:
        if self.said == self.text or '"' in self.text:
            return f"{self.text} [{self.marker}]"
        return f'{self.said} [{self.marker}: "{self.text}"]'
