"""Each text once among the hits, with the other places that hold it.

The same notice stands in ten filings, a file lies under two keys: without this one text fills the
top k. Texts are the same where letters, figures and signs are, whatever the line breaks, quotation
marks and stops. Likeness is not enough: two price lists that differ in one figure, or two clauses
that differ in one "not", are no duplicates.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex

from askbucket.models import Hit

HYPHEN_AT_LINE_END = regex.compile(r"(?<=\p{L})[-\u00ad]\n(?=\p{Ll})")
# Letters and digits, and every sign but those that only part sentences, quote or list; beside a
# digit they count, too.
WORD = regex.compile(
    r"[\p{L}\p{M}\p{N}]+|[.,;:](?=\p{N})|(?<=\p{N})[\"'”’]|[^\s\p{L}\p{M}\p{N}.,;:!\"'“”„‘’…•]"
)


def collapsed(hits: Iterable[Hit]) -> list[Hit]:
    """The hits by score, best first, each text once under the same headings; the places of the
    others are its `duplicates`.

    The best score is kept, since it fits the question best; of equal scores the smaller chunk id.
    """
    same: dict[tuple[str, str], list[Hit]] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id)):
        same.setdefault((_words(hit.text), _under(hit.context)), []).append(hit)
    return [_with(best, others) for best, *others in same.values()]


def _with(hit: Hit, others: Sequence[Hit]) -> Hit:
    """The hit with the others' places beside its own duplicates, each place once."""
    places = (place for other in others for place in (other.place, *other.duplicates))
    found = dict.fromkeys((*hit.duplicates, *places))
    return replace(hit, duplicates=tuple(place for place in found if place != hit.place))


def _words(text: str) -> str:
    """Words and signs, whatever the lines they stand on."""
    whole = HYPHEN_AT_LINE_END.sub("", unicodedata.normalize("NFC", text))
    return " ".join(WORD.findall(whole))


def _under(context: str) -> str:
    """Headings and table header that the text stands under, without the document's own title."""
    path, _, header = context.partition("\n")
    return _words(f"{path.partition(' > ')[2]}\n{header}")
