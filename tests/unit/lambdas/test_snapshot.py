"""A snapshot holds code and nothing else, and its copies do not repeat each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
# Stands for the module of Lambda's runtime; the hooks run as Lambda runs them.
RUNTIME = """
import sys, types
hooks = types.ModuleType("snapshot_restore_py")
hooks.before, hooks.after = [], []
hooks.register_before_snapshot = lambda f, *a: hooks.before.append((f, a))
hooks.register_after_restore = lambda f, *a: hooks.after.append((f, a))
sys.modules["snapshot_restore_py"] = hooks
def run(calls):
    for call, arguments in calls:
        call(*arguments)
import lambdas.query.handler as handler
from askbucket import once, wiring, wiring_answers
run(hooks.before)
"""
COPIES = """
import random
{renew}
state, seen = random.getstate(), []
for _ in range(2):
    random.setstate(state)  # as every copy begins
    renew()
    seen.append(random.getrandbits(64))
print(len(set(seen)))
"""


def ran(program: str) -> str:
    """What a fresh process printed that has no environment variable of ours, and no network."""
    cut_off = "import socket\nsocket.socket.connect = None\n"
    paths = [str(ROOT), str(ROOT / "layers" / "shared" / "python")]
    start = f"import sys\nsys.path[:0] = {paths!r}\n{cut_off}"
    done = subprocess.run(
        [sys.executable, "-c", start + RUNTIME + program],
        env={"PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_snapshot_holds_no_client_setting_or_session() -> None:
    program = """
import boto3
made = [part.__name__ for part in once.PARTS if part.cache_info().currsize]
print(made, boto3.DEFAULT_SESSION, handler._adapter.cache_info().currsize)
"""
    assert ran(program) == "[] None 1"


def test_a_snapshot_holds_the_code_an_answer_needs_but_not_langfuse() -> None:
    program = """
print(all(n in sys.modules for n in ("langchain_aws", "qdrant_client", "fastapi", "botocore")),
      "langfuse" in sys.modules)
"""
    assert ran(program) == "True False"


def test_nothing_is_imported_later_for_an_answer() -> None:
    program = """
import os
os.environ.update(
    ASKBUCKET_BUCKET="b", ASKBUCKET_ARTIFACTS_BUCKET="a", ASKBUCKET_TABLE="t",
    ASKBUCKET_STORE="qdrant+http://127.0.0.1:9/c", AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
)
before = set(sys.modules)
wiring_answers.answering()
print(sorted(n for n in set(sys.modules) - before if n.startswith("askbucket.")))
"""
    assert ran(program) == "[]"


def test_copies_of_a_snapshot_draw_different_numbers() -> None:
    renew = "def renew(): run(hooks.after)"
    assert ran(COPIES.format(renew=renew)) == "2"


def test_without_the_hook_they_would_repeat_each_other() -> None:
    assert ran(COPIES.format(renew="def renew(): pass")) == "1"


def test_after_a_restore_everything_is_made_anew() -> None:
    program = """
import os
os.environ.update(ASKBUCKET_BUCKET="b", ASKBUCKET_TABLE="t", ASKBUCKET_STORE="qdrant+http://h/c")
old = wiring.settings()
run(hooks.after)
print(wiring.settings() is old)
"""
    assert ran(program) == "False"
