"""Slips planted in a quote or in its source: the harmless are seen through, no other is."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from askbucket.answer.quotes import Located, locate
from askbucket.models import Hit
from tests.property.quote_slips import ALLOWED, FORBIDDEN, SENTENCES
from tests.unit.answer.parts import hit

Locate = Callable[[str, Hit], Located | None]

FILLER = st.lists(st.sampled_from(("It rained.", "See annex B.", "A | b | 44", "Nothing else.")))


@given(
    sentence=st.sampled_from(SENTENCES),
    slips=st.lists(st.sampled_from(sorted(ALLOWED)), max_size=3, unique=True),
    in_source=st.booleans(),
    above=FILLER,
    below=FILLER,
)
def test_a_slip_hides_neither_the_words_nor_their_lines(
    sentence: str, slips: list[str], in_source: bool, above: list[str], below: list[str]
) -> None:
    slipped = sentence
    for slip in slips:
        slipped = ALLOWED[slip](slipped)
    if in_source and not {"case", "emphasis", "quotation marks", "another last mark"} & {*slips}:
        source, quote = slipped, sentence
    else:
        source, quote = sentence, slipped
    if "case" in slips and any("read as" in slip for slip in slips):
        return  # capitals are not read as what they look like
    if in_source and "no last mark" in slips and below:
        source += "."

    located = locate(quote, hit("\n".join([*above, source, *below])))

    assert located is not None, (source, quote)
    first, last = len(above), len(above) + source.count("\n")
    assert [int(box.top) for box in located.boxes] == list(range(first, last + 1))
    assert located.quote.rstrip(".") in " ".join(source.split())


@pytest.mark.parametrize("change", FORBIDDEN)
def test_what_makes_another_statement_is_not_found(change: str) -> None:
    assert _refused(locate, change)


def _refused(find: Locate, change: str) -> bool:
    """Whether no sentence is found from a quote changed so, nor a changed one from its quote."""
    changed = [(each, made) for each in SENTENCES if (made := FORBIDDEN[change](each)) != each]
    assert changed, "the change fits no sentence"
    return not any(
        find(made, hit(f"Above.\n{each}\nBelow.")) or find(each, hit(f"Above.\n{made}\nBelow."))
        for each, made in changed
    )


def _nearly_the_same_text(quote: str, found: Hit) -> Located | None:
    near = fuzz.partial_ratio(quote.lower(), found.text.lower()) >= 90
    return Located(quote, ()) if near else None


def _nearly_the_same_words(quote: str, found: Hit) -> Located | None:
    """One edit for each word without figures: what seems strict enough."""
    asked, told = quote.split(), found.text.split()
    starts = range(len(told) - len(asked) + 1)
    fits = any(all(map(_near, asked, told[at : at + len(asked)])) for at in starts)
    return Located(quote, ()) if fits else None


def _near(one: str, other: str) -> bool:
    figures = any(letter.isdigit() for letter in one + other)
    return one == other or (not figures and Levenshtein.distance(one, other) <= 1)


def _longest_common_part(quote: str, found: Hit) -> Located | None:
    """Words may be left out: the parts in common make up nearly all of the quote."""
    blocks = SequenceMatcher(None, quote, found.text, autojunk=False).get_matching_blocks()
    return Located(quote, ()) if sum(b.size for b in blocks) >= 0.9 * len(quote) else None


def _letters_alone(quote: str, found: Hit) -> Located | None:
    letters, text = (re.sub(r"[^\w]", "", each.lower()) for each in (quote, found.text))
    return Located(quote, ()) if letters in text else None


@pytest.mark.parametrize(
    ("lax", "missed"),
    [
        (_nearly_the_same_text, {"a digit", "a sign", "no negation", "a name's letter"}),
        (_nearly_the_same_words, {"m for b", "a name's letter"}),
        (_longest_common_part, {"a digit", "no negation", "a word left out", "a prefix"}),
        (_letters_alone, {"a decimal point", "no sign", "a negation grown in"}),
    ],
)
def test_a_laxer_matcher_is_caught(lax: Locate, missed: set[str]) -> None:
    assert missed <= {change for change in FORBIDDEN if not _refused(lax, change)}
