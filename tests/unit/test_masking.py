"""A masked value shows no text, and still tells equal texts from different ones."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from askbucket.masking import PLAIN, Mask, NoMask

MASK = Mask("sk-1")
NAMES = st.text(min_size=1).filter(lambda name: name not in PLAIN)
WORDS = st.text(alphabet="ÄÖÜ", min_size=1)  # letters that no masked text has of its own
JSON = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["line", "text", "any"]), inner)
    ),
)


@given(JSON)
def test_no_letter_of_any_text_is_left_at_any_depth(value: Any) -> None:
    assert not set("ÄÖÜ") & set(json.dumps(MASK(value), ensure_ascii=False))


@given(st.text())
def test_a_text_is_its_length_and_a_hash_that_needs_the_key(text: str) -> None:
    assert MASK(text).startswith(f"[{len(text)} characters, ")
    assert MASK(text) == Mask("sk-1")(text)
    assert MASK(text) != Mask("sk-2")(text)


@given(WORDS, NAMES)
def test_only_names_known_to_name_things_keep_their_value(word: str, name: str) -> None:
    masked = MASK({name: word, "chunk": word, "deep": [{"version": word}]})
    assert word not in str(masked[name])
    assert (masked["chunk"], masked["deep"]) == (word, [{"version": word}])


def test_numbers_stay_and_unknown_things_are_masked_as_text() -> None:
    assert MASK({"score": 0.5, "page": None, "ok": True}) == {
        "score": 0.5,
        "page": None,
        "ok": True,
    }
    assert MASK(b"secret").startswith("[9 characters, ")


def test_without_a_mask_everything_is_as_it_is() -> None:
    value = {"line": "words", "n": [1, "two"]}
    assert NoMask()(value) is value
    assert NoMask().hash("ada") == "ada"
