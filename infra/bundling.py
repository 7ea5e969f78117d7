"""A Lambda layer's packages, built on this machine: uv resolves for the target, without Docker.

uv and not pip: pip evaluates environment markers for the machine it runs on, not for the target.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import BundlingOptions, ILocalBundling

PYTHON = "3.13"
# Lambda's Amazon Linux 2023 has glibc 2.34; every package here has a wheel for 2.28 or older.
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
# botocore describes some 400 services; these are the ones a function of ours makes a client for.
SERVICES = {"bedrock", "bedrock-agent-runtime", "bedrock-runtime", "textract"}
SERVICES |= {"dynamodb", "s3", "secretsmanager", "sns", "sqs", "sts"}
USELESS_FOLDERS = ("**/tests", "**/test", "**/include", "bin")  # bin names the host's Python
USELESS_FILES = (
    *("*.pyi", "*.h", "*.hpp", "*.pxd", "*.pyx", "RECORD", "py.typed", ".lock"),
    "olefile2.py",  # for Python 2: it cannot even be compiled
)


@jsii.implements(ILocalBundling)
class UvBundling:
    """Fills `python/` of a layer from hash-pinned requirements; equal inputs give equal bytes."""

    def __init__(self, *, requirements: Path, arch: str) -> None:
        self._requirements = requirements
        self._arch = arch

    def fingerprint(self) -> str:
        """Changes with the pins, the target, this file, and whether .pyc files can be made."""
        digest = hashlib.sha256()
        for part in (self._requirements.read_bytes(), Path(__file__).read_bytes()):
            digest.update(hashlib.sha256(part).digest())
        digest.update(f"{self._arch} {PYTHON} {target_python() is not None}".encode())
        return digest.hexdigest()

    def try_bundle(self, output_dir: str, options: BundlingOptions | None = None, **_: Any) -> bool:
        """True always: a failure raises, so that CDK never falls back to Docker."""
        del options
        build_layer(self._requirements, self._arch, Path(output_dir) / "python")
        return True


def build_layer(requirements: Path, arch: str, target: Path) -> None:
    """The packages for Lambda in `target`, trimmed and byte-compiled."""
    uv = Path(sys.executable).parent / "uv"
    command = [str(uv), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--python-version", PYTHON, "--target", str(target)]
    command += ["--python-platform", PLATFORMS[arch], "--link-mode", "copy"]
    subprocess.run([*command, "-r", str(requirements)], check=True, stdout=sys.stderr)
    _trim(target)
    compile_packages(target, target_python())


def _trim(packages: Path) -> None:
    """Removes what no import reads. Half of botocore's 25 MB describes services we never call."""
    for library in ("boto3", "botocore"):
        for service in packages.glob(f"{library}/data/*/"):
            if service.name not in SERVICES:
                shutil.rmtree(service)
    for pattern in USELESS_FOLDERS:
        for folder in [f for f in packages.glob(pattern) if f.is_dir()]:
            shutil.rmtree(folder)
    for pattern in USELESS_FILES:
        for file in packages.rglob(pattern):
            file.unlink()


def compile_packages(packages: Path, python: str | None) -> None:
    """Adds .pyc files, which a read-only layer can never add itself: they halve the cold start.

    Unchecked-hash, because CDK's zip stamps every file 1980-01-01 and Python ignores .pyc files
    whose time stamp differs from the source's.
    """
    if python is None:
        sys.stderr.write(
            f"askbucket: no python{PYTHON} on this machine; layers ship without .pyc files "
            "(slower cold starts, otherwise the same)\n"
        )
        return
    # In one process: which strings a .pyc shares depends on what its process compiled before.
    command = [python, "-m", "compileall", "-q"]
    command += ["--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(packages), "-p", "/opt/python", str(packages)]
    subprocess.run(
        command, check=True, stdout=sys.stderr, env={**os.environ, "PYTHONHASHSEED": "0"}
    )


@cache
def target_python() -> str | None:
    """An interpreter of Lambda's version, on the PATH or one of pyenv's, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{PYTHON}"), sys.executable]
    found += [str(p) for p in sorted(pyenv.glob(f"{PYTHON}.*/bin/python{PYTHON}"), reverse=True)]
    return next((python for python in found if python and _version(python) == PYTHON), None)


def _version(python: str) -> str:
    """Asked, not read from the name: a pyenv shim exists for versions that are not switched on."""
    ask = [python, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(ask, check=False, capture_output=True, text=True)
    return done.stdout.strip()
