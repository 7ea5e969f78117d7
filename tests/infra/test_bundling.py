"""The layers as they would be uploaded: small, importable, equal every time, and of no machine."""

import hashlib
import platform
import subprocess
from pathlib import Path

import pytest

from infra.bundling import SERVICES, build_layer, compile_packages, target_python
from infra.pins import LAYERS

ROOT = Path(__file__).parents[2]
MIB = 2**20
LIMIT_MIB = 200  # Lambda takes 250 MB, function and layers together, unzipped
IMPORTS = {
    "authorizer-deps": "cryptography.hazmat.primitives.asymmetric.rsa, jwt",
    "ingest-deps": "boto3, langchain_text_splitters, langfuse, mmh3, numpy, "
    "defusedxml.ElementTree, olefile, openpyxl, oxmsg, py_rust_stemmers, pydantic_settings, "
    "pypdfium2, qdrant_client, striprtf.striprtf, textractcaller, "
    "textractor.parsers.response_parser",
    "query-deps": "boto3, fastapi, langchain_aws, langfuse, mangum, mmh3, py_rust_stemmers, "
    "pydantic_settings, qdrant_client, redis, uvicorn",
    "openai-deps": "langchain_openai",
}
pytestmark = pytest.mark.slow
needs_target_python = pytest.mark.skipif(
    target_python() is None, reason="no interpreter of Lambda's Python version here"
)


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every layer for the Lambda platform, name -> folder."""
    folder = tmp_path_factory.mktemp("layers")
    return {name: built(name, "arm64", folder / name) for name in LAYERS}


def built(name: str, arch: str, folder: Path) -> Path:
    build_layer(ROOT / "layers" / name / "requirements.txt", arch, folder / "python")
    return folder


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def size(*folders: Path) -> int:
    return sum(p.stat().st_size for folder in folders for p in files(folder))


def lying(name: str) -> list[str]:
    """The layer and the one it lies over."""
    return ["query-deps", name] if name == "openai-deps" else [name]


def digest(folder: Path) -> str:
    content = hashlib.sha256()
    for path in files(folder):
        content.update(f"{path.relative_to(folder)} ".encode())
        content.update(hashlib.sha256(path.read_bytes()).digest())
    return content.hexdigest()


@pytest.mark.parametrize("name", LAYERS)
def test_a_function_with_its_layers_stays_under_200_mib(layers: dict[str, Path], name: str) -> None:
    total = size(
        *(layers[each] for each in lying(name)), ROOT / "layers" / "shared", ROOT / "lambdas"
    )
    assert total < LIMIT_MIB * MIB, f"{name}: {total / MIB:.0f} MiB unzipped"


@pytest.mark.parametrize("name", LAYERS)
def test_native_code_is_for_the_lambda_processor(layers: dict[str, Path], name: str) -> None:
    native = [p for p in files(layers[name]) if p.suffix == ".so"]
    machines = {p.read_bytes()[18:20] for p in native}  # e_machine of an ELF header
    assert machines == {b"\xb7\x00"}  # 183: AArch64


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_names_nothing_of_the_machine_that_built_it(
    layers: dict[str, Path], name: str
) -> None:
    here = (str(ROOT).encode(), str(layers[name]).encode())
    assert not [p for p in files(layers[name]) if any(h in p.read_bytes() for h in here)]


@pytest.mark.parametrize("name", ["ingest-deps", "query-deps"])
def test_botocore_describes_only_the_services_in_use(layers: dict[str, Path], name: str) -> None:
    data = layers[name] / "python" / "botocore" / "data"
    assert {p.name for p in data.iterdir() if p.is_dir()} == SERVICES


@needs_target_python
def test_bytecode_is_never_checked_against_time_stamps(layers: dict[str, Path]) -> None:
    compiled = [p for p in files(layers["query-deps"]) if p.suffix == ".pyc"]
    flags = {p.read_bytes()[4:8] for p in compiled}
    assert len(compiled) > 1000
    assert flags == {b"\x01\x00\x00\x00"}  # PEP 552: hash-based, unchecked


@needs_target_python
def test_the_same_pins_give_the_same_bytes(layers: dict[str, Path], tmp_path: Path) -> None:
    assert digest(built("query-deps", "arm64", tmp_path)) == digest(layers["query-deps"])


@pytest.fixture(scope="module")
def importable(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every layer for this machine's processor, name -> folder."""
    if target_python() is None or platform.machine() != "x86_64":
        pytest.skip("needs an x86_64 interpreter of Lambda's Python version")
    folder = tmp_path_factory.mktemp("importable")
    return {name: built(name, "x86_64", folder / name) for name in LAYERS}


def imported(modules: str, *paths: Path) -> tuple[int, str]:
    """Exit code and errors of Lambda's Python that sees only these folders."""
    python = target_python()
    assert python is not None
    program = f"import sys; sys.path[:0] = {[str(p) for p in paths]!r}; import {modules}"
    command = [python, "-I", "-S", "-B", "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize("name", LAYERS)
def test_everything_still_imports_after_trimming(importable: dict[str, Path], name: str) -> None:
    folders = [importable[each] / "python" for each in lying(name)]
    assert imported(IMPORTS[name], *folders) == (0, "")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("lambdas.authorizer.handler", "authorizer-deps"),
        ("lambdas.ingest.handler", "ingest-deps"),
        ("lambdas.sweep.handler", "ingest-deps"),
        ("lambdas.answer.handler", "query-deps"),
        ("lambdas.query.handler", "query-deps"),
        ("lambdas.query.app", "query-deps"),
    ],
)
def test_a_handler_imports_from_its_layers_alone(
    importable: dict[str, Path], module: str, name: str
) -> None:
    ours = ROOT / "layers" / "shared" / "python"
    assert imported(module, ROOT, ours, importable[name] / "python") == (0, "")


def test_without_the_interpreter_one_line_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "module.py").write_text("")
    compile_packages(tmp_path, None)
    assert "layers ship without .pyc files" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.pyc"))
