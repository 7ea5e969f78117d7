"""A security finding nobody gave a reason for stops synthesis."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from infra.config import Config
from infra.rules import check_with_nag
from infra.stack import AskbucketStack


def stack_in(folder: Path, config: Config) -> tuple[cdk.App, AskbucketStack]:
    app = cdk.App(outdir=str(folder), context={"aws:cdk:bundling-stacks": []})
    stack = AskbucketStack(app, "Askbucket", config=config)
    check_with_nag(app)
    return app, stack


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(bucket="mine", reranker="amazon.rerank-v1:0"),
        Config(bucket_name="askbucket", layers="venv"),
        Config(chat_models="llama3.1@https://models.example/v1"),
        Config(guardrail="abcd1234:1", chat_models="eu.a.b"),
        Config(auth="jwt"),
        Config(auth="jwt", xray=True),
        Config(auth="jwt", jwt_issuer="https://issuer.example", jwt_audience="app", waf=True),
        Config(auth="api_key", cors_origins="https://a.example,https://b.example"),
        Config(cors_origins="https://a.example", waf=True, stage="prod"),
        Config(
            alarms="all",
            alarm_email="me@example.org",
            daily_usd_alarm=20,
            dashboard=True,
            xray=True,
            reranker="amazon.rerank-v1:0",
        ),
        Config(alarms="none", metrics="off"),
        Config(api_log_role=False, arch="x86_64", chat_model="global.a.b"),
        Config(qdrant="ec2", keep="none"),
    ],
)
def test_the_stack_passes_in_every_shape(tmp_path: Path, config: Config) -> None:
    app, _ = stack_in(tmp_path, config)
    app.synth()
    assert (tmp_path / "Askbucket.template.json").exists()


def test_an_open_bucket_stops_synthesis(tmp_path: Path) -> None:
    app, stack = stack_in(tmp_path, Config())
    s3.Bucket(stack, "Planted")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    assert "AwsSolutions-S10" in (tmp_path / "validation-report.json").read_text()


def test_a_wildcard_in_an_existing_role_stops_synthesis(tmp_path: Path) -> None:
    app, stack = stack_in(tmp_path, Config())
    role = stack.node.find_child("IngestSide").node.find_child("Ingest").node.find_child("Role")
    assert isinstance(role, iam.Role)
    role.add_to_policy(iam.PolicyStatement(actions=["s3:*"], resources=["*"]))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    assert "IAM5[Action::s3:*]" in (tmp_path / "validation-report.json").read_text()
