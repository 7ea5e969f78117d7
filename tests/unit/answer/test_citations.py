"""What models write, and what is left of it once every quote has been looked up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askbucket.answer.citations import cited
from askbucket.models import Hit
from tests.unit.answer.parts import hit

RENT = hit("The monthly rent is 1,577 euros.\nIt is due on the third day.", chunk="rent")
PETS = hit("Small pets may be kept. Dogs need written consent.", chunk="pets", key="pets.pdf")
NOTE = hit("As [12] and [1, 2] showed, “all” is well.", chunk="note", key="note.txt")
HITS = [RENT, PETS, NOTE]


def shown(text: str, hits: list[Hit] = HITS) -> tuple[str, list[tuple[int, str, str]]]:
    kept = cited(text, hits)
    return kept.text, [(c.marker, c.hit.chunk_id, c.quote) for c in kept.citations]


RENT_QUOTE = (1, "rent", "monthly rent is 1,577 euros")
RENT_LINE = (1, "rent", "The monthly rent is 1,577 euros.")
PETS_LINE = (1, "pets", "Small pets may be kept.")
DOGS = "Dogs need written consent"


@pytest.mark.parametrize(
    ("written", "text", "citations"),
    [
        # one marker
        ('You pay 1,577. [1: "monthly rent is 1,577 euros"]', "You pay 1,577. [1]", [RENT_QUOTE]),
        (
            "The monthly rent is 1,577 euros. [1]",
            "The monthly rent is 1,577 euros. [1]",
            [RENT_LINE],
        ),
        ("Pets: ok [2: “Small pets may be kept.”].", "Pets: ok [1]", [PETS_LINE]),
        ("Tiere: ja [2: „Small pets may be kept.“]", "Tiere: ja [1]", [PETS_LINE]),
        ("Pets: ok [2: 'Small pets may be kept.']", "Pets: ok [1]", [PETS_LINE]),
        ("Pets: ok [2, «Small pets may be kept.»]", "Pets: ok [1]", [PETS_LINE]),
        ('You pay\n[1: "monthly rent"]', "", []),
        # the sentence is a quote, in quotation marks, or holds one
        (
            "“The monthly rent is 1,577 euros.” [1]",
            "“The monthly rent is 1,577 euros.” [1]",
            [RENT_LINE],
        ),
        ("**Small pets may be kept.** [2]", "**Small pets may be kept.** [1]", [PETS_LINE]),
        (
            'It says "Small pets may be kept." [2].',
            'It says "Small pets may be kept." [1]',
            [PETS_LINE],
        ),
        # lists
        ("- Small pets may be kept. [2]", "Small pets may be kept. [1]", [PETS_LINE]),
        ("* Small pets may be kept. [2]", "Small pets may be kept. [1]", [PETS_LINE]),
        ("2. Small pets may be kept. [2]", "Small pets may be kept. [1]", [PETS_LINE]),
        # a quote copied with its line break, or across one
        (
            'Due soon [1: "euros.\nIt is due"]',
            "Due soon [1]",
            [(1, "rent", "euros. It is due")],
        ),
        # several markers
        (
            f'Both [1: "monthly rent"][2: "{DOGS}"].',
            "Both [1][2]",
            [(1, "rent", "monthly rent"), (2, "pets", DOGS)],
        ),
        (
            f'So [2: "{DOGS}"] and [1: "monthly rent"]',
            "So [1][2]",
            [(1, "pets", DOGS), (2, "rent", "monthly rent")],
        ),
        (
            f'So [1: "monthly rent", 2: "{DOGS}"]',
            "So [1][2]",
            [(1, "rent", "monthly rent"), (2, "pets", DOGS)],
        ),
        (
            'So [2: "Small pets"; "written consent"]',
            "So [1][2]",
            [(1, "pets", "Small pets"), (2, "pets", "written consent")],
        ),
        (
            "The monthly rent is 1,577 euros [1, 2].",
            "The monthly rent is 1,577 euros [1]",
            [(1, "rent", "The monthly rent is 1,577 euros")],
        ),
        (
            "The monthly rent is 1,577 euros [2] and [1]",
            "The monthly rent is 1,577 euros [1]",
            [(1, "rent", "The monthly rent is 1,577 euros")],
        ),
        # several sentences
        (
            f'You pay [1: "monthly rent"]. Ask first [2: "{DOGS}"].',
            "You pay [1] Ask first [2]",
            [(1, "rent", "monthly rent"), (2, "pets", DOGS)],
        ),
        (
            f"Small pets may be kept. {DOGS}. [2]",
            f"Small pets may be kept. {DOGS}. [1]",
            [(1, "pets", f"Small pets may be kept. {DOGS}.")],
        ),
        (
            'Cats can talk. You pay [1: "monthly rent"].',
            "You pay [1]",
            [(1, "rent", "monthly rent")],
        ),
        (
            'Says Dr. Roe: pay [1: "monthly rent"].',
            "Says Dr. Roe: pay [1]",
            [(1, "rent", "monthly rent")],
        ),
        (
            'You pay. [1: "monthly rent"] Cats can talk.',
            "You pay. [1]",
            [(1, "rent", "monthly rent")],
        ),
        # brackets that belong to the source
        (
            f"{NOTE.text} [3]",
            "As (12) and (1, 2) showed, “all” is well. [1]",
            [(1, "note", NOTE.text)],
        ),
        (
            'Fine [3: "As [12] and [1, 2] showed"]',
            "Fine [1]",
            [(1, "note", "As [12] and [1, 2] showed")],
        ),
        # what is not there
        ('You pay 9. [1: "rent is 9 euros"]', "", []),
        ('You pay. [2: "monthly rent"]', "", []),
        ('Forged. [4: "monthly rent"] [0: "monthly rent"] [999]', "", []),
        ('Forged. [0: "is well"]', "", []),
        ("Cats can talk. [1]", "", []),
        ("Yes and [1] and [2]", "", []),
        ("No marker at all.", "", []),
        ("[1]", "", []),
        ('[1: "monthly rent"]', "", []),
        ("", "", []),
        ('You pay [1: "monthly rent"] and fly [9].', "You pay [1]", [(1, "rent", "monthly rent")]),
    ],
)
def test_what_is_kept(written: str, text: str, citations: list[tuple[int, str, str]]) -> None:
    assert shown(written) == (text, citations)


def test_the_same_quote_twice_is_one_citation() -> None:
    written = 'A [2: "Small pets"]\nB [1: "monthly rent"]\nC [2: "small  pets"]'

    text, citations = shown(written)

    assert text == "A [1] B [2] C [1]"
    assert [marker for marker, _, _ in citations] == [1, 2]


def test_a_citation_carries_the_boxes_of_its_lines() -> None:
    (citation,) = cited('Due then [1: "third day"]', HITS).citations

    assert citation.boxes == (RENT.boxes[1],)
    assert citation.hit is RENT


PIECES = st.sampled_from(
    [
        *("[1]", "[2]", "[1, 2]", "[7]", '[1: "monthly rent"]', '[2: "', '"]', "[", "]", "12"),
        *("The monthly rent is 1,577 euros. ", "Small pets may be kept. ", "Cats talk. "),
        *("\n", " - ", "“"),
    ]
)


@given(pieces=st.lists(PIECES, max_size=14))
def test_whatever_is_written_markers_count_from_1_and_every_quote_stands_in_its_source(
    pieces: list[str],
) -> None:
    kept = cited("".join(pieces), HITS)

    assert [c.marker for c in kept.citations] == list(range(1, len(kept.citations) + 1))
    assert all(f"[{c.marker}]" in kept.text for c in kept.citations)
    assert bool(kept.text) == bool(kept.citations)
    for citation in kept.citations:
        assert citation.quote in " ".join(citation.hit.text.split())


def test_a_long_hostile_text_is_read_in_no_time() -> None:
    kept = cited('[1: "' * 1000 + '[1: "a", 1: "b' * 300, HITS)

    assert kept.citations == ()
