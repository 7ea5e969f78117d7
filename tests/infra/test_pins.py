"""A layer ships the very versions the package is developed and tested with."""

import re
from pathlib import Path

import pytest

from infra.pins import DEVELOP, LAYERS, LEFT_OUT

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9-]+)==([^\s;\\]+)", re.MULTILINE)


def pins(path: Path) -> set[tuple[str, str]]:
    return set(PIN.findall(path.read_text()))


@pytest.mark.parametrize("name", LAYERS)
def test_a_layers_pins_are_the_projects(name: str) -> None:
    layer = pins(ROOT / "layers" / name / "requirements.txt")
    assert layer
    assert layer <= pins(ROOT / DEVELOP)


@pytest.mark.parametrize("name", LAYERS)
def test_every_pin_has_hashes_and_none_names_an_index(name: str) -> None:
    text = (ROOT / "layers" / name / "requirements.txt").read_text()
    entries = re.split(r"\n(?=[a-z])", text.split("\n", 1)[1])
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_asked_for_is_pinned_and_what_is_left_out_is_not(name: str) -> None:
    folder = ROOT / "layers" / name
    wanted = {
        line
        for line in (folder / "requirements.in").read_text().splitlines()
        if not line.startswith("#")
    }
    pinned = {package for package, _ in pins(folder / "requirements.txt")}
    assert wanted <= pinned
    assert LEFT_OUT not in pinned
