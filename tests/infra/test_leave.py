"""Leaving empties the buckets that go with the stack, and touches no other."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.leave import Protected, emptied, leaving


class Deployed:
    """CloudFormation as far as leaving asks it."""

    def __init__(self, policies: dict[str, str], *, protected: bool = False) -> None:
        self._policies = policies
        self._protected = protected

    def describe_stacks(self, **_: str) -> Any:
        return {"Stacks": [{"EnableTerminationProtection": self._protected}]}

    def get_template(self, **_: str) -> Any:
        return {
            "TemplateBody": {
                "Resources": {name: {"DeletionPolicy": p} for name, p in self._policies.items()}
            }
        }

    def describe_stack_resources(self, **_: str) -> Any:
        made = [("AWS::S3::Bucket", name) for name in self._policies]
        made.append(("AWS::SQS::Queue", "Queue"))
        return {
            "StackResources": [
                {
                    "ResourceType": kind,
                    "LogicalResourceId": name,
                    "PhysicalResourceId": name.lower(),
                }
                for kind, name in made
            ]
        }


def test_only_buckets_that_go_are_emptied() -> None:
    stack = Deployed({"Documents": "Retain", "Artifacts": "Delete"})
    assert leaving(stack, "Askbucket") == ["artifacts"]


def test_a_protected_stack_loses_nothing() -> None:
    with pytest.raises(Protected, match="termination_protection=false"):
        leaving(Deployed({"Artifacts": "Delete"}, protected=True), "Askbucket")


@mock_aws
def test_old_versions_and_delete_markers_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3 = boto3.client("s3", aws_access_key_id="a", aws_secret_access_key="b")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket="bucket", Key="one", Body=b"x")
    s3.delete_object(Bucket="bucket", Key="one")
    assert emptied(s3, "bucket") == 3
    s3.delete_bucket(Bucket="bucket")
    assert emptied_names(s3) == []


def emptied_names(s3: Any) -> list[str]:
    return [each["Name"] for each in s3.list_buckets()["Buckets"]]
