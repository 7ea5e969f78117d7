"""What counts as worse, with drops counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.baseline import Figure, drops, gone, loaded, merged, tolerance


def of(right: int, questions: int) -> Figure:
    return Figure.of([1.0] * right + [0.0] * (questions - right))


def test_one_question_less_is_noise_and_two_are_a_drop() -> None:
    before = {"answers s answered": {"mean": 1.0}}
    assert drops({"answers s answered": of(63, 64)}, before) == []
    (drop,) = drops({"answers s answered": of(62, 64)}, before)
    assert str(drop) == (
        "answers s answered fell from 1.000 to 0.969, by 0.031; 0.023 is taken for noise"
    )


def test_many_questions_allow_a_hundredth() -> None:
    assert tolerance("retrieval s R@5", 1000) == 0.01
    assert tolerance("retrieval s R@5", 64) == pytest.approx(1.5 / 64)
    assert tolerance("retrieval s R@5", 64) < 2 / 64


@pytest.mark.parametrize("measure", ["quote located", "boxes right"])
def test_what_must_always_hold_may_not_fall_at_all(measure: str) -> None:
    before = {f"answers s {measure}": {"mean": 1.0}}
    assert drops({f"answers s {measure}": of(999, 1000)}, before)


def test_what_rose_or_is_new_is_no_drop() -> None:
    assert drops({"a": of(9, 10), "b": of(0, 10)}, {"a": {"mean": 0.5}}) == []


def test_a_measure_no_longer_taken_is_told() -> None:
    before = {"answers s answered": {}, "answers x answered": {}, "answers s refused": {}}
    assert gone({"answers s answered": of(1, 1)}, before, "answers s") == ["answers s refused"]


def test_the_baseline_keeps_what_was_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    assert loaded(path) == {}
    path.write_text(merged({"b": {"mean": 0.1, "questions": 2}}, {"a": of(1, 2)}))
    assert loaded(path) == {
        "a": {"mean": 0.5, "questions": 2},
        "b": {"mean": 0.1, "questions": 2},
    }
    assert list(json.loads(path.read_text())) == ["a", "b"]
