"""Context values are checked before anything is built, and refused in plain words."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.config import BadContext, Config

ROOT = Path(__file__).parents[2]


def test_an_empty_context_is_a_whole_configuration() -> None:
    nothing: dict[str, str] = {}
    config = Config.from_context(nothing.get)
    assert config == Config()
    assert (config.arch, config.layers, config.max_concurrency) == ("arm64", "bundled", 10)


def test_text_from_the_command_line_becomes_typed_values() -> None:
    given = {"max_concurrency": "2", "api_log_role": "False", "noncurrent_days": 7}
    config = Config.from_context(given.get)
    assert (config.max_concurrency, config.api_log_role, config.noncurrent_days) == (2, False, 7)


def test_artifacts_are_named_after_a_named_bucket_only() -> None:
    assert Config(bucket_name="askbucket").artifacts_name == "askbucket-artifacts"
    assert Config(bucket="mine").artifacts_name is None


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("arch", "arm", "arch='arm' is not one of arm64, x86_64"),
        ("layers", "none", "not one of bundled, venv"),
        ("max_concurrency", "1", "max_concurrency=1 is outside 2 to 1000"),
        ("max_concurrency", "many", "not a whole number"),
        ("log_retention_days", "31", "log_retention_days=31 is not one of"),
        ("noncurrent_days", "0", "outside 1 to"),
        ("chunk_chars", "99", "chunk_chars=99 is outside 100 to"),
        ("chunk_overlap_chars", "1000", "chunk_overlap_chars=1000 is outside 0 to 999"),
        ("ocr_features", "invoices/=tabels", "'invoices/=tabels' is no rule PREFIX=FEATURES"),
        ("ocr_features", "tables", "or none; pass, for example"),
        ("throttle_rate", "0", "outside 1 to"),
        ("api_log_role", "maybe", "not one of true, false"),
        ("embedder", "titan", "'titan' is not a Bedrock model"),
        ("chat_model", "arn:aws:bedrock:x", "is not a Bedrock model"),
        ("chat_model", "us.*", "is not a Bedrock model"),
        ("store", "https://host:6333/c", "pass -c store=qdrant"),
        ("store", "qdrant+https://host:6333", "is not a store URL"),
        ("store", "qdrant+https://u:p@host/c", "StoreKey secret"),
        ("langfuse_url", "cloud.langfuse.com", "not an http(s) URL"),
    ],
)
def test_a_bad_value_is_named_with_the_way_out(key: str, value: str, said: str) -> None:
    with pytest.raises(BadContext) as refused:
        Config.from_context({key: value}.get)
    assert said in str(refused.value)


def test_an_existing_and_a_new_bucket_exclude_each_other() -> None:
    with pytest.raises(BadContext, match="only one of them"):
        Config(bucket="a", bucket_name="b")


def test_the_app_ends_with_the_reason_and_no_stack_trace() -> None:
    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={"CDK_CONTEXT_JSON": '{"arch": "arm"}', "PATH": "/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "askbucket: context arch='arm' is not one of arm64, x86_64"
