"""The layers that ship, built for this machine's processor, under functions that have no others."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.bundling import PYTHON, target_python
from local.serve import ROOT
from local.stack import OfflineStack
from tests.e2e.driver import Driver

SAMPLES = ROOT / "samples"
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
EMULATOR_ALONE = "ministack"


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter of Lambda's version with the emulator and nothing of ours."""
    interpreter = target_python()
    if interpreter is None:
        pytest.skip(f"no Python {PYTHON}, the functions' version, is on this machine")
    if sys.platform != "linux":
        pytest.skip("Lambda's packages are for Linux")
    folder = tmp_path_factory.mktemp("bare")
    uv = Path(sys.executable).parent / "uv"
    pins = ROOT / "requirements.txt"
    subprocess.run([uv, "venv", "--quiet", "--python", interpreter, folder], check=True)
    python = folder / "bin" / "python"
    install = [uv, "pip", "install", "--quiet", "--python", python, "-c", pins, EMULATOR_ALONE]
    subprocess.run(install, check=True)
    return python


@pytest.fixture(scope="module")
def stack(bare_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    context = {"layers": "bundled", "arch": ARCHITECTURES[platform.machine()]}
    data = tmp_path_factory.mktemp("layers")
    with OfflineStack(data, context=context, workers_python=bare_python) as running:
        driver = Driver.of(running.running)
        yield driver
        driver.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "question", "page", "words"),
    [
        ("handbook.pdf", "How much is the deposit for boat shed B?", 3, "510 pounds"),
        ("scan.pdf", "Who inspected the bridge?", 1, "Ingrid Solheim"),
        ("notice.html", "What was the surplus of 2025?", None, "8,730 pounds"),
    ],
)
def test_functions_index_and_answer_with_their_layers_alone(
    stack: Driver, name: str, question: str, page: int | None, words: str
) -> None:
    # given
    version = stack.put(name, (SAMPLES / name).read_bytes())
    stack.ready(name, version, within_s=120)
    # when
    answer = stack.ask(question, gateway=True, document=name)
    # then
    quotes = [(cite["page"], cite["quote"]) for cite in answer["citations"]]
    assert any(words in quote and where == page for where, quote in quotes), answer
