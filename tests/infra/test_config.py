"""Context values are checked before anything is built, and refused in plain words."""

import subprocess
import sys
from pathlib import Path

import pytest

from askbucket.model_ids import chat_model
from infra.checks import BadContext
from infra.config import Config

ROOT = Path(__file__).parents[2]
ARN = "arn:aws:bedrock:us-east-1:111122223333"


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
        ("cache", "redis://cache.example.com", "by TLS"),
        ("cache", "rediss://user:secret@cache.example.com", "belongs into the secret"),
        ("cache_secret", "my-secret", "no ARN"),
        ("callback_hosts", "https://hooks.example.com", "no HOST or HOST:PORT"),
        ("callback_hosts", "*", "no HOST or HOST:PORT"),
        ("max_concurrency", "1", "max_concurrency=1 is outside 2 to 1000"),
        ("max_concurrency", "many", "not a whole number"),
        ("log_retention_days", "31", "log_retention_days=31 is not one of"),
        ("noncurrent_days", "0", "outside 1 to"),
        ("chunk_chars", "99", "chunk_chars=99 is outside 100 to"),
        ("chunk_overlap_chars", "1000", "chunk_overlap_chars=1000 is outside 0 to 999"),
        ("ocr_features", "invoices/=tabels", "'invoices/=tabels' is no rule PREFIX=FEATURES"),
        ("ocr_features", "tables", "or none; pass, for example"),
        ("throttle_rate", "0", "outside 1 to"),
        ("auth", "none", "auth='none' is not one of iam, jwt, api_key"),
        ("jwt_issuer", "https://i.example", "need auth=jwt; auth is iam"),
        ("cors_origins", "*", "'*' is not an origin"),
        ("cors_origins", "https://a.example/", "'https://a.example/' is not an origin"),
        ("cors_origins", "http://a.example", "is not an origin; pass, for example"),
        ("cors_origins", "https://a.example,null", "'null' is not an origin"),
        ("caller_per_minute", "100001", "outside 0 to"),
        ("key_per_month", "0", "outside 1 to"),
        ("metrics", "prometheus", "metrics='prometheus' is not one of emf, off"),
        ("alarms", "many", "alarms='many' is not one of few, all, none"),
        ("alarm_email", "me", "alarm_email='me' is no address"),
        ("daily_usd_alarm", "-1", "not a whole number"),
        ("log_level", "loud", "not one of debug, info, warning, error"),
        ("api_log_role", "maybe", "not one of true, false"),
        ("embedder", "titan", "'titan' is not a Bedrock model"),
        ("chat_model", "arn:aws:bedrock:x", "is not a Bedrock model"),
        ("chat_model", "us.*", "is not a Bedrock model"),
        ("chat_models", "a.b,llama3.1@models.example", "'llama3.1@models.example' is not a"),
        ("chat_models", "a.b=c.d", "'a.b=c.d' is not a Bedrock model"),
        ("chat_models", f"{ARN}:application-inference-profile/x", "nor ID=ARN for an application"),
        ("guardrail", "abcd1234", "'abcd1234' is no ID:VERSION"),
        ("guardrail", "abcd1234:latest", "or DRAFT as the version"),
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


@pytest.mark.parametrize(
    "model",
    [
        "amazon.nova-pro-v1:0",
        f"{ARN}:inference-profile/us.amazon.nova-lite-v1:0",
        f"us.amazon.nova-lite-v1:0={ARN}:application-inference-profile/ab12cd34ef56",
        "llama3.1:8b@http://10.0.0.5:11434/v1",
        "meta-llama/Llama-3.3-70B-Instruct@https://router.huggingface.co/v1",
    ],
)
def test_what_the_package_takes_for_a_chat_model_the_context_takes_too(model: str) -> None:
    assert chat_model(model)
    assert Config(chat_models=model).every_chat_model[1:] == (model,)


def test_a_guardrail_and_a_server_s_model_exclude_each_other() -> None:
    with pytest.raises(BadContext, match="give up one of the two"):
        Config(guardrail="abcd1234:1", chat_model="llama3.1@http://host/v1")


@pytest.mark.parametrize(
    ("issuer", "audience", "said"),
    [
        ("https://i.example", "", "go together"),
        ("", "app", "go together"),
        ("http://i.example", "app", "is not an https URL"),
        ("https://i.example?a=b", "app", "is not an https URL"),
    ],
)
def test_a_token_s_issuer_is_https_and_comes_with_an_audience(
    issuer: str, audience: str, said: str
) -> None:
    with pytest.raises(BadContext, match=said):
        Config(auth="jwt", jwt_issuer=issuer, jwt_audience=audience)


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
