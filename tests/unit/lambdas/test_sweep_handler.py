"""The scheduled tasks, by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askbucket import wiring
from askbucket.ingest.sweep import Sweep
from lambdas.sweep.handler import handler
from tests.unit.ingest.files import image
from tests.unit.ingest.parts import World, made_world


@pytest.fixture
def hinted(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, list[str]]]:
    with made_world() as world:
        keys: list[str] = []
        sweep = Sweep(world.bucket, world.manifest, world.store, world.worker().recipe, keys.append)
        monkeypatch.setattr(wiring, "sweep", lambda: sweep)
        yield world, keys


def test_the_daily_sweep_tells_what_it_found(hinted: tuple[World, list[str]]) -> None:
    world, keys = hinted
    world.put("a.txt", "text")
    found = handler({"task": "sweep"}, None)
    assert found == {"keys": 1, "hinted": {"not in the manifest": 1}, "deleted_generations": 0}
    assert keys == ["a.txt"]


def test_the_ocr_task_hints_what_is_due_by_the_real_clock(
    hinted: tuple[World, list[str]],
) -> None:
    world, keys = hinted
    world.clock.at = 1_700_000_000_000  # long ago
    world.put("a.png", image((40,)))
    world.sync("a.png")
    assert handler({"task": "ocr"}, None) == {"ocr_due": 1}
    assert keys == ["a.png"]


@pytest.mark.parametrize("event", [{}, {"task": "sleep"}, {"task": None}])
def test_any_other_task_is_refused(event: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be 'sweep' or 'ocr'"):
        handler(event, None)
