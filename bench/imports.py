"""CPU that a cold start spends on imports, against the libraries it cannot do without.

Each in fresh processes, and alternating, so that a busy machine slows all alike. As they ship:
libraries are compiled before the first run that counts, our own code is compiled in every run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.layers import OURS
from bench.measured import Row
from local.serve import ROOT

RUNS = 7
MOST_RATIO = 1.5  # of ours to its floor
FLOOR = "import fastapi, boto3, qdrant_client"
CLIENTS = (
    "boto3.client('s3'); boto3.client('bedrock-runtime'); boto3.resource('dynamodb')\n"
    "qdrant_client.QdrantClient('http://127.0.0.1:9', check_compatibility=False)"
)
QUERY = "import lambdas.query.handler as h; h._adapter()"
INGEST = "import lambdas.ingest.handler"
SEARCHING = f"{QUERY}\nfrom askbucket import wiring_answers as w; w.retriever()"
ANSWERING = f"{QUERY}\nfrom askbucket import wiring_answers as w; w.answering()"
INDEXING = f"{INGEST}\nfrom askbucket import wiring_ingest as w; w.sync()"


@dataclass(frozen=True, slots=True)
class Case:
    """What a fresh process runs, and what it is held against: an earlier case's name."""

    what: str
    code: str
    note: str
    floor: str = ""
    gated: bool = True


CASES = (
    Case("imports", FLOOR, "the floor: fastapi, boto3 and qdrant_client alone"),
    Case("imports and clients", f"{FLOOR}\n{CLIENTS}", "the floor, and clients made of them"),
    Case("query handler", QUERY, "all that Lambda imports before the first event", "imports"),
    Case("ingest handler", INGEST, "all that Lambda imports before the first event", "imports"),
    Case("ready to search", SEARCHING, "and what the first search needs", "imports and clients"),
    Case("ready to index", INDEXING, "and what the first file needs", "imports and clients"),
    Case(
        "ready to answer",
        ANSWERING,
        "and langchain-aws; no limit: `snapstart` restores it",
        "imports and clients",
        gated=False,
    ),
)
TIMED = "import time\nbegan = time.process_time()\n{}\nprint(time.process_time() - began)"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "ASKBUCKET_BUCKET": "bench",
    "ASKBUCKET_ARTIFACTS_BUCKET": "bench-artifacts",
    "ASKBUCKET_TABLE": "bench",
    "ASKBUCKET_OCR_TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:bench",
    "ASKBUCKET_OCR_ROLE_ARN": "arn:aws:iam::000000000000:role/bench",
    "ASKBUCKET_STORE": "qdrant+http://127.0.0.1:9/bench",
}


def rows() -> list[Row]:
    with _compiled() as environment:
        times = [[_cpu_seconds(case, environment) for case in CASES] for _ in range(RUNS)]
    middle = [statistics.median(each) for each in zip(*times, strict=True)]
    took = {case.what: seconds for case, seconds in zip(CASES, middle, strict=True)}
    return [_row(case, took) for case in CASES]


def _row(case: Case, took: dict[str, float]) -> Row:
    seconds = f"{took[case.what] * 1000:.0f} ms"
    if not case.floor:
        return Row(case.what, seconds, "", case.note)
    ratio = took[case.what] / took[case.floor]
    limit = f", must stay below {MOST_RATIO:g} x" if case.gated else ""
    told = f"{ratio:.2f} x {case.floor}{limit}; {case.note}"
    return Row(case.what, seconds, "", told, case.gated and ratio >= MOST_RATIO)


@contextmanager
def _compiled() -> Iterator[dict[str, str]]:
    """An environment in which the libraries of all cases have been compiled."""
    with tempfile.TemporaryDirectory(prefix="askbucket-bench-") as folder:
        environment = _environment() | {"PYTHONPYCACHEPREFIX": folder}
        for case in CASES:
            _cpu_seconds(case, environment)
        for ours in OURS:
            shutil.rmtree(Path(folder, *ours.parts[1:]))
        yield environment | {"PYTHONDONTWRITEBYTECODE": "1"}


def _cpu_seconds(case: Case, environment: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(case.code)],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{case.what!r} failed:\n{done.stderr}")
    return float(done.stdout)


def _environment() -> dict[str, str]:
    """A function's own settings, with none that an earlier benchmark left in this process."""
    left_out = ("ASKBUCKET_", "AWS_", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    return kept | ENVIRONMENT
