"""The scheduled tasks, by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askbucket import wiring, wiring_ingest
from askbucket.ingest.sweep import GROUP, Sweep
from lambdas.sweep.handler import handler
from tests.unit.ingest.files import image
from tests.unit.ingest.parts import World, made_world


class Context:
    """Lambda's, with a time that is left."""

    def __init__(self, left_ms: int = 300_000) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._left_ms


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, list[str]]]:
    for name, value in {"BUCKET": "b", "TABLE": "t", "STORE": "qdrant+http://x"}.items():
        monkeypatch.setenv(f"ASKBUCKET_{name}", value)
    wiring.settings.cache_clear()
    with made_world() as world:
        keys: list[str] = []
        parts = (world.bucket, world.manifest, world.store, world.worker().recipe, world.limits)
        sweep = Sweep(*parts, keys.extend)
        monkeypatch.setattr(wiring_ingest, "sweep", lambda: sweep)
        yield world, keys
    wiring.settings.cache_clear()


def test_the_daily_sweep_tells_what_it_found(hinted: tuple[World, list[str]]) -> None:
    world, keys = hinted
    world.put("a.txt", "text")
    found = handler({"task": "sweep"}, Context())
    assert found == {
        "keys": 1,
        "hinted": {"not in the manifest": 1},
        "deleted_generations": 0,
        "cursor": None,
    }
    assert keys == ["a.txt"]


def test_a_scheduled_sweep_cut_short_is_finished_by_the_next_run(
    hinted: tuple[World, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, keys = hinted
    monkeypatch.setattr(wiring, "manifest", lambda: world.manifest)
    names = [f"{number:04d}.txt" for number in range(GROUP + 5)]
    for name in names:
        world.put(name, "text")
    assert handler({"task": "sweep"}, Context(left_ms=0))["cursor"]["after"] == names[GROUP - 1]
    assert handler({"task": "due"}, Context())["keys"] == 5
    assert keys == names
    assert handler({"task": "due"}, Context()) == {"due": 0}


def test_a_sweep_by_hand_goes_from_cursor_to_cursor(hinted: tuple[World, list[str]]) -> None:
    world, keys = hinted
    for name in ("a/1.txt", "b/1.txt"):
        world.put(name, "text")
    found = handler({"task": "sweep", "cursor": {"prefix": "b/"}}, Context())
    assert (found["keys"], found["cursor"], keys) == (1, None, ["b/1.txt"])
    with pytest.raises(ValueError, match="is no cursor of a sweep"):
        handler({"task": "sweep", "cursor": {"stage": "roof"}}, Context())


def test_the_frequent_task_hints_what_is_due_by_the_real_clock(
    hinted: tuple[World, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, keys = hinted
    monkeypatch.setattr(wiring, "manifest", lambda: world.manifest)
    world.clock.at = 1_700_000_000_000  # long ago
    world.put("a.png", image((40,)))
    world.sync("a.png")
    assert handler({"task": "due"}, Context()) == {"due": 1}
    assert keys == ["a.png"]


@pytest.mark.usefixtures("hinted")
@pytest.mark.parametrize("event", [{}, {"task": "sleep"}, {"task": None}])
def test_any_other_task_is_refused(event: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be 'sweep' or 'due'"):
        handler(event, Context())
