"""Neighbouring chunks of one document, as many as a model summarises in one call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from askbucket.answer.prompt import tokens_of
from askbucket.answer.summary.scope import WholeDocument
from askbucket.entry import Entry
from askbucket.models import Hit

GROUP_TOKENS = 4000  # by an estimate that errs on the large side
FULL_SHARE = 0.5  # of a group that a page's end may close


@dataclass(frozen=True, slots=True)
class Group:
    """Chunks that follow each other; only what they say and where decides what `name` is."""

    entry: Entry
    hits: tuple[Hit, ...]

    @property
    def name(self) -> str:
        said = [[hit.page, hit.context, hit.text] for hit in self.hits]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def grouped(document: WholeDocument, tokens: int = GROUP_TOKENS) -> Iterator[Group]:
    """The document's groups in order, each within the budget or of one chunk.

    They are cut at pages' ends where they can be, so that a change of one page leaves others be.
    """
    held: list[Hit] = []
    size = 0
    for hit in document.hits:
        more = tokens_of(hit.context + hit.text)
        new_page = bool(held) and hit.page != held[-1].page and size >= FULL_SHARE * tokens
        if held and (new_page or size + more > tokens):
            yield Group(document.entry, tuple(held))
            held, size = [], 0
        held.append(hit)
        size += more
    if held:
        yield Group(document.entry, tuple(held))
