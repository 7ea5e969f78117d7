"""What the template promises about storage, events and queues; one test per promise."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.reading import (
    denies_plain_http,
    named,
    only,
    resources,
    statements,
    text,
)

Template = dict[str, Any]


def documents(template: Template) -> Template:
    return named(template, "AWS::S3::Bucket", "Documents")[1]


def test_document_bucket_keeps_versions_for_thirty_days(template: Template) -> None:
    properties = documents(template)["Properties"]
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["ExpiredObjectDeleteMarker"] is True


def test_document_bucket_sends_to_eventbridge_without_a_custom_resource(template: Template) -> None:
    notification = documents(template)["Properties"]["NotificationConfiguration"]
    assert notification == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert not [r for r in template["Resources"].values() if r["Type"].startswith("Custom::")]
    assert len(resources(template, "AWS::Lambda::Function")) == 5


def test_both_buckets_are_encrypted_private_and_kept(template: Template) -> None:
    buckets = resources(template, "AWS::S3::Bucket")
    assert len(buckets) == 2
    for bucket in buckets.values():
        properties = bucket["Properties"]
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["DeletionPolicy"] == "Retain"


def test_artifacts_bucket_sends_no_events(template: Template) -> None:
    properties = named(template, "AWS::S3::Bucket", "Artifacts")[1]["Properties"]
    assert "NotificationConfiguration" not in properties


@pytest.mark.parametrize(
    ("kind", "policy", "field"),
    [
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
    ],
)
def test_nothing_is_reached_without_tls(
    template: Template, kind: str, policy: str, field: str
) -> None:
    protected = {
        logical_id
        for logical_id in resources(template, kind)
        for p in resources(template, policy).values()
        if f'"{logical_id}"' in text(p["Properties"][field])
        and any(denies_plain_http(s) for s in p["Properties"]["PolicyDocument"]["Statement"])
    }
    assert protected == set(resources(template, kind))
    assert protected


def test_a_fixed_bucket_name_names_both_buckets(synthesise: Any) -> None:
    template = synthesise(bucket_name="askbucket")
    names = {r["Properties"]["BucketName"] for r in resources(template, "AWS::S3::Bucket").values()}
    assert names == {"askbucket", "askbucket-artifacts"}


def test_an_existing_bucket_is_used_and_not_made(synthesise: Any) -> None:
    template = synthesise(bucket="mine")
    rule = named(template, "AWS::Events::Rule", "BucketEvents")[1]["Properties"]
    arns = text(list(statements(template)))
    assert list(resources(template, "AWS::S3::Bucket")) == ["ArtifactsBucket88671897"]
    assert rule["EventPattern"]["detail"] == {"bucket": {"name": ["mine"]}}
    assert ":s3:::mine" in arns
    assert ":s3:::mine/*" in arns
    assert template["Outputs"]["BucketName"]["Value"] == "mine"


def test_the_rule_takes_every_change_of_this_bucket_only(template: Template) -> None:
    pattern = named(template, "AWS::Events::Rule", "BucketEvents")[1]["Properties"]["EventPattern"]
    assert pattern == {
        "source": ["aws.s3"],
        "detail-type": [
            "Object Created",
            "Object Deleted",
            "Object Tags Added",
            "Object Tags Deleted",
        ],
        "detail": {"bucket": {"name": [{"Ref": named(template, "AWS::S3::Bucket", "Doc")[0]}]}},
    }


def test_an_event_is_retried_a_day_and_then_kept(template: Template) -> None:
    (target,) = named(template, "AWS::Events::Rule", "BucketEvents")[1]["Properties"]["Targets"]
    queue, dead_letters = (
        named(template, "AWS::SQS::Queue", prefix)[0]
        for prefix in ("DocumentHintsQueue", "DocumentHintsDeadLetters")
    )
    assert target["Arn"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [dead_letters, "Arn"]}}
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 24 * 60 * 60


@pytest.mark.parametrize("work", ["DocumentHints", "CompletionHints"])
def test_hints_are_tried_five_times_and_kept_fourteen_days(template: Template, work: str) -> None:
    queue = named(template, "AWS::SQS::Queue", f"{work}Queue")[1]["Properties"]
    dead_id, dead = named(template, "AWS::SQS::Queue", f"{work}DeadLetters")
    assert queue["VisibilityTimeout"] == 330
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead_id, "Arn"]},
        "maxReceiveCount": 5,
    }
    for properties in (queue, dead["Properties"]):
        assert properties["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
        assert properties["SqsManagedSseEnabled"] is True


def test_textract_reports_raw_through_a_role_that_can_do_nothing_else(template: Template) -> None:
    subscription = only(template, "AWS::SNS::Subscription")["Properties"]
    role_id, role = named(template, "AWS::IAM::Role", "Ocr")
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    (grant,) = statements(template, role_id)
    topic, _ = named(template, "AWS::SNS::Topic", "Ocr")
    assert subscription["RawMessageDelivery"] is True
    assert trust["Principal"] == {"Service": "textract.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert (grant["Action"], grant["Resource"]) == ("sns:Publish", {"Ref": topic})


def test_manifest_is_on_demand_recoverable_and_kept(template: Template) -> None:
    table = named(template, "AWS::DynamoDB::Table", "Manifest")[1]
    properties = table["Properties"]
    recovery = properties["PointInTimeRecoverySpecification"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert recovery["PointInTimeRecoveryEnabled"] is True
    assert table["DeletionPolicy"] == "Retain"


def test_manifest_can_be_listed_by_key_and_by_due_time(template: Template) -> None:
    properties = named(template, "AWS::DynamoDB::Table", "Manifest")[1]["Properties"]
    types = {a["AttributeName"]: a["AttributeType"] for a in properties["AttributeDefinitions"]}

    def keys(schema: list[dict[str, str]]) -> list[str]:
        return [f"{k['AttributeName']} {types[k['AttributeName']]}" for k in schema]

    indexes = {i["IndexName"]: i for i in properties["GlobalSecondaryIndexes"]}
    assert keys(properties["KeySchema"]) == ["id S", "item S"]
    assert keys(indexes["by_key"]["KeySchema"]) == ["bucket S", "key S"]
    assert indexes["by_key"]["Projection"] == {"ProjectionType": "ALL"}
    assert keys(indexes["due"]["KeySchema"]) == ["waiting S", "due_at N"]
    assert indexes["due"]["Projection"] == {
        "ProjectionType": "INCLUDE",
        "NonKeyAttributes": ["bucket", "key"],
    }


def test_answers_expire_and_can_be_found_by_tenant(template: Template) -> None:
    table = named(template, "AWS::DynamoDB::Table", "Answers")[1]
    properties = table["Properties"]
    (index,) = properties["GlobalSecondaryIndexes"]
    assert properties["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }
    assert (index["IndexName"], index["Projection"]) == ("tenant", {"ProjectionType": "KEYS_ONLY"})
    assert index["KeySchema"] == [{"AttributeName": "tenant", "KeyType": "HASH"}]
    assert table["DeletionPolicy"] == "Delete"


def test_secrets_are_made_without_any_value_in_the_template(template: Template) -> None:
    made = resources(template, "AWS::SecretsManager::Secret").values()
    shapes = {s["Properties"]["GenerateSecretString"]["SecretStringTemplate"] for s in made}
    assert shapes == {'{"api_key": ""}', '{"public_key": "", "secret_key": ""}'}
    assert all("SecretString" not in s["Properties"] for s in made)


def test_outputs_are_what_the_command_line_reads(template: Template) -> None:
    assert set(template["Outputs"]) == {
        "BucketName",
        "ApiUrl",
        "QueueUrl",
        "CompletionsQueueUrl",
        "DeadLetterQueueUrls",
        "QuestionsQueueUrl",
        "QuestionsDeadLetterQueueUrl",
        "TableName",
        "AnswersTableName",
        "ArtifactsBucketName",
        "StoreSecretArn",
        "LangfuseSecretArn",
        "IngestFunction",
        "QueryFunction",
        "SweepFunction",
        "AlarmTopicArn",
    }


def test_cloudformation_itself_has_nothing_to_object_to(template: Template) -> None:
    path = Path(template["folder"]) / "Askbucket.template.json"
    known = "W3005"  # CDK writes dependencies out that a reference already makes
    lint = Path(sys.executable).parent / "cfn-lint"
    done = subprocess.run(
        [str(lint), "-i", known, "--", str(path)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
