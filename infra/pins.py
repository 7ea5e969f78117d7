"""`python -m infra.pins` writes every requirements file again from what it is made of."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
UV = str(Path(sys.executable).parent / "uv")
RUN = "requirements.txt"
DEVELOP = "requirements-dev.txt"
LAYERS = ("authorizer-deps", "ingest-deps", "query-deps", "openai-deps")

HEADERS = {
    DEVELOP: "# requirements.txt and the tools for tests, lint and types. "
    "Made by `make pins` from pyproject.toml.\n",
    RUN: "# Everything Askbucket runs on: the package, the offline stack and the CDK. "
    "Made by `make pins` from pyproject.toml.\n",
}
# LangChain's tracer compresses with it when it sends; we never let it send, and it weighs 21 MB.
LEFT_OUT = "zstandard"


def main() -> None:
    """Tools first: the other files are constrained to the versions chosen there."""
    project = ("--universal", "--python-version", "3.11", "pyproject.toml")
    _write(DEVELOP, HEADERS[DEVELOP], *project, "--all-extras")
    extras = ("--extra", "cdk", "--extra", "local")
    _write(RUN, HEADERS[RUN], *project, *extras, "-c", DEVELOP)
    for layer in LAYERS:
        _write(f"layers/{layer}/requirements.txt", _layer_header(layer), *_layer_arguments(layer))


def _layer_header(layer: str) -> str:
    return f"# The {layer} layer, without {LEFT_OUT}. Made by `make pins` from requirements.in.\n"


def _layer_arguments(layer: str) -> tuple[str, ...]:
    source = f"layers/{layer}/requirements.in"
    target = ("--universal", "--python-version", "3.13", "--generate-hashes")
    # The openai-deps layer lies over the query-deps layer, and holds nothing that is there already.
    below = _names("layers/query-deps/requirements.txt") if layer == "openai-deps" else []
    left_out = [part for name in (LEFT_OUT, *below) for part in ("--no-emit-package", name)]
    return (source, *target, *left_out, "-c", DEVELOP if below else RUN)


def _names(requirements: str) -> list[str]:
    """The packages of a requirements file, in its order."""
    lines = (ROOT / requirements).read_text().splitlines()
    return [line.partition("==")[0] for line in lines if "==" in line]


def _write(name: str, header: str, *arguments: str) -> None:
    path = ROOT / name
    # The old pins are read as preferences: only what has to move moves.
    kept = ("-o", name) if path.exists() else ()
    command = [UV, "pip", "compile", "--quiet", "--no-header", "--no-annotate", *arguments, *kept]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    path.write_text(header + (path.read_text() if kept else done.stdout))


if __name__ == "__main__":
    main()
