"""Refusals counted by threshold, and the halves they are counted on."""

from __future__ import annotations

from evals.asked import Asked
from evals.refusal import HELD_OUT, TUNE, UNSUPPORTED, Judged, halves_of, refused

PLACE = frozenset({("a/paragraph.txt", None)})


def test_below_the_threshold_is_refused_falsely_or_rightly() -> None:
    judged = [
        Judged(TUNE, answerable=True, evidence=0.9),
        Judged(TUNE, answerable=True, evidence=UNSUPPORTED),
        Judged(TUNE, answerable=False, evidence=0.7),
    ]
    falsely, rightly = refused(judged, True, 0.7), refused(judged, False, 0.7)
    assert [each and each.value for each in (falsely, rightly)] == [0.5, 0.0]
    assert refused(judged[:2], False, 0.7) is None


def test_a_question_is_in_the_half_of_its_article_wherever_it_is_asked() -> None:
    asked = [
        Asked("q", "?", PLACE),
        Asked("q taken out", "?", frozenset(), narrowed={"prefix": "b/"}),
        Asked("r taken out", "?", frozenset(), narrowed={"prefix": "a/"}),
    ]
    assert halves_of("xquad-en", asked) == {
        "q": TUNE,
        "q taken out": TUNE,
        "r taken out": HELD_OUT,
    }
    assert set(halves_of("shipped", asked).values()) == {HELD_OUT}
    assert set(halves_of("filings", []).values()) == {TUNE, HELD_OUT}
