"""The role of the workflows: for one repository's environments, and only to deploy."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infra.reading import only


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    import aws_cdk as cdk

    from infra.github import GithubStack
    from infra.rules import check_with_nag

    folder: Path = tmp_path_factory.mktemp("github")
    app = cdk.App(outdir=str(folder))
    GithubStack(app, "AskbucketGithub", repository="acme/docs")
    check_with_nag(app)
    app.synth()
    made: dict[str, Any] = json.loads((folder / "AskbucketGithub.template.json").read_text())
    return made


def test_only_the_environments_of_the_repository_may_take_the_role(
    template: dict[str, Any],
) -> None:
    role = only(template, "AWS::IAM::Role")["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    issuer = "token.actions.githubusercontent.com"
    assert statement["Condition"] == {
        "StringEquals": {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": [
                "repo:acme/docs:environment:dev",
                "repo:acme/docs:environment:production",
            ],
        }
    }


def test_the_role_can_only_take_the_bootstrap_roles(template: dict[str, Any]) -> None:
    policy = only(template, "AWS::IAM::Policy")["Properties"]["PolicyDocument"]
    (statement,) = policy["Statement"]
    assert statement["Action"] == "sts:AssumeRole"
    assert len(statement["Resource"]) == 3
    assert all(":role/cdk-hnb659fds-" in json.dumps(each) for each in statement["Resource"])
    assert "*" not in json.dumps(statement)


def test_no_function_is_hidden_in_it(template: dict[str, Any]) -> None:
    kinds = {each["Type"] for each in template["Resources"].values()}
    assert kinds == {"AWS::IAM::OIDCProvider", "AWS::IAM::Role", "AWS::IAM::Policy"}
