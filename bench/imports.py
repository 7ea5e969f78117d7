"""CPU that a cold start spends on imports, against the libraries it cannot do without.

Each in fresh processes, and alternating, so that a busy machine slows all alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

from bench.measured import Row
from local.serve import ROOT

RUNS = 7
MOST_RATIO = 1.5  # of an import of ours to the floor
GATED = ("query handler", "ingest handler")  # what Lambda imports before the first event
FLOOR = "import fastapi, boto3, qdrant_client"
CLIENTS = (
    "boto3.client('s3'); boto3.client('bedrock-runtime'); boto3.resource('dynamodb')\n"
    "qdrant_client.QdrantClient('http://127.0.0.1:9', check_compatibility=False)"
)
CASES = {
    "fastapi + boto3 + qdrant_client (floor)": FLOOR,
    "the floor, with their clients made": f"{FLOOR}\n{CLIENTS}",
    "query handler": "import lambdas.query.handler as h; h._adapter()",
    "query handler, ready to search": (
        "import lambdas.query.handler as h; h._adapter()\n"
        "from askbucket import wiring_answers; wiring_answers.retriever()"
    ),
    "query handler, ready to answer": (
        "import lambdas.query.handler as h; h._adapter()\n"
        "from askbucket import wiring_answers; wiring_answers.answering()"
    ),
    "ingest handler": "import lambdas.ingest.handler",
    "ingest handler, ready to index": (
        "import lambdas.ingest.handler\nfrom askbucket import wiring_ingest; wiring_ingest.sync()"
    ),
}
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
    seconds: dict[str, list[float]] = {what: [] for what in CASES}
    for _ in range(RUNS):
        for what, code in CASES.items():
            seconds[what].append(_cpu_seconds(code))
    middle = {what: statistics.median(times) for what, times in seconds.items()}
    floor = next(iter(middle.values()))
    return [_row(what, took, took / floor) for what, took in middle.items()]


def _row(what: str, took: float, ratio: float) -> Row:
    gated = what in GATED
    told = f"{ratio:.2f} x the floor" + (f"; must stay below {MOST_RATIO:g} x" if gated else "")
    return Row(what, f"{took * 1000:.0f} ms", "", told, gated and ratio >= MOST_RATIO)


def _cpu_seconds(code: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(code)],
        cwd=ROOT,
        env=_environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{code!r} failed:\n{done.stderr}")
    return float(done.stdout)


def _environment() -> dict[str, str]:
    """A function's own settings, with none that an earlier benchmark left in this process."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ASKBUCKET_", "AWS_"))}
    return kept | ENVIRONMENT
