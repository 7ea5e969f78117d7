"""Who may import whom (DESIGN.md, section 2), and that importing does nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "shared" / "python" / "askbucket"
FOLDERS = ("lambdas", "local", "infra", "evals")  # modules of ours beside the package
OURS = ("askbucket", *FOLDERS)
WIRING = tuple(
    f"askbucket.wiring{part}" for part in ("", "_answers", "_chat", "_ingest", "_questions")
)


def modules() -> list[Path]:
    """Every source file of ours."""
    rest = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return sorted([*PACKAGE.rglob("*.py"), *rest])


def name_of(path: Path) -> str:
    """`askbucket.ingest.sync`."""
    base = PACKAGE.parent if path.is_relative_to(PACKAGE) else ROOT
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports anywhere in it, by full name; each once."""
    seen = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            seen.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            module = node.module or ""
            seen.update(f"{module}.{alias.name}" for alias in node.names)
    yield from sorted(name for name in seen if name.partition(".")[0] in OURS)


def inside(name: str, *places: str) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def fault_of(importer: str, imported: str) -> str | None:  # noqa: PLR0911  (a table of rules)
    """The rule that the import breaks."""
    if inside(importer, "askbucket") and not inside(imported, "askbucket"):
        return "the package knows nothing of its users"
    if inside(importer, "askbucket.models", "askbucket.errors", "askbucket.log"):
        return "nouns, errors and log import nothing of ours"
    if inside(importer, "askbucket.ingest") and inside(imported, "askbucket.answer"):
        return "ingest and answer do not know each other"
    if inside(importer, "askbucket.answer") and inside(imported, "askbucket.ingest"):
        sparse = inside(imported, "askbucket.ingest.sparse")
        return None if sparse else "answer takes only the sparse vectors of ingest"
    if inside(imported, *WIRING, "askbucket.settings"):
        known = inside(importer, *WIRING, "lambdas", "local", "evals")
        return None if known else "only wiring and what is above it knows wiring and settings"
    if inside(imported, "askbucket.stores.qdrant"):
        return None if inside(importer, *WIRING) else "only wiring chooses a store"
    if inside(importer, "askbucket.stores"):
        ports = ("askbucket.models", "askbucket.errors", "askbucket.stores")
        return None if inside(imported, *ports) else "a store knows ports, models and errors"
    if inside(importer, "infra") and not inside(imported, "infra"):
        return "infra knows paths only"
    if inside(importer, "lambdas") and inside(imported, "local", "infra", "evals"):
        return "handlers know the package only"
    return None


def test_every_import_follows_the_rule() -> None:
    faults = [
        f"{name_of(path)} imports {imported}: {fault}"
        for path in modules()
        for imported in imports(path)
        if (fault := fault_of(name_of(path), imported))
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("askbucket.ingest.sync", "lambdas.ingest.handler"),
        ("askbucket.models", "askbucket.errors"),
        ("askbucket.ingest.sync", "askbucket.answer.quotes"),
        ("askbucket.answer.retrieval", "askbucket.ingest.chunking"),
        ("askbucket.stores.qdrant", "askbucket.settings"),
        ("askbucket.stores.qdrant", "askbucket.manifest"),
        ("askbucket.ingest.staging", "askbucket.stores.qdrant"),
        ("lambdas.query.app", "askbucket.stores.qdrant"),
        ("askbucket.manifest", "askbucket.wiring"),
        ("askbucket.answer.answering", "askbucket.wiring_chat"),
        ("infra.stack", "askbucket.settings"),
        ("infra.stack", "local.stack"),
        ("lambdas.sweep.handler", "local.stack"),
    ],
)
def test_a_broken_rule_is_seen(importer: str, imported: str) -> None:
    assert fault_of(importer, imported)


def test_nothing_in_the_package_but_settings_reads_the_environment() -> None:
    """Settings do so through pydantic; handlers may."""
    readers = [
        name_of(path)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os")
    ]
    assert set(readers) <= {"askbucket.wiring_ingest"}


def test_package_folders_hold_no_code_of_their_own() -> None:
    for path in modules():
        if path.name == "__init__.py":
            assert path.read_text() == "", name_of(path)


WATCHED = """
import os, sys, importlib
import boto3, botocore.session

class Watched(dict):
    read = []
    def __getitem__(self, key): Watched.read.append(key); return super().__getitem__(key)
    def get(self, key, default=None): Watched.read.append(key); return super().get(key, default)
    def __contains__(self, key): Watched.read.append(key); return super().__contains__(key)
    def __iter__(self): Watched.read.append("ASKBUCKET_*"); return super().__iter__()
    def items(self): Watched.read.append("ASKBUCKET_*"); return super().items()

def refuse(*args, **kwargs):
    raise SystemExit("a boto3 client is made at import")

boto3.client = boto3.resource = refuse
botocore.session.Session.create_client = refuse
names = sys.argv[1:]
real = os.environ
for name in names:
    importlib.import_module(name)  # what libraries read at import is theirs
for name in [each for each in sys.modules if each.split(".")[0] in ("askbucket", "lambdas")]:
    del sys.modules[name]
os.environ = Watched(real)
for name in names:
    importlib.import_module(name)
read = sorted({each for each in Watched.read if each.startswith("ASKBUCKET_")})
print(",".join(read) or "nothing")
"""


def test_importing_every_module_does_nothing() -> None:
    """No boto3 client is made, and no setting is read, with no variable set at all."""
    names = [
        name_of(path)
        for path in modules()
        if path.name != "__init__.py" and inside(name_of(path), "askbucket", "lambdas")
    ]
    run = subprocess.run(
        [sys.executable, "-c", WATCHED, *names],
        env={"PYTHONPATH": f"{PACKAGE.parent}:{ROOT}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout.strip()) == (0, "nothing"), run.stderr
